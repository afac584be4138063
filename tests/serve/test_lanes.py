"""Photos and clips side by side: nobody waits behind the other kind, and what is too much is sent away."""

from __future__ import annotations

import asyncio
import threading

import pytest

from home.serve_params import ServeParams
from serve.lanes import Lanes
from serve.problems import Problem


def test_a_photo_never_waits_behind_clips_and_too_many_are_sent_away() -> None:
    lanes = Lanes(ServeParams(photos_at_once=1, photos_waiting=1, clips_waiting=1))
    held = threading.Event()

    async def crowd() -> None:
        clips = [asyncio.create_task(lanes.clip(held.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refused:
            await lanes.clip(lambda: None)
        assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "10"})
        assert await lanes.photo(lambda: "seen") == "seen"
        photos = [asyncio.create_task(lanes.photo(held.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Problem):
            await lanes.photo(lambda: None)
        held.set()
        assert await asyncio.gather(*clips, *photos) == [True] * 4
        assert await lanes.photo(lambda: "again") == "again"

    asyncio.run(crowd())
    lanes.close()


def test_a_clip_gives_way_to_photos_and_goes_on() -> None:
    lanes = Lanes(ServeParams())
    order: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def photo() -> None:
        begun.set()
        go_on.wait(10)
        order.append("photo")

    def clip() -> None:
        begun.wait(10)
        threading.Timer(0.05, go_on.set).start()
        lanes.give_way()
        order.append("clip")

    async def both() -> None:
        await asyncio.gather(lanes.clip(clip), lanes.photo(photo))

    asyncio.run(both())
    assert order == ["photo", "clip"]
    lanes.close()


def test_work_that_fails_makes_room() -> None:
    lanes = Lanes(ServeParams(photos_at_once=1, photos_waiting=0))

    def fails() -> None:
        raise ValueError("no picture")

    async def thrice() -> None:
        for _ in range(3):
            with pytest.raises(ValueError):
                await lanes.photo(fails)

    asyncio.run(thrice())
    lanes.close()
