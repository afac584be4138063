"""Placed frames into chunks of the spool: copied, or encoded to H.264 on the way."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from av.audio.stream import AudioStream
from av.packet import Packet

from home.errors import CatMLError, StoreError
from ingest.record.cutting import Placed
from ingest.record.file import ChunkFile
from ingest.record.host import utc_of
from ingest.record.repair import repair
from ingest.record.shape import StreamShape
from ingest.record.spool import Spool
from ingest.record.transcode import Transcoder

_COPIED = {"auto": {"h264", "hevc"}, "copy": {"h264", "hevc", "mjpeg"}, "h264": set[str]()}
# Where every frame is a keyframe, the encoder makes one where it is asked to. Elsewhere it begins anew.
_INTRA = {"mjpeg"}
# What is asked of the spool for a chunk before the stream's bitrate is known.
_FIRST_BYTES = 1_000_000
# What cannot be repaired now is tried again this often.
_AGAIN_S = 60.0


def is_copied(codec: str, setting: str) -> bool:
    """Whether a stream goes into the chunks as it is: H.264 and H.265, and with `codec: copy` MJPEG.

    Anything else mp4 or browsers may refuse: it is encoded whatever the setting says.
    """
    return codec in _COPIED[setting]


class ChunkWriter:
    """One camera's chunks, one after the other.

    Attributes:
        frames, bytes: written since the process began.
        recorded_s: seconds of them.
        leading_s: seconds of frames that lead a chunk's first keyframe (open GOPs): they need the chunk before too, and
            cannot be shown.
        path: the chunk being written, or None.
    """

    def __init__(self, spool: Spool, camera: str, keyframe_s: float) -> None:
        """Nothing is opened before the first frame.

        Args:
            spool: where chunks go.
            camera: id.
            keyframe_s: from one keyframe to the next where frames are encoded here.
        """
        self._spool = spool
        self._camera = camera
        self._keyframe_s = keyframe_s
        self._file: ChunkFile | None = None
        self._shape: StreamShape | None = None
        self._transcoder: Transcoder | None = None
        self._source: StreamShape | None = None
        self._sound: AudioStream | None = None
        self._sound_pts = -1
        self._zero = 0
        self._mark: int | None = None
        self.frames = self.bytes = 0
        self._done_s = self.leading_s = 0.0
        self._end: tuple[int, Fraction] | None = None
        self.path: Path | None = None

    @property
    def recorded_s(self) -> float:
        """Seconds of all frames written since the process began."""
        return self._done_s + (self._file.seconds if self._file else 0.0)

    @property
    def end(self) -> dt.datetime | None:
        """UTC of the end of the last frame that was written; None before the first."""
        return utc_of(*self._end) if self._end is not None else None

    @property
    def is_open(self) -> bool:
        """Whether there is a chunk that frames go into."""
        return self._file is not None or self._mark is not None

    def expected_bytes(self, seconds: float) -> int:
        """How large a chunk of so many seconds will be, by what was written until now."""
        return round(self.bytes / self.recorded_s * seconds) if self.recorded_s >= 1 else _FIRST_BYTES

    def begin(self, frame: Placed, source: StreamShape, encode: bool, sound: AudioStream | None) -> None:
        """A chunk begins with this frame, which `write` gets next; the one before is finished.

        Args:
            frame: a keyframe.
            source: shape of what comes in.
            encode: whether to encode it to H.264.
            sound: sound to keep, if any.

        Raises:
            StoreError: if the disk refuses.
            FootageError: if mp4 does not take the stream.
        """
        self._sound = sound
        if not encode:
            self.close()
            self._open(source, frame.pts)
            return
        if self._transcoder is None or source != self._source or source.codec not in _INTRA:
            self.close()
            self._transcoder, self._source = Transcoder(source, self._keyframe_s), source
        self._transcoder.next_is_key()
        self._mark = frame.pts

    def write(self, frame: Placed) -> None:
        """Add a frame.

        Raises:
            StoreError: if the disk refuses.
            FootageError: if mp4 does not take the frame.
        """
        if self._transcoder is None:
            self._put(frame.packet, frame.pts, frame.dts, frame.duration)
            return
        for encoded in self._transcoder.write(frame.packet, frame.pts, frame.dts):
            self._encoded(encoded.packet, encoded.pts, encoded.shape, frame.duration)

    def _encoded(self, packet: Packet, pts: int, shape: StreamShape, duration: int) -> None:
        marked = self._mark is not None and packet.is_keyframe and pts >= self._mark
        if marked or (self._file is not None and shape is not self._shape):
            self._finish()
            self._open(shape, pts)
            self._mark = None
        self._put(packet, pts, pts, duration)

    def sound(self, packet: Packet, pts: int, duration: int) -> None:
        """Add sound; passed over where there is no chunk, or mp4 cannot hold it.

        Args:
            packet: the compressed sound.
            pts: UTC ticks of the sound's own time base.
            duration: ticks.
        """
        if self._file is None or self._shape is None or self._sound is None or self._sound.time_base is None:
            return
        pts -= round(self._zero * self._shape.time_base / self._sound.time_base)
        if pts > self._sound_pts:
            self._sound_pts = pts
            with contextlib.suppress(CatMLError):  # sound that mp4 does not take must not cost a picture
                self._file.write_audio(packet, pts, duration)

    def close(self) -> None:
        """Finish the chunk that is open, with what is still in the encoder.

        Raises:
            StoreError: if the disk refuses; what was written stays unfinished.
        """
        transcoder, self._transcoder = self._transcoder, None
        if transcoder is not None and self.is_open:
            for encoded in transcoder.flush():
                self._encoded(encoded.packet, encoded.pts, encoded.shape, encoded.duration)
        self._mark = None
        self._finish()

    def abandon(self) -> None:
        """Let go of the chunk after an error; what was written stays unfinished."""
        file, self._file, self.path = self._file, None, None
        self._transcoder = self._mark = None
        if file is not None:
            self._done_s += file.seconds
            file.abandon()

    def _open(self, shape: StreamShape, zero: int) -> None:
        start = utc_of(zero, shape.time_base)
        path = self._spool.part(self._camera, start)
        self._file = ChunkFile(path, shape, start, self._sound)
        self._shape, self._zero, self.path, self._sound_pts = shape, zero, path, -1

    def _put(self, packet: Packet, pts: int, dts: int, duration: int) -> None:
        if self._file is None or self._shape is None:
            return
        frames, size = self._file.frames, packet.size
        self._file.write(packet, pts - self._zero, dts - self._zero, duration)
        if self._file.frames == frames:
            self.leading_s += float(duration * self._shape.time_base) if size else 0.0
            return
        self.frames += 1
        self.bytes += size
        end = pts + duration
        if self._file.frames > 1 and self._end is not None:
            end = max(end, self._end[0])
        self._end = end, self._shape.time_base

    def _finish(self) -> None:
        file, path = self._file, self.path
        self._file = self.path = None
        if file is None or path is None:
            return
        self._done_s += file.seconds
        file.close()
        self._spool.finish(path)


class LeftOver:
    """The chunks that a kill, or a full disk, left unfinished."""

    def __init__(self, spool: Spool, camera: str) -> None:
        self._spool, self._camera = spool, camera
        self._due: float | None = 0.0

    def look_again(self, at: float) -> None:
        """There is one more; finish it from then on (monotonic seconds)."""
        self._due = at

    def finish(self, monotonic: float, being_written: Path | None) -> list[str]:
        """Finish those that there are, if it is time to.

        Returns:
            What could not be, and why; it is tried again later.
        """
        if self._due is None or monotonic < self._due:
            return []
        troubles = list(finish_left_over(self._spool, self._camera, being_written))
        self._due = monotonic + _AGAIN_S if troubles else None
        return troubles


def finish_left_over(spool: Spool, camera: str, being_written: Path | None = None) -> Iterator[str]:
    """Finish a camera's unfinished chunks, now. The caller holds the camera's lock.

    Yields:
        What could not be, and why; it stays for the next time.
    """
    for part in spool.unfinished(camera):
        try:
            if part != being_written and repair(part) is not None:
                spool.finish(part)
        except (CatMLError, OSError) as error:
            yield f"{part.name} stays unfinished: {error if isinstance(error, StoreError) else type(error).__name__}"
