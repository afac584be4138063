"""Who is looked at when: photos side by side, clips one after the other, and no photo ever waits behind a clip."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from home.serve_params import ServeParams
from serve.problems import Problem

__all__ = ["Lanes"]

T = TypeVar("T")
_GIVES_WAY_S = 0.5  # a clip goes on after so long, however many photos come


class _Lane:
    def __init__(self, name: str, at_once: int, waiting: int) -> None:
        self.at_once, self.most, self.inside = at_once, at_once + waiting, 0
        self.pool = ThreadPoolExecutor(at_once, f"catml-{name}")


class Lanes:
    """Threads for photos and for clips; what is more than may wait is sent away at once.

    Args:
        params: how many.
    """

    def __init__(self, params: ServeParams) -> None:
        self._photos = _Lane("photo", params.photos_at_once, params.photos_waiting)
        self._clips = _Lane("clip", 1, params.clips_waiting)
        self._calm = threading.Condition()

    async def photo(self, work: Callable[[], T]) -> T:
        """Do the work of a photo.

        Raises:
            Problem: too many wait.
        """
        return await self._do(self._photos, work)

    async def clip(self, work: Callable[[], T]) -> T:
        """Do the work of a clip, which should `give_way` between its frames.

        Raises:
            Problem: too many wait.
        """
        return await self._do(self._clips, work)

    def give_way(self) -> None:
        """Let the photos that are here go first: they share the processor with the clip."""
        with self._calm:
            self._calm.wait_for(lambda: not self._photos.inside, _GIVES_WAY_S)

    def close(self) -> None:
        """Begin nothing any more."""
        for lane in (self._photos, self._clips):
            lane.pool.shutdown(wait=False, cancel_futures=True)

    async def _do(self, lane: _Lane, work: Callable[[], T]) -> T:
        with self._calm:
            if lane.inside >= lane.most:
                raise Problem(
                    503, "busy", "Too much is being looked at", f"{lane.inside} wait or are looked at; come again soon.",
                    {"Retry-After": "1" if lane is self._photos else "10"},
                )  # fmt: skip
            lane.inside += 1

        # Counted until the work is done, also where whoever asked has gone: it goes on to its end.
        def whole() -> T:
            try:
                return work()
            finally:
                self._leave(lane)

        try:
            future = asyncio.get_running_loop().run_in_executor(lane.pool, whole)
        except RuntimeError:
            self._leave(lane)
            raise Problem(503, "stopping", "This program is ending") from None
        return await asyncio.shield(future)

    def _leave(self, lane: _Lane) -> None:
        with self._calm:
            lane.inside -= 1
            self._calm.notify_all()
