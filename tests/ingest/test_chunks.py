"""Where a file is cut, and what becomes of odd ones: long groups, holes, edit lists, clocks that jump, ends that break off."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path

import av
import pytest

from home.errors import FootageError
from ingest.chunks import Plan, copy_chunks, scan
from tests.ingest.film import START, film, shown

NOON = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


def copied(plan: Plan, start: dt.datetime, folder: Path) -> list[list[tuple[int, float]]]:
    """Write a plan's chunks; what each shows, in seconds from the start of the file."""
    folder.mkdir(exist_ok=True)
    parts = list(copy_chunks(plan, start, folder))
    offsets = [(part.span.start - start).total_seconds() for part in parts]
    return [
        [(number, offset + second) for number, second in shown(part.path)]
        for part, offset in zip(parts, offsets, strict=True)
    ]


def test_a_long_group_runs_over_the_boundary_to_its_end(tmp_path: Path) -> None:
    # A keyframe in 12 s, 25 s before the boundary: keyframes at 0, 12, 24, 36; the first after 25 is 36.
    clip = film(tmp_path / "long.mp4", 60, gop=12)
    plan = scan(clip, NOON - dt.timedelta(seconds=25))
    assert [float((cut.zero - plan.zero) * plan.tick) for cut in plan.cuts] == [0, 36]
    chunks = copied(plan, NOON - dt.timedelta(seconds=25), tmp_path / "out")
    assert [number for chunk in chunks for number, _ in chunk] == list(range(60))


def test_a_keyframe_on_the_boundary_opens_the_new_chunk(tmp_path: Path) -> None:
    clip = film(tmp_path / "on.mp4", 20, gop=5)
    plan = scan(clip, NOON - dt.timedelta(seconds=10))
    assert [cut.frames for cut in plan.cuts] == [10, 10]
    assert [span.seconds for span in plan.spans(NOON)] == [20]


def test_frames_at_uneven_times_keep_them(tmp_path: Path) -> None:
    times = [0, 0.04, 0.3, 0.31, 1.2, 2.9, 3.0, 5.5, 9.9, 10.0, 10.033, 14.2]
    clip = film(tmp_path / "uneven.mkv", times, gop=4, b_frames=2)
    chunks = copied(scan(clip, START), START, tmp_path / "out")
    assert [(n, round(second, 3)) for n, second in chunks[0]] == list(enumerate(times))


def test_chunks_of_uneven_frames_leave_no_time_between_them(tmp_path: Path) -> None:
    # The keyframe after noon comes 3.4 s after the frame before it, which by itself would last a second or so.
    clip = film(tmp_path / "uneven.mkv", [0, 1, 2, 3, 4, 5, 5.6, 9, 10, 11], gop=7)
    start = NOON - dt.timedelta(seconds=6)
    (tmp_path / "out").mkdir()
    first, second = copy_chunks(scan(clip, start), start, tmp_path / "out")
    assert first.span.end == second.span.start == NOON + dt.timedelta(seconds=3)


def test_a_pause_that_ends_in_a_keyframe_is_a_gap(tmp_path: Path) -> None:
    # Ten seconds of frames, nothing for a minute, ten more; a recorder that waits for movement writes such files.
    clip = film(tmp_path / "pause.mp4", [*range(10), *range(70, 80)], gop=5, fps=1)
    plan = scan(clip, NOON)
    spans = plan.spans(NOON)
    assert [((s.start - NOON).total_seconds(), (s.end - NOON).total_seconds()) for s in spans] == [(0, 10), (70, 80)]


def test_open_groups_cost_only_the_frames_that_lead_the_cut(tmp_path: Path) -> None:
    # x265 opens its groups by default: B-frames before a keyframe need the keyframe before that one too.
    options = {"preset": "ultrafast", "x265-params": "keyint=10:min-keyint=10:scenecut=0:bframes=3:log-level=none"}
    clip = film(tmp_path / "open.mp4", 120, codec="libx265", options=options)
    start = NOON - dt.timedelta(seconds=45)
    plan = scan(clip, start)
    chunks = copied(plan, start, tmp_path / "out")
    numbers = [number for chunk in chunks for number, _ in chunk]
    lost = sum(cut.lead for cut in plan.cuts)
    # It waits 30 s for a clean keyframe and then cuts at 75 s or the next keyframe, never more than 3 frames short.
    assert len(plan.cuts) == 2
    assert 75 <= chunks[1][0][1] <= 85
    assert 0 < lost <= 3
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 120 - lost
    assert plan.problems == [f"{lost} frames that lead a keyframe could not be kept at the cuts"]


def test_what_stands_before_the_first_keyframe_is_left_out_and_time_still_counts_from_it(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.mkv", 30, gop=10)
    clip = tmp_path / "late.mkv"
    with av.open(str(whole)) as source, av.open(str(clip), "w") as output:
        stream = source.streams.video[0]
        copy = output.add_stream_from_template(stream)
        for number, packet in enumerate(source.demux(stream)):
            if number >= 4 and packet.size:
                packet.stream = copy
                output.mux(packet)
    plan = scan(clip, NOON)
    (chunk,) = copied(plan, NOON, tmp_path / "out")
    assert chunk[0] == (10, 6.0)  # the file's first frame is number 4
    assert "first 6.0 s" in plan.problems[0]


def test_what_an_edit_list_hides_at_the_start_stays_hidden(tmp_path: Path) -> None:
    # A phone's lossless trim: the group of pictures is kept whole, its first 3 frames are hidden.
    whole = film(tmp_path / "whole.mp4", 20, gop=10)
    clip = tmp_path / "trimmed.mp4"
    with av.open(str(whole)) as source, av.open(str(clip), "w") as output:
        stream = source.streams.video[0]
        copy = output.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.size:
                packet.pts -= round(3 / stream.time_base)
                packet.dts -= round(3 / stream.time_base)
                packet.stream = copy
                output.mux(packet)
    assert [number for number, _ in shown(clip)] == list(range(3, 20))
    plan = scan(clip, NOON)
    (chunk,) = copied(plan, NOON, tmp_path / "out")
    assert chunk == [(number, number - 3) for number in range(3, 20)]
    assert plan.encode is None


def test_a_clock_that_was_set_back_goes_on(tmp_path: Path) -> None:
    # Two recordings of a transport stream, one behind the other: the second begins at zero again.
    first = film(tmp_path / "a.ts", 20, fps=5, gop=5, codec="libx264").read_bytes()
    second = film(tmp_path / "b.ts", 20, fps=5, gop=5, first=20).read_bytes()
    clip = tmp_path / "both.ts"
    clip.write_bytes(first + second)
    plan = scan(clip, NOON)
    (chunk,) = copied(plan, NOON, tmp_path / "out")
    assert [number for number, _ in chunk] == list(range(40))
    assert [round(second, 3) for _, second in chunk] == [round(n / 5, 3) for n in range(40)]
    # Frame 19 is the last before it; the transport stream's own start is not counted.
    assert plan.problems == ["its clock jumps back at 3.8 s; what follows is taken to go on from there"]


@pytest.mark.parametrize("ending", ["mp4", "mkv", "ts", "avi"])
def test_a_file_that_breaks_off_gives_what_is_whole(tmp_path: Path, ending: str) -> None:
    codec = "mjpeg" if ending == "avi" else "libx264"
    whole = film(tmp_path / f"whole.{ending}", 100, codec=codec, container={"movflags": "faststart"})
    clip = tmp_path / f"broken.{ending}"
    clip.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    plan = scan(clip, NOON)
    (chunk,) = copied(plan, NOON, tmp_path / "out")
    numbers = [number for number, _ in chunk]
    assert 45 <= len(numbers) <= 75  # frames are of about the same size
    # The last frame of a transport stream may be half a frame: nothing in it says so.
    assert numbers[:-1] == list(range(len(numbers) - 1))
    if ending in ("mp4", "mkv"):  # these say how long they should be
        assert any("breaks off" in problem for problem in plan.problems)


def test_damage_in_the_middle_costs_no_more_than_itself(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.ts", 100, gop=5)
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = bytes(2000)
    clip = tmp_path / "hurt.ts"
    clip.write_bytes(data)
    plan = scan(clip, NOON)
    frames = [frame for chunk in copied(plan, NOON, tmp_path / "out") for frame in chunk]
    assert len(frames) > 80
    right = sum(abs(second - number) < 0.01 for number, second in frames)
    assert right > 75


def test_no_keyframe_for_longer_than_a_chunk_may_be_is_re_encoded(tmp_path: Path) -> None:
    clip = film(tmp_path / "screen.mp4", 700, gop=10_000)
    assert scan(clip, START).encode == "no keyframe to cut at for 700 s"


def test_a_file_that_changes_between_looking_and_copying_is_refused(tmp_path: Path) -> None:
    clip = film(tmp_path / "growing.mkv", 700)
    plan = scan(clip, START)
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    (tmp_path / "out").mkdir()
    with pytest.raises(FootageError, match="import it again"):
        list(copy_chunks(plan, START, tmp_path / "out"))


def test_the_exact_start_is_in_the_file(tmp_path: Path) -> None:
    clip = film(tmp_path / "thirds.mp4", 400, fps=3, gop=15)
    plan = scan(clip, START)
    (tmp_path / "out").mkdir()
    parts = list(copy_chunks(plan, START, tmp_path / "out"))
    assert plan.tick.denominator % 3 == 0
    with av.open(str(parts[1].path)) as container:
        comment = container.metadata["comment"]
        # No time of writing and no name of a program: the same footage is the same bytes.
        assert not {"encoder", "creation_time"} & set(container.metadata)
    # 112.75 s before 09:00, a keyframe in 5 s: the first at or after it is the 23rd, at 115 s.
    assert comment == "catml-start=2026-03-01T09:00:02.250000Z"
    assert parts[0].span.end == parts[1].span.start
    assert plan.moment(plan.zero + round(Fraction(1, 3) / plan.tick), START).microsecond == 583333


def test_raw_streams_are_counted_and_said_to_be(tmp_path: Path) -> None:
    clip = film(tmp_path / "raw.h264", 40, fps=5)
    plan = scan(clip, NOON)
    assert plan.problems == ["carries no times; 5 frames a second are assumed"]
    assert plan.spans(NOON)[0].seconds == pytest.approx(8, abs=0.01)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.mp4", b"", "not a video file"),
        ("noise.mp4", bytes(range(256)) * 40, "not a video file"),
        ("notes.txt", b"Miso ate at nine.\n" * 20, "not a video|text file"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n", "not a video|playlist"),
        ("photo.png", None, "picture"),
        ("photo.jpg", None, "picture"),
        ("sound.wav", None, "holds no video"),
    ],
)
def test_what_is_no_footage_is_told_apart(tmp_path: Path, name: str, content: bytes | None, says: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    elif path.suffix == ".wav":
        with av.open(str(path), "w") as output:
            output.add_stream("pcm_s16le", rate=8000, layout="mono")
            output.start_encoding()
    else:
        film(path, 1, codec={".png": "png", ".jpg": "mjpeg"}[path.suffix], container={"update": "1"})
    with pytest.raises(FootageError, match=says):
        scan(path, NOON)


def test_a_file_without_its_index_says_so(tmp_path: Path) -> None:
    # A recorder that was killed before it wrote the index of a plain mp4.
    whole = film(tmp_path / "whole.mp4", 50)
    clip = tmp_path / "killed.mp4"
    clip.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(FootageError, match=r"killed\.mp4"):
        scan(clip, NOON)
