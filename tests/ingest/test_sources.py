"""When footage was recorded: folders of other recorders, our own chunks, the container's word, or nothing at all."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from home.errors import UnknownStart, WrongUse
from home.footage import start_comment
from ingest.sources import Source, find_files, of_camera, recorded_at
from tests.ingest.film import START, film

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def test_frigates_folders_say_it_in_utc(tmp_path: Path) -> None:
    clip = film(tmp_path / "2026-03-01/07/garden/05.10.mp4", 3, metadata={"creation_time": "2020-01-01T00:00:00Z"})
    assert recorded_at(clip, NOW) == at("2026-03-01T07:05:10")


def test_frigates_folders_with_an_impossible_time(tmp_path: Path) -> None:
    clip = film(tmp_path / "2026-02-30/07/garden/05.10.mp4", 3)
    with pytest.raises(UnknownStart, match="2026-02-30T07:05:10"):
        recorded_at(clip, NOW)


def test_own_chunks_by_their_comment_then_by_their_name(tmp_path: Path) -> None:
    exact = film(tmp_path / "kitchen/chunk-20260301-085807.mp4", 3, metadata={"comment": start_comment(START)})
    assert recorded_at(exact, NOW) == START
    moved = exact.rename(tmp_path / "elsewhere.mp4")
    assert recorded_at(moved, NOW) == START
    plain = film(tmp_path / "kitchen/chunk-20260301-085807-1.mp4", 3)
    assert recorded_at(plain, NOW) == START.replace(microsecond=0)


@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv"])
def test_the_containers_creation_time(tmp_path: Path, ending: str) -> None:
    clip = film(tmp_path / f"clip.{ending}", 3, metadata={"creation_time": "2026-03-01T07:00:00.500000Z"})
    moment = recorded_at(clip, NOW)
    assert abs((moment - at("2026-03-01T07:00:00.5")).total_seconds()) <= 0.5  # mp4 keeps whole seconds


def test_android_writes_the_time_at_which_it_stopped(tmp_path: Path) -> None:
    metadata = {"creation_time": "2026-03-01T07:00:30Z", "com.android.version": "15"}
    clip = film(tmp_path / "phone.mp4", 30, metadata=metadata, container={"movflags": "use_metadata_tags"})
    assert recorded_at(clip, NOW) == at("2026-03-01T07:00:00")


def test_apples_own_tag_survives_an_export(tmp_path: Path) -> None:
    metadata = {"creation_time": "2026-05-05T05:05:05Z", "com.apple.quicktime.creationdate": "2026-03-01T09:00:00+0200"}
    clip = film(tmp_path / "phone.mov", 3, metadata=metadata, container={"movflags": "use_metadata_tags"})
    assert recorded_at(clip, NOW) == at("2026-03-01T07:00:00")


@pytest.mark.parametrize(
    ("created", "says"),
    [
        ("1904-01-01T00:00:01Z", "nothing in it|never set"),
        ("1970-01-01T00:00:05Z", "1970-01-01, a clock that was never set"),
        ("2000-01-01T00:12:00Z", "2000-01-01, a clock that was never set"),
        ("2026-11-01T12:06:00Z", "2026-11-01T12:06:00Z, which is still to come"),
        ("yesterday", "nothing in it says"),
        (None, "nothing in it says"),
    ],
)
def test_what_cannot_be_true_is_not_believed(tmp_path: Path, created: str | None, says: str) -> None:
    clip = film(tmp_path / "clip.mkv", 3, metadata={"creation_time": created} if created else {})
    with pytest.raises(UnknownStart, match=says) as caught:
        recorded_at(clip, NOW)
    assert "--start 2026-03-01T09:00" in str(caught.value)
    assert str(clip) in str(caught.value)


def test_a_folder_is_searched_to_its_end_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.mp4", "a/z.mp4", "a/deep/er/x.mkv", "._b.mp4", ".trash/y.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = [source.path.relative_to(tmp_path).as_posix() for source in find_files(tmp_path)]
    assert found == ["a/deep/er/x.mkv", "a/z.mp4", "b.mp4"]


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="no such file or folder"):
        find_files(tmp_path / "absent.mp4")
    (tmp_path / "bare").mkdir()
    with pytest.raises(WrongUse, match="the folder is empty"):
        find_files(tmp_path / "bare")


def recordings(*cameras: str) -> list[Source]:
    return [Source(Path("/media/2026-03-01/07") / camera / "05.10.mp4", named=False) for camera in cameras]


def test_the_recorders_camera_of_the_same_name_is_chosen() -> None:
    sources, left = of_camera(recordings("garden", "kitchen", "garden"), "kitchen")
    assert [source.path.parent.name for source in sources] == ["kitchen"]
    assert left == {"garden": 2}


def test_the_recorders_only_camera_may_have_any_name() -> None:
    sources = recordings("front_door", "front_door")
    assert of_camera(sources, "kitchen") == (sources, {})


def test_several_cameras_of_other_names_are_not_mixed() -> None:
    with pytest.raises(WrongUse, match=r"garden, porch and none is called 'kitchen'"):
        of_camera(recordings("garden", "porch"), "kitchen")
