"""Real cats: clips looped as RTSP cameras and recorded into S3 give the night the same cat-seconds as the imported files."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from pathlib import Path

import av
import pytest

from home.folder import Home, open_home
from home.footage import start_of
from home.tables import BOUTS
from ingest.existing import import_footage
from tasks.night import run_night
from tests.faults.house import a_house
from tests.faults.loops import codec_of, looped
from tests.faults.source import Source, why_no_source
from tests.s3_server import S3Server

CLIPS = Path(__file__).resolve().parents[3] / "shared/data/video"
pytestmark = [
    pytest.mark.skipif(not CLIPS.is_dir(), reason="../shared/data/video is not there: real clips are not recorded"),
    pytest.mark.skipif(bool(why_no_source()), reason=why_no_source() or ""),
    pytest.mark.skipif(not Path("/usr/bin/ffmpeg").exists(), reason="ffmpeg is missing: clips cannot be looped"),
]

SAME = 0.03  # the number
SAMPLES = {"extract.sample_period_s": "1"}
# A fixed camera over a feeder (B-frames), a hand that feeds (a keyframe each second), a cat that plays on a chair.
FEW = ("eat_feedercam_vitortoniolo", "handfeed_white_mstryjek", "chair_play_dinov3")


def frames(*paths: Path) -> int:
    """Compressed frames in files."""
    total = 0
    for path in paths:
        with av.open(str(path)) as container:
            total += sum(1 for packet in container.demux(video=0) if packet.size)
    return total


def leading(path: Path) -> int:
    """The most frames that come after a keyframe and are shown before it (open groups of pictures); 0 for most films."""
    most = count = key = 0
    with av.open(str(path)) as container:
        for packet in container.demux(video=0):
            if not packet.size or packet.pts is None:
                continue
            if packet.is_keyframe:
                key, count = packet.pts, 0
            count += packet.pts < key
            most = max(most, count)
    return most


def home_of(root: Path, camera: str, store: str) -> Home:
    """A home with one camera: two clips at the same time are no cat that two cameras see."""
    root.mkdir(parents=True)
    (root / "home.yaml").write_text(f"timezone: UTC\ncameras:\n  {camera}: {{}}\nstore: {{{store}}}\n", "utf-8")
    return open_home(root, SAMPLES)


def cat_seconds(home: Home, dates: set[dt.date]) -> int:
    """The night's work over some dates; seconds with presence, as docs/first-night.md counts them."""
    seen: set[int] = set()
    for day in sorted(dates):
        for _ in run_night(home, [day]):
            pass
        for row in home.tables.read(BOUTS, day).itertuples():
            seen.update(range(round(row.start.timestamp()), round(row.end.timestamp())))
    return len(seen)


@pytest.mark.parametrize(
    ("names", "seconds"),
    [(FEW, 17), pytest.param(tuple(sorted(path.stem for path in CLIPS.glob("*.mp4"))), 120, marks=pytest.mark.long)],
    ids=["three", "all"],
)
@pytest.mark.timeout(900)
def test_the_same_cat_seconds(tmp_path: Path, s3_server: S3Server, names: tuple[str, ...], seconds: float) -> None:
    bucket = s3_server.bucket(f"real{len(names)}")
    cameras = {name.replace("_", "-").lower(): CLIPS / f"{name}.mp4" for name in names}
    loops = {camera: looped(clip, seconds, tmp_path / f"{camera}.mp4") for camera, clip in cameras.items()}
    record(tmp_path, loops, bucket, s3_server.endpoint)
    recorded, imported = 0, 0
    for camera, path in loops.items():
        chunks = sorted((s3_server.folder / bucket.removeprefix("s3://") / camera).glob("chunk-*.mp4"))
        # The frame from which a client learns what is coming may come twice; the last has no next to show its end.
        # Frames that lead a keyframe need the group before it too: where a chunk begins with it they cannot be shown.
        lost = frames(path) - frames(*chunks)
        assert -1 <= lost <= 1 + leading(path) * (len(chunks) - 1), camera
        start = begin_of(chunks[0])
        ours = home_of(tmp_path / "recorded" / camera, camera, f"footage: {bucket}, endpoint_url: {s3_server.endpoint}")
        theirs = home_of(tmp_path / "imported" / camera, camera, "")
        assert import_footage(theirs, [path], camera, start).exit_status == 0
        dates = {
            start.date(),
            (start + dt.timedelta(minutes=10)).date(),
        }  # it is minutes long, and may be over midnight
        found = cat_seconds(ours, dates), cat_seconds(theirs, dates)
        print(f"{camera}: {found[0]} cat-seconds in what was recorded, {found[1]} in the imported file")
        recorded, imported = recorded + found[0], imported + found[1]
    print(f"{recorded} cat-seconds in what was recorded, {imported} in the imported files")
    assert imported > 0.5 * seconds * len(names)  # there are cats in most of it
    assert abs(recorded - imported) <= SAME * imported


def record(root: Path, clips: dict[str, Path], bucket: str, endpoint: str) -> None:
    """Record every clip from its first frame to its last, each from a camera of its own, into the store."""
    with ExitStack() as stack:
        sources = {
            camera: stack.enter_context(Source(root / camera, codec=codec_of(path), clip=path))
            for camera, path in clips.items()
        }
        options = {"chunk_s": 20, "store": bucket, "endpoint": endpoint, "timezone": "UTC"}
        house = stack.enter_context(a_house(root / "home", sources, **options))
        house.uploader()
        recorders = [house.recorder(camera) for camera in sources]
        for source in sources.values():
            assert source.played(200)
        house.end(*recorders)
        house.until_uploaded(60)


def begin_of(chunk: Path) -> dt.datetime:
    """The exact start of a chunk."""
    with av.open(str(chunk)) as container:
        start = start_of(container.metadata["comment"], f"{chunk.parent.name}/{chunk.name}")
    assert start is not None
    return start
