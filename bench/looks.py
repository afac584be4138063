"""What it costs to look at the room as a whole, as a share of what `extract` does with its samples.

    python -m bench.looks [--minutes 3]

Processor time over footage as that of `python -m bench.night`: all samples are decoded, made small and grey and judged on their
movement; a few are looked at for colours and layout, and the share is that of one in five minutes.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from bench.night import LINES, PERIOD_S, render
from home.markdown import table
from home.params import Params
from home.video import frames_at, plan, probe
from models.motion import Background
from models.scene import look_at
from tasks.sample_pictures import LONGEST
from tasks.scenes import LOOK_EVERY


def main() -> None:
    """`python -m bench.looks`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=int, default=3, help="of footage a line")
    options = parser.parse_args()
    rows = []
    for name, codec, keyframe_s in LINES:
        with tempfile.TemporaryDirectory() as folder:
            render(Path(folder), options.minutes, codec, keyframe_s)
            chunks = sorted((Path(folder) / "data" / "footage").rglob("*.mp4"))
            decoding, looking, samples, looks = (sum(own) for own in zip(*map(_measured, chunks), strict=True))
        rows.append([name, f"{1e3 * decoding / samples:.1f} ms", f"{1e3 * looking / looks:.2f} ms"])
        share = looking / looks / (decoding / samples * LOOK_EVERY.total_seconds() / PERIOD_S)
        rows[-1].append(f"{share:.2%}")
    print(table(["footage", "a sample", "a look", "share"], rows))


def _measured(chunk: Path) -> tuple[float, float, int, int]:
    """Seconds of decoding and gating, seconds of looking, samples, looks."""
    decoding = looking = 0.0
    samples = looks = 0
    width, background = Params().extract.thumbnail_width, Background()
    began = time.process_time()
    for frame in frames_at(str(chunk), plan(probe(str(chunk)), PERIOD_S).tolist()):
        small = frame.reduced(LONGEST)
        thumb = small.grey(width)
        background.update(thumb, PERIOD_S)
        decoding += time.process_time() - began
        began = time.process_time()
        if samples % 4 == 0:
            look_at(small.upright(thumb), small.colours())
            looking += time.process_time() - began
            looks += 1
        samples += 1
        began = time.process_time()
    return decoding, looking, samples, looks


if __name__ == "__main__":
    main()
