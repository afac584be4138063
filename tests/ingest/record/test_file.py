"""A chunk file holds every frame it was given, at its time, readable at every moment and indexed in the end."""

from __future__ import annotations

import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import pytest

from home.errors import StoreError
from home.footage import start_comment
from home.video import probe
from ingest.record.file import FRAGMENT_S, ChunkFile, shape_from_keyframe, shape_of
from tests.ingest.film import bars, film, shown
from tests.ingest.record.film import FPS, KINDS, START, coming, record, stream_of

every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
def test_a_closed_chunk_is_an_ordinary_indexed_mp4(tmp_path: Path, kind: str) -> None:
    source, chunk = stream_of(kind, tmp_path, 57), tmp_path / "chunk.mp4"
    written = record(source, chunk)
    assert (written.frames, written.dropped, written.seconds) == (57, 0, pytest.approx(5.7, abs=0.002))
    # Every frame is shown, in order, a tenth of a second after the other, from 0.
    assert shown(chunk) == [(n, pytest.approx(n / FPS, abs=0.0011)) for n in range(57)]
    with av.open(str(chunk)) as container:
        stream = container.streams.video[0]
        assert stream.frames == len(stream.index_entries) == 57
        assert float(stream.duration * stream.time_base) == pytest.approx(5.7, abs=0.002)
        assert container.metadata["comment"] == start_comment(START)
        assert stream.codec_context.codec_tag == {"h265": "hvc1", "h264": "avc1"}.get(kind.split()[0], "mp4v")
    info = probe(str(chunk))
    assert (len(info.offsets), info.keyframes.sum()) == (57, 57 if kind == "mjpeg" else 3)


@every_kind
def test_it_is_readable_at_every_moment(tmp_path: Path, kind: str) -> None:
    # What is not in the file yet: a fragment that is not full, and the frame that comes after it; where frames are
    # reordered one more, which waits. With 10 frames a second that is 5 + 1 (+ 1), and at the very beginning the same.
    late = FRAGMENT_S * FPS + 1 + ("B-frames" in kind)
    chunk, now = tmp_path / "chunk.mp4", tmp_path / "now.mp4"
    with coming(stream_of(kind, tmp_path, 50)) as (stream, packets):
        writer = ChunkFile(chunk, stream, START)
        for timed in packets:
            writer.write(*timed)
            if writer.frames % 4 == 0 and writer.frames > late:
                shutil.copy(chunk, now)  # what a kill would leave
                with av.open(str(now)) as container:
                    assert container.metadata["comment"] == start_comment(START)
                assert writer.frames - late <= _packets(now) <= writer.frames
        writer.close()


def _packets(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)


def test_frames_keep_the_times_at_which_they_came(tmp_path: Path) -> None:
    # Whole milliseconds, as no camera's clock has them; a pause of 3 s in the middle, as when it had nothing new.
    times = [0, 0.113, 0.187, 0.402, 3.402, 3.511, 3.6, 9.001]
    source, chunk = film(tmp_path / "camera.mkv", times, codec="libx264"), tmp_path / "chunk.mp4"
    record(source, chunk)
    assert shown(chunk) == [(n, pytest.approx(time, abs=1e-6)) for n, time in enumerate(times)]


def test_what_a_muxer_would_refuse_is_put_right(tmp_path: Path) -> None:
    source, chunk = stream_of("h264", tmp_path, 20), tmp_path / "chunk.mp4"
    with coming(source) as (stream, packets):
        writer = ChunkFile(chunk, stream, START)
        for number, (packet, pts, dts, _) in enumerate(packets):
            if number == 7:  # its clock stood still
                pts, dts = pts - 9000, dts - 9000
            if number == 11:  # FFmpeg's RTSP gives packets of no size where it lost something
                writer.write(av.Packet(), pts - 10, dts - 10, 0)
            writer.write(packet, pts, dts, 0)
        writer.close()
    assert [number for number, _ in shown(chunk)] == list(range(20))
    times = [time for _, time in shown(chunk)]
    assert times == sorted(set(times))


def test_frames_that_lead_the_first_keyframe_are_left_out(tmp_path: Path) -> None:
    # x265's open GOP: after each keyframe come frames that are shown before it and need the group before.
    options = {"preset": "ultrafast", "x265-params": "open-gop=1:bframes=2:b-adapt=0:scenecut=0:log-level=none"}
    source = film(tmp_path / "camera.ts", 40, fps=FPS, codec="libx265", gop=12, b_frames=2, options=options)
    with av.open(str(source)) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        second = next(n for n, packet in enumerate(packets) if n and packet.is_keyframe)
        zero = packets[second].pts
        leading = sum(packet.pts < zero for packet in packets[second:])
        writer = ChunkFile(tmp_path / "chunk.mp4", stream, START)
        for packet in packets[second:]:
            writer.write(packet, packet.pts - zero, packet.dts - zero, packet.duration)
        writer.close()
    assert leading and (writer.dropped, writer.frames) == (leading, len(packets) - second - leading)
    numbers = [number for number, _ in shown(writer.path)]
    assert numbers == list(range(numbers[0], 40))


@pytest.mark.parametrize("kind", ["h264", "h265", "mjpeg"])
def test_a_new_picture_in_the_middle_of_a_stream_gets_a_file_of_its_own(tmp_path: Path, kind: str) -> None:
    codec = {"h265": "hevc"}.get(kind, kind)
    before = stream_of(kind, tmp_path / "before", 20)
    after = stream_of(kind, tmp_path / "after", 20, size=(96, 80), first=20)
    with coming(before) as (stream, packets):
        shape = shape_of(stream)
        assert (shape.codec, shape.width, shape.height) == (codec, 64, 48)
        assert not any(shape.differs(packet) for packet, *_ in packets if packet.is_keyframe)
    chunk: ChunkFile | None = None
    with coming(after) as (_, packets):
        for packet, pts, dts, duration in packets:
            if packet.is_keyframe and shape.differs(packet):
                found = shape_from_keyframe(packet, codec)
                assert found is not None
                shape = found
                chunk = ChunkFile(tmp_path / "chunk.mp4", shape, START)
            assert chunk is not None
            chunk.write(packet, pts, dts, duration)
    assert chunk is not None
    chunk.close()
    with av.open(str(chunk.path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.width, context.height) == (shape.width, shape.height) == (96, 80)
    assert [number for number, _ in shown(chunk.path)] == list(range(20, 40))


def test_pixels_that_are_not_square_stay_so(tmp_path: Path) -> None:
    source = tmp_path / "camera.ts"
    with av.open(str(source), "w") as output:
        stream = output.add_stream("libx264", rate=1, options={"preset": "ultrafast"})
        stream.width, stream.height = 64, 48
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
        output.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        output.mux(stream.encode(None))
    with coming(source) as (_, packets):
        packet, pts, dts, duration = next(packets)
        shape = shape_from_keyframe(packet, "h264")
        assert shape is not None
        chunk = ChunkFile(tmp_path / "chunk.mp4", shape, START)
        chunk.write(packet, pts, dts, duration)
        chunk.close()
    with av.open(str(chunk.path)) as container:
        assert container.streams.video[0].sample_aspect_ratio == Fraction(4, 3)


def test_a_keyframe_without_parameter_sets_says_nothing(tmp_path: Path) -> None:
    with coming(stream_of("h264", tmp_path, 3)) as (stream, packets):
        packet, *_ = next(packets)
        data = bytes(packet)
        bare = av.Packet(data[data.index(b"\0\0\1\x65") :])  # from its slice on
        assert not shape_of(stream).differs(bare)
        assert shape_from_keyframe(bare, "h264") is None


@pytest.mark.parametrize("codec", ["aac", "pcm_mulaw"])
def test_sound_is_kept_where_mp4_can_hold_it(tmp_path: Path, codec: str) -> None:
    source = _with_sound(tmp_path / "camera.mov", codec)
    with av.open(str(source)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        chunk = ChunkFile(tmp_path / "chunk.mp4", video, START, audio)
        for packet in container.demux(video, audio):
            if packet.stream is video and packet.size:
                chunk.write(packet, packet.pts, packet.pts, packet.duration)
            elif packet.size:
                chunk.write_audio(packet, packet.pts, packet.duration)
        chunk.close()
    assert chunk.audio_left_out == (None if codec == "aac" else "pcm_mulaw")
    with av.open(str(chunk.path)) as container:
        assert len(container.streams.audio) == (codec == "aac")
        if codec == "aac":
            heard = [frame.pts * frame.time_base for frame in container.decode(audio=0)]
            assert float(heard[-1]) == pytest.approx(2.9, abs=0.15)  # a frame of AAC at 8 kHz lasts 0.128 s
    assert [number for number, _ in shown(chunk.path)] == list(range(30))


@pytest.mark.parametrize("heard", [0, 1])
def test_sound_that_stalls_does_not_hold_the_picture_back(tmp_path: Path, heard: int) -> None:
    source, chunk = _with_sound(tmp_path / "camera.mov", "aac"), tmp_path / "chunk.mp4"
    with av.open(str(source)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        writer = ChunkFile(chunk, video, START, audio)
        left = heard
        for packet in container.demux(video, audio):
            if packet.stream is video and packet.size:
                writer.write(packet, packet.pts, packet.pts, packet.duration)
            elif packet.size and packet.pts >= 0 and left:
                writer.write_audio(packet, packet.pts, packet.duration)
                left -= 1
        shutil.copy(chunk, tmp_path / "now.mp4")
        assert writer.audio_left_out == (None if heard else "aac")
        writer.abandon()
    # 0.5 s wait for their fragment, 0.2 s for sound that may come, and two frames of 0.1 s are on their way.
    assert _packets(tmp_path / "now.mp4") >= 30 - 9


def _with_sound(path: Path, codec: str) -> Path:
    """3 s of 10 frames a second, and silence."""
    with av.open(str(path), "w") as output:
        video = output.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = output.add_stream(codec, rate=8000, layout="mono")
        for number in range(30):
            frame = av.VideoFrame.from_ndarray(bars(number), format="rgb24")
            frame.pts = number
            output.mux(video.encode(frame))
            form = "fltp" if codec == "aac" else "s16"
            sound = av.AudioFrame(form, "mono", 800)
            for plane in sound.planes:
                plane.update(bytes(plane.buffer_size))
            sound.sample_rate, sound.pts, sound.time_base = 8000, number * 800, Fraction(1, 8000)
            output.mux(audio.encode(sound))
        output.mux(video.encode(None))
        output.mux(audio.encode(None))
    return path


def test_a_full_disk_is_told_and_costs_no_handle(tmp_path: Path) -> None:
    full = tmp_path / "chunk.mp4"
    full.symlink_to("/dev/full")
    opened = _handles()
    with coming(stream_of("h264", tmp_path, 20)) as (stream, _):
        for _ in range(3):
            with pytest.raises(StoreError, match="No space left on device; make room"):
                ChunkFile(full, stream, START)
    assert _handles() == opened


def _handles() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


FULL_LATER = """
import resource, sys
from pathlib import Path
sys.path[:0] = {path!r}
from home.errors import StoreError
from tests.ingest.record.film import record
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    record(Path({source!r}), Path({target!r}))
except StoreError as error:
    print(error)
"""


def test_a_disk_that_fills_up_is_told_and_keeps_what_it_has(tmp_path: Path) -> None:
    # A limit on the size of files stands for the disk: 20 kB of 32. Python ignores the signal that goes with it.
    source, target = stream_of("h264", tmp_path, 200), tmp_path / ".part-20260301-085807.mp4"
    script = FULL_LATER.format(path=[str(path) for path in sys.path], source=str(source), target=str(target))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert f"{target}: File too large" in done.stdout
    assert target.stat().st_size == 20_000
