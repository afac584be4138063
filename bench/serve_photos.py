"""Of `bench.serve`: so many photos a second, however long the answers take, and what happens when more come than can be looked at."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import cv2
import httpx
import numpy as np
from PIL import Image

from bench.served import Served
from models.detector.modes import Mode
from simulate.close_ups import close_ups

__all__ = ["Load", "load", "photos"]

SIZE = 1600
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Load:
    """What became of photos that came at a fixed pace.

    Attributes:
        sent: how many.
        statuses: how many by status; 0: no answer within PATIENCE_S.
        taken_ms, refused_ms: from the moment at which a photo was due until its answer, of 200 and of all others.
        memory: bytes of the server after a quarter, and at the end.
    """

    sent: int
    statuses: dict[int, int]
    taken_ms: Sequence[float]
    refused_ms: Sequence[float]
    memory: tuple[int, int]

    @property
    def errors(self) -> float:
        """Share that got no answer, or one that is neither a success nor `come again`."""
        return sum(count for status, count in self.statuses.items() if status not in (200, 429, 503)) / max(
            1, self.sent
        )


def photos(count: int) -> list[bytes]:
    """Drawn photos as JPEG, as a telephone sends them."""
    made = []
    for seed in range(count):
        picture = next(close_ups(seed, 480))[0]
        large = cv2.resize(picture, (SIZE, round(SIZE * picture.shape[0] / picture.shape[1])))
        out = io.BytesIO()
        Image.fromarray(large).save(out, "JPEG", quality=90)
        made.append(out.getvalue())
    return made


def load(served: Served, sent: list[bytes], mode: Mode, a_second: float, seconds: float) -> Load:
    """Send photos at a pace that no answer slows down.

    Args:
        served: whom.
        sent: the photos, in turn.
        mode: how they are looked at.
        a_second: how many.
        seconds: how long.
    """
    return asyncio.run(_load(served, sent, mode, a_second, round(a_second * seconds)))


async def _load(served: Served, sent: list[bytes], mode: Mode, a_second: float, count: int) -> Load:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
    answers: list[tuple[int, float]] = []
    async with httpx.AsyncClient(
        headers=served.headers, trust_env=False, timeout=PATIENCE_S, limits=limits, base_url=served.url
    ) as client:

        async def one(number: int, due: float) -> None:
            files = {"file": ("photo.jpg", sent[number % len(sent)])}
            try:
                status = (await client.post("/api/v1/predict", files=files, data={"mode": mode})).status_code
            except httpx.HTTPError:
                status = 0
            answers.append((status, 1000 * (perf_counter() - due)))

        begun, early, tasks = perf_counter(), served.memory, []
        for number in range(count):
            due = begun + number / a_second
            await asyncio.sleep(max(0.0, due - perf_counter()))
            tasks.append(asyncio.create_task(one(number, due)))
            if number == count // 4:
                early = served.memory
        await asyncio.gather(*tasks)
    statuses = [status for status, _ in answers]
    return Load(
        count,
        {int(each): statuses.count(int(each)) for each in np.unique(statuses)},
        [ms for status, ms in answers if status == 200],
        [ms for status, ms in answers if status != 200],
        (early, served.memory),
    )
