"""One camera's recorder: a thread reads from the camera (`stream`), this one decides and writes.

When a frame was made (`clock`), which chunk it goes into (`cutting`, `writing`), why there is none (`absence`), and what
others see of it (`telling`).
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

from av.audio.stream import AudioStream

from home.clock import Span, iso
from home.errors import CatMLError, StoreError
from home.folder import Home
from home.footage import CHUNK_S
from ingest.record.absence import TELL_S, Absence
from ingest.record.address import as_fetched
from ingest.record.cutting import PAUSE_S, Cutter, Placed
from ingest.record.events import Event, Lost, Opened, Received
from ingest.record.host import EPOCH, HostClock, now
from ingest.record.schedule import PrivateHours
from ingest.record.settling import Settler
from ingest.record.spool import Spool
from ingest.record.stream import Stream
from ingest.record.telling import Teller
from ingest.record.writing import ChunkWriter, LeftOver, is_copied

# Packets are written in bundles: to be woken for each would cost as much as to write it. A kill finds so much in memory.
_TURN_S = 0.8
# Before private hours end the camera is connected, so that the first keyframe after them is there in time.
_LEAD = dt.timedelta(seconds=10)
# What was filmed before private hours began may be on its way for so long.
_ON_THE_WAY = dt.timedelta(seconds=1)
# Room on a full disk is looked for this often.
_AGAIN_S = 5.0
# Whether a disk that failed holds the last second is not sure.
_UNSURE = dt.timedelta(seconds=1)
# An encoder that is behind must not hide what time it is, nor hold up a stop.
_LISTEN_S, _LAST_LISTEN_S = 1.0, 3.0
# A camera that sends is told that we go; one that is silent is left.
_GO_S = 0.4


class Recorder:
    """Records one camera into the spool."""

    def __init__(self, home: Home, spool: Spool, camera: str, chunk_s: int = CHUNK_S) -> None:
        """Nothing is opened before `run`.

        Args:
            home: the home.
            spool: where chunks go; the caller holds the camera's lock.
            camera: id.
            chunk_s: length of a chunk, seconds.

        Raises:
            WrongUse: if there is no such camera, it has no URL, or a variable of its URL is not set.
        """
        self._settings = as_fetched(home, camera)
        self._address = self._settings.address()
        self._spool, self._camera, self._chunk_s = spool, camera, chunk_s
        self._private = PrivateHours(self._settings, home.zone)
        self._hours: Span | None = None
        self._absence = Absence(spool.journal(camera))
        self._teller = Teller(spool.folder(camera) / "state.json", camera, self._settings.safe_address)
        self._writer = ChunkWriter(spool, camera, home.params.extract.sample_period_s)
        self._host, self._now, self._monotonic = HostClock(), EPOCH, 0.0
        self._stream: Stream | None = None
        self._cutter: Cutter | None = None
        self._sound: AudioStream | None = None
        self._trouble, self._detail = "recorder_down", ""
        self._connected, self._heard, self._lost_s = False, 0.0, 0.0
        self._shown: dt.datetime | None = None
        self._blocked: float | None = None
        self._left_over, self._settler = LeftOver(spool, camera), Settler()

    def run(self, stopped: Callable[[], bool], wait: Callable[[float], None] = time.sleep) -> None:
        """Record until stopped; the chunk is finished then.

        Args:
            stopped: asked every `_TURN_S`.
            wait: waits so many seconds, or until there is reason to ask.
        """
        self._look_at_the_time()
        self._absence.begin(self._now, self._trouble)
        try:
            while not stopped():
                self._look_around()
                for trouble in self._left_over.finish(self._monotonic, self._writer.path):
                    self._teller.trouble(self._now, self._monotonic, trouble)
                self._settler.turn(self._monotonic, self._writer.path)
                self._tell()
                if not self._listen(_LISTEN_S):
                    wait(_TURN_S)
        finally:
            self._stop()

    def _look_at_the_time(self) -> None:
        moment = now()
        self._now, self._monotonic = EPOCH + dt.timedelta(seconds=moment.utc), moment.monotonic
        if step := self._host.step(moment.utc - moment.monotonic):
            self._absence.step(self._now, step)

    def _look_around(self) -> None:
        """What time it is, and whether the camera may be recorded at it."""
        self._look_at_the_time()
        hours = self._private_hours()
        if hours is not None and self._hours is None:
            self._close()
            self._absence.end(hours.start)
        elif hours is None and self._hours is not None:
            self._absence.begin(min(self._hours.end, self._now), self._trouble)
        self._hours = hours
        self._absence.tell(self._now, TELL_S)
        if hours is None or hours.end - self._now <= _LEAD:
            if self._stream is None:
                self._stream = Stream(self._address, self._settings.audio)
        elif self._stream is not None:
            self._stream.close()
            self._stream, self._cutter, self._trouble = None, None, "recorder_down"

    def _private_hours(self) -> Span | None:
        hours = self._private.at(self._now)
        return hours if hours is not None and self._now - hours.start >= _ON_THE_WAY else None

    def _listen(self, most_s: float) -> bool:
        """Take what the camera's thread has brought; whether there is more than so many seconds were enough for."""
        self._look_at_the_time()
        until = self._monotonic + most_s
        for event in self._stream.news() if self._stream else ():
            self._heard = self._monotonic
            self._hear(event)
            if time.monotonic() > until:
                return True
        return False

    def _hear(self, event: Event) -> None:
        if isinstance(event, Received):
            self._receive(event)
        elif isinstance(event, Opened):
            self._cutter = Cutter(event.shape, self._chunk_s, self._writer.end)
            self._sound, self._detail = event.sound, ""
            self._teller.counts.reconnects += self._connected
            self._connected = True
        else:
            self._lose(event)

    def _lose(self, lost: Lost) -> None:
        self._cutter, self._trouble, self._detail, self._blocked = None, lost.reason, lost.detail, None
        self._close()
        self._absent(lost.reason)

    def _receive(self, item: Received) -> None:
        cutter = self._cutter
        if cutter is None:
            return
        if not item.sound:
            for frame in cutter.frames(item):
                if not self._keep(frame, cutter):
                    cutter.wanted = True
        elif self._sound is not None and self._sound.time_base is not None:
            pts = cutter.sound(item, self._sound.time_base)
            self._writer.sound(item.packet, pts, item.packet.duration or 0)

    def _keep(self, frame: Placed, cutter: Cutter) -> bool:
        """Write a frame, if there is a chunk for it or one may begin with it."""
        shown = cutter.moment(frame.pts)
        if self._private.at(shown) is not None:
            return False
        if frame.gap and not frame.begins:
            # What follows needs the frames before the pause; in one chunk with them, the pause would count as recorded.
            self._close()
            self._absent(frame.gap)
        try:
            if not (self._begin(frame, cutter) if frame.begins else self._writer.is_open):
                self._lost_s += float(frame.duration * cutter.shape.time_base)
                return False
            if self._absence.reason:
                self._absence.end(shown)
            elif frame.gap and self._writer.end is not None:
                self._absence.add(self._writer.end, shown, frame.gap)
            self._writer.write(frame)
        except (CatMLError, OSError) as error:
            self._fail(error)
            return False
        self._shown = shown
        return True

    def _begin(self, frame: Placed, cutter: Cutter) -> bool:
        """Begin a chunk, if there is room for it."""
        if self._blocked is not None and self._monotonic < self._blocked:
            return False
        if not self._spool.make_room(self._writer.expected_bytes(self._chunk_s)):
            self._close()
            self._absent("spool_full")
            self._blocked = self._monotonic + _AGAIN_S
            return False
        encode = not is_copied(cutter.shape.codec, self._settings.codec)
        self._writer.begin(frame, cutter.shape, encode, self._sound)
        self._blocked, self._trouble = None, ""
        return True

    def _close(self) -> None:
        try:
            self._writer.close()
        except (CatMLError, OSError) as error:
            self._fail(error)

    def _fail(self, error: CatMLError | OSError) -> None:
        """The disk did not take what was recorded, or mp4 did not: let go of the chunk, and try again in a while."""
        self._writer.abandon()
        self._blocked = self._monotonic + _AGAIN_S
        self._left_over.look_again(self._blocked)
        self._absent("spool_full" if isinstance(error, StoreError | OSError) else "corrupt", _UNSURE)
        self._teller.trouble(self._now, self._monotonic, str(error))

    def _absent(self, reason: str, unsure: dt.timedelta = dt.timedelta()) -> None:
        """Nothing is recorded since the last frame; in private hours that is meant."""
        if self._hours is None:
            recorded = None if self._absence.reason else self._writer.end
            self._absence.begin(self._now if recorded is None else recorded - unsure, reason)

    def _tell(self, stopped: bool = False) -> None:
        state, reason = ("stopped", "") if stopped else self._state()
        if self._teller.is_due(self._monotonic, state, reason):
            self._count()
            self._teller.turn(self._now, self._monotonic, state, reason, self._detail if reason else "")

    def _count(self) -> None:
        counts, writer = self._teller.counts, self._writer
        counts.recorded_s, counts.frames, counts.bytes = round(writer.recorded_s, 3), writer.frames, writer.bytes
        counts.gap_s = {reason: round(seconds, 3) for reason, seconds in self._absence.totals(self._now).items()}
        counts.lost_frames_s = round(self._lost_s + writer.leading_s, 3)
        counts.chunk = writer.path.name if writer.path else None
        counts.last_frame = iso(self._shown) if self._shown else None
        if (shape := self._cutter.shape if self._cutter else None) is not None:
            counts.codec, counts.width, counts.height = shape.codec, shape.width, shape.height

    def _state(self) -> tuple[str, str]:
        if self._hours is not None:
            return "private", ""
        if self._blocked is not None:
            return "spool_full", self._absence.reason
        if self._writer.is_open:
            return ("waiting", "stalled") if self._monotonic - self._heard > PAUSE_S else ("recording", "")
        return "waiting" if self._cutter is not None else "connecting", self._absence.reason

    def _stop(self) -> None:
        """Finish the chunk, with what came until now."""
        if self._stream is not None:
            self._stream.close(_GO_S)
        self._listen(_LAST_LISTEN_S)
        self._close()
        self._absence.tell(self._now)
        self._tell(stopped=True)
