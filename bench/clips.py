"""What the night says of real clips of which a person has said what the cat does.

    python -m bench.clips [--clips ../shared/data/video] [--set stage.param=value …] [--out runs/clips]

Each clip is imported as the footage of a camera of its own, and the night's stages read it as they are (without a zone: nobody
has marked any), but for a sample each second. Per clip the seconds that its bouts give to each behaviour; the one with the most
wins. `manifest.csv` of the clips says what is right; what the ethogram has no name for (walking, drinking, being petted) is `other`.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from home.errors import CatMLError, WrongUse
from home.ethogram import BEHAVIOURS
from home.folder import open_home
from home.markdown import table
from home.tables import BOUTS
from ingest.existing import import_footage
from tasks.night import NIGHT

DATE = dt.date(2026, 3, 1)
PERIOD_S = "1"
READING = ("manifest", "extract", "detect", "pose", "behave", "bouts")


def right_answers(manifest: Path) -> dict[str, str]:
    """What each clip shows, as the ethogram calls it; the first of two.

    Raises:
        WrongUse: there is no such file.
    """
    if not manifest.is_file():
        raise WrongUse(f"no clips at {str(manifest.parent)!r}: there is no manifest.csv (columns file, behaviour)")
    with manifest.open(encoding="utf-8", newline="") as file:
        said = {row["file"]: row["behaviour"].split("/")[0].strip() for row in csv.DictReader(file)}
    return {name: what if what in BEHAVIOURS else "other" for name, what in said.items()}


def seconds_of(folder: Path, clips: Path, names: Sequence[str], settings: dict[str, str]) -> dict[str, Counter[str]]:
    """The seconds that the bouts of each clip give to each behaviour."""
    cameras = {name: Path(name).stem.replace("_", "-").lower() for name in names}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "home.yaml").write_text(
        "timezone: UTC\ncameras:\n" + "".join(f"  {camera}:\n    room: {camera}\n" for camera in cameras.values())
    )
    home = open_home(folder, {"extract.sample_period_s": PERIOD_S, **settings})
    for hour, name in enumerate(names):  # an hour apart: no two clips are one cat
        start = dt.datetime(DATE.year, DATE.month, DATE.day, hour, tzinfo=dt.UTC)
        report = import_footage(home, [clips / name], cameras[name], start)
        if report.exit_status:
            raise WrongUse(f"{name}: {report.failed}")
    for stage in NIGHT:
        if stage.name in READING:
            for camera in cameras.values() if stage.per == "camera" else [None]:
                stage.function(home, DATE, *([camera] if camera else []))
    found = {name: Counter[str]() for name in names}
    bouts = home.tables.read(BOUTS, DATE)
    for name, camera in cameras.items():
        for row in bouts[[camera in cameras for cameras in bouts["cameras"]]].itertuples():
            found[name][row.behaviour] += row.duration_s
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clips", type=Path, default=Path("../shared/data/video"))
    parser.add_argument("--set", action="append", default=[], metavar="stage.param=value", help="as in catml")
    parser.add_argument("--out", type=Path, default=Path("runs/clips"), help="where the night's tables are kept")
    options = parser.parse_args(argv)
    try:
        right = right_answers(options.clips / "manifest.csv")
        settings = dict(line.split("=", 1) for line in options.set)
        found = seconds_of(options.out, options.clips, list(right), settings)
    except CatMLError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    rows, wins = [], Counter[bool]()
    for name, what in right.items():
        best = max(found[name], key=lambda behaviour: found[name][behaviour], default="nothing")
        wins[what != "other"] += best == what
        told = ", ".join(f"{behaviour} {seconds:.0f}" for behaviour, seconds in found[name].most_common())
        rows.append([Path(name).stem, what, best if best == what else f"**{best}**", told])
    named = sum(what != "other" for what in right.values())
    print(table(["clip", "is", "said", "seconds"], rows))
    print(
        f"\nOf {named} that the ethogram names, {wins[True]} are right; of {len(right) - named} others, {wins[False]}."
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
