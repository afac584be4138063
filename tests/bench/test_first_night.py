"""The night on real clips, where they are: import, stages and the comparison that docs/first-night.md shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.first_night import drawing, first_night, table, worst
from home.folder import PROJECT

DATA = PROJECT.parent / "shared" / "data"
COCO = DATA / "weights" / "yolox_nano_416_coco.onnx"
# A cat that fills the frame in portrait format, a keyframe in 5 s; and a clip that must be turned by 90 degrees.
NAMES = ("meowter_cat3.mp4", "meowter_my_cat.mp4")


@pytest.mark.skipif(not COCO.exists(), reason="the real clips are not here (../shared/data)")
def test_the_night_on_real_clips(tmp_path: Path) -> None:
    paths = [DATA / "video" / name for name in NAMES]
    clips = first_night(paths, tmp_path / "home", COCO)
    near, turned = clips
    # Both detectors see the near cat in nearly every second of its ten.
    assert near.ours_s >= 8
    assert near.coco_s >= 8
    assert len(turned.looks) == 3, "2.8 s at a sample a second"
    assert worst(clips)[0].ours_s <= near.ours_s
    assert table(clips).count("\n") == 4
    assert drawing(near).startswith("<svg")
