"""Every frame of a JPEG camera comes out as H.264, at its time, in its colours, with keyframes where they are wanted."""

from __future__ import annotations

import random
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from ingest.record.file import ChunkFile, shape_from_keyframe, shape_of
from ingest.record.transcode import Encoded, Transcoder
from tests.ingest.film import film, keyframes, shown
from tests.ingest.record.film import FPS, START, coming, stream_of


def _encoded(source: Path, keyframe_s: float = 2.0, wanted: Iterable[int] = ()) -> list[Encoded]:
    with coming(source) as (stream, packets):
        transcoder = Transcoder(shape_of(stream), keyframe_s)
        out = []
        for number, (packet, pts, dts, _) in enumerate(packets):
            if number in wanted:
                transcoder.next_is_key()
            out += transcoder.write(packet, pts, dts)
            # 2 frames x264 looks ahead, and one in each of its threads: 0.4 s at 10 frames a second.
            assert transcoder.delay <= 4
        out += transcoder.flush()
        assert transcoder.delay == transcoder.damaged == 0
    return out


def _write(path: Path, frames: list[Encoded]) -> Path:
    chunk = ChunkFile(path, frames[0].shape, START)
    for packet, pts, duration, _ in frames:
        chunk.write(packet, pts - frames[0].pts, pts - frames[0].pts, duration)
    chunk.close()
    return path


@pytest.mark.parametrize("kind", ["mjpeg", "h265 with B-frames"])
def test_every_frame_comes_out_at_its_time(tmp_path: Path, kind: str) -> None:
    chunk = _write(tmp_path / "chunk.mp4", _encoded(stream_of(kind, tmp_path, 57)))
    assert shown(chunk) == [(n, pytest.approx(n / FPS, abs=0.0011)) for n in range(57)]
    assert keyframes(chunk) == [pytest.approx(second, abs=0.0011) for second in (0, 2, 4)]


def test_keyframes_follow_the_frames_own_time(tmp_path: Path) -> None:
    # A camera that slows down in the dark: 10 frames a second, then one in 0.7 s; a keyframe every 2 s of that.
    times = [*(n / 10 for n in range(30)), *(3 + n * 0.7 for n in range(10))]
    source = film(tmp_path / "camera.mkv", [round(time, 3) for time in times], codec="mjpeg")
    chunk = _write(tmp_path / "chunk.mp4", _encoded(source))
    assert [time for _, time in shown(chunk)] == pytest.approx(times, abs=0.0006)
    assert keyframes(chunk) == pytest.approx([0, 2, 3.7, 5.8, 7.9], abs=0.0011)  # the nearest frame each


def test_a_cut_at_a_keyframe_on_demand_loses_and_doubles_nothing(tmp_path: Path) -> None:
    frames = _encoded(stream_of("mjpeg", tmp_path, 57), keyframe_s=2.0, wanted=[33])
    step = round(1 / FPS / frames[0].shape.time_base)
    cut = next(n for n, frame in enumerate(frames) if frame.pts == 33 * step)
    keys = [frame.pts // step for frame in frames if frame.packet.is_keyframe]
    assert (cut, keys) == (33, [0, 20, 33, 53])
    parts = [_write(tmp_path / f"{n}.mp4", part) for n, part in enumerate([frames[:cut], frames[cut:]])]
    assert [[number for number, _ in shown(part)] for part in parts] == [list(range(33)), list(range(33, 57))]


COLOURS = [
    (255, 0, 0),
    (0, 255, 0),
    (0, 0, 255),
    (255, 255, 255),
    (0, 0, 0),
    (128, 128, 128),
    (200, 120, 60),
    (20, 60, 40),
]


@pytest.mark.parametrize("pix_fmt", ["yuvj420p", "yuvj422p", "yuvj444p"])
def test_colours_are_those_of_the_jpeg(tmp_path: Path, pix_fmt: str) -> None:
    """OpenCV's decoder (libjpeg) says what the JPEG shows. A range or matrix that is lost shifts colours by 15 and more."""
    picture = np.repeat(np.repeat(np.array(COLOURS, np.uint8).reshape(2, 4, 3), 64, 0), 64, 1)
    encoder = av.VideoCodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 256, 128, pix_fmt, Fraction(1, FPS)
    encoder.options = {"qmin": "1", "qmax": "2"}
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pix_fmt, dst_colorspace="ITU601")
    (jpeg,) = encoder.encode(frame)
    wanted = cv2.cvtColor(cv2.imdecode(np.frombuffer(bytes(jpeg), np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    shape = shape_from_keyframe(jpeg, "mjpeg")
    assert shape is not None
    transcoder = Transcoder(shape, 5)
    chunk = _write(tmp_path / "chunk.mp4", transcoder.write(jpeg, 0) + transcoder.flush())
    with av.open(str(chunk)) as container:
        frame = next(container.decode(video=0))
        assert (frame.color_range, frame.colorspace) == (2, 5)  # full range, BT.601: in the stream, for every player
        found = frame.to_ndarray(format="rgb24")
    for row in (32, 96):
        for column in (32, 96, 160, 224):
            patch = np.s_[row - 8 : row + 8, column - 8 : column + 8]
            assert np.abs(found[patch].mean((0, 1)) - wanted[patch].mean((0, 1))).max() < 4


def test_damaged_pictures_are_left_out_and_counted(tmp_path: Path) -> None:
    with coming(stream_of("mjpeg", tmp_path, 60)) as (stream, packets):
        transcoder = Transcoder(shape_of(stream), 2)
        frames = []
        for number, (packet, pts, _, _) in enumerate(packets):
            data = bytes(packet)
            if number in (7, 31):
                packet = av.Packet(data[: len(data) // 2])
            elif number == 20:
                packet = av.Packet(b"not a picture at all")
            frames += transcoder.write(packet, pts)
        frames += transcoder.flush()
    assert transcoder.damaged == 3
    chunk = _write(tmp_path / "chunk.mp4", frames)
    assert [number for number, _ in shown(chunk)] == [n for n in range(60) if n not in (7, 20, 31)]


def test_a_camera_whose_pictures_are_never_quite_right_is_recorded_all_the_same(tmp_path: Path) -> None:
    # The last bytes of each are missing: libjpeg and every browser show such pictures.
    with coming(stream_of("mjpeg", tmp_path, 60)) as (stream, packets):
        transcoder = Transcoder(shape_of(stream), 2)
        frames = []
        for packet, pts, _, _ in packets:
            frames += transcoder.write(av.Packet(bytes(packet)[:-12]), pts)
        frames += transcoder.flush()
    assert transcoder.damaged == 10
    assert len(frames) == 50


def test_another_size_in_the_middle_is_another_shape(tmp_path: Path) -> None:
    frames: list[Encoded] = []
    transcoder: Transcoder | None = None
    for folder, size, first in (("a", (64, 48), 0), ("b", (97, 81), 20), ("c", (64, 48), 40)):
        source = stream_of("mjpeg", tmp_path / folder, 20, size=size, first=first)
        with coming(source) as (stream, packets):
            transcoder = transcoder or Transcoder(shape_of(stream), 5)
            for packet, pts, _, duration in packets:
                frames += transcoder.write(packet, pts + first * duration)
    assert transcoder is not None
    frames += transcoder.flush()
    shapes = list(dict.fromkeys(frame.shape for frame in frames))
    assert [(shape.width, shape.height) for shape in shapes[:2]] == [(64, 48), (96, 80)]
    parts = [frames[:20], frames[20:40], frames[40:]]
    for n, part in enumerate(parts):
        assert len({id(frame.shape) for frame in part}) == 1
        chunk = _write(tmp_path / f"{n}.mp4", part)
        assert [number for number, _ in shown(chunk)] == list(range(20 * n, 20 * n + 20))


def test_what_is_written_after_a_flush_begins_with_a_keyframe(tmp_path: Path) -> None:
    with coming(stream_of("mjpeg", tmp_path, 20)) as (stream, packets):
        transcoder = Transcoder(shape_of(stream), 5)
        frames = []
        for number, (packet, pts, _, _) in enumerate(packets):
            frames += transcoder.write(packet, pts)
            if number == 9:
                frames += transcoder.flush()
        frames += transcoder.flush()
    assert [n for n, frame in enumerate(frames) if frame.packet.is_keyframe] == [0, 10]


def test_times_that_stand_still_are_put_right(tmp_path: Path) -> None:
    with coming(stream_of("mjpeg", tmp_path, 20)) as (stream, packets):
        transcoder = Transcoder(shape_of(stream), 5)
        rng = random.Random(0)
        frames = []
        for packet, pts, _, _ in packets:
            frames += transcoder.write(packet, pts - rng.choice([0, 0, 200]))
        frames += transcoder.flush()
    times = [frame.pts for frame in frames]
    assert len(times) == 20 and times == sorted(set(times))
