"""Stage `simulate`: the small home that `dvc repro` begins with in a fresh clone: footage, ledger, diary and home.yaml.

It writes only into a home whose home.yaml it has written itself, and takes away only footage that it has put there.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from home.clock import Span, local_dates
from home.coverage import record, recorded_spans
from home.errors import StoreConflict, StoreMissing
from home.folder import Home
from home.footage import find_chunks
from home.manifest import manifest_key
from home.store import md5_of, write_file
from home.tables import COVERAGE, TABLES, fingerprint_of
from simulate.home import CAMERA_NAMES, SimulatedHome, simulate_home
from simulate.truth import FILES, write_truth
from tasks.simulated_home import MARK, Plan, planned
from tasks.stage import Outcome, Progress, run_stage, silent

__all__ = ["DIARY_KEY", "MARK", "TRUTH", "footage_start", "simulate"]

VERSION = 3  # raised when the same parameters would give other footage
TRUTH = "diary"  # the folder in data/ for the truth of all days; diary.csv beside it is that of the footage
DIARY_KEY = "diary.csv"
RECORD_KEY = "simulated.json"


@dataclass(frozen=True)
class Simulated:
    """What was simulated into a home, kept as `data/simulated.json`.

    Attributes:
        fingerprint: of the parameters it was made from.
        start, end: UTC, ISO 8601.
        cameras: zones by camera, each a polygon in 0..1.
        cats: their ids.
        chunks: size and MD5 by key in the footage store.
        days: of the diary; 0 where it is the scripted round of the footage alone.
    """

    fingerprint: str
    start: str
    end: str
    cameras: dict[str, dict[str, list[list[float]]]]
    cats: list[str]
    chunks: dict[str, tuple[int, str]]
    days: int = 0

    @property
    def span(self) -> Span:
        """The time the footage covers."""
        return Span(dt.datetime.fromisoformat(self.start), dt.datetime.fromisoformat(self.end))


def simulate(home: Home, *, force: bool = False, progress: Progress = silent) -> Outcome:
    """Simulate the home that the section `simulate` of params.yaml describes.

    Nothing happens where it lies there already, and where home.yaml is the owner's own. Footage of an earlier
    simulation goes, with everything that was made from it. Open the home again afterwards: home.yaml may be new.

    Raises:
        StoreConflict: if a chunk that is not of the simulation has the name of one that is.
    """
    if not (home.root / "home.yaml").read_text(encoding="utf-8").startswith(MARK):
        return Outcome(
            "simulate", skipped=True, warnings=["home.yaml is your own: nothing is simulated into this home"]
        )
    old = _read(home)
    fingerprint = fingerprint_of(
        stage="simulate",
        version=VERSION,
        params=home.params.simulate,
        timezone=home.config.timezone,
        place=home.config.place,
    )
    if old and old.fingerprint == fingerprint and _whole(home, old) and not force:
        return Outcome("simulate", skipped=True, facts=_facts(old))
    plan = planned(home)
    _refuse_foreign(home, plan.footage, old)
    with tempfile.TemporaryDirectory(prefix="catml-") as folder:
        made = _made(home, plan, Path(folder), progress)
        new = _record(made, plan, Path(folder), fingerprint, home)
        if old:
            _forget(home, old)
        # First what is the simulation's own, then the footage: a run that was killed knows its chunks again.
        home.data.write(RECORD_KEY, (json.dumps(vars(new), indent=1) + "\n").encode())
        home.data.write(DIARY_KEY, made.diary_path.read_bytes())
        _keep_truth(home, plan, Path(folder))
        for key in new.chunks:
            home.footage.put(key, Path(folder, key))
    for camera in new.cameras:
        record(home.tables, camera, [new.span], home.zone)
    write_file(home.root / "home.yaml", home_yaml(home, new).encode())
    return Outcome("simulate", facts=_facts(new))


def home_yaml(home: Home, simulated: Simulated) -> str:
    """The home.yaml of a simulated home: its own time zone and stores, the simulation's cameras, zones and cats."""
    config, lines = home.config, [MARK, f"timezone: {home.config.timezone}"]
    if config.place:
        lines += ["place:", f"  latitude: {config.place.latitude}", f"  longitude: {config.place.longitude}"]
    stores = config.store.model_dump(exclude_defaults=True)
    lines += ["store:", *(f"  {name}: {json.dumps(value)}" for name, value in stores.items())] if stores else []
    lines.append("cameras:")
    for camera, zones in simulated.cameras.items():
        lines += [f"  {camera}:", f"    room: {camera}", "    zones:"]
        for name, corners in zones.items():
            lines += [f"      {name}:", *(f"        - [{x:g}, {y:g}]" for x, y in corners)]
    lines.append("cats:")
    for cat in simulated.cats:
        lines += [f"  {cat}:", f"    name: {cat.capitalize()}"]
    return "\n".join(lines) + "\n"


def footage_start(home: Home) -> dt.datetime:
    """The UTC moment at which the footage begins that was simulated into a home.

    Raises:
        StoreMissing: if none was.
    """
    record = _read(home)
    if record is None:
        raise StoreMissing(f"{home.root}: nothing was simulated here; run catml simulate")
    return record.span.start


def _made(home: Home, plan: Plan, folder: Path, progress: Progress) -> SimulatedHome:
    params, minutes = home.params.simulate, round(plan.footage.seconds / 60)
    return simulate_home(
        folder,
        plan.footage.start,
        minutes,
        params.seed,
        params.cameras,
        params.cats,
        zone=home.zone,
        progress=lambda part: progress("simulate", part * minutes * 60, minutes * 60),
        diary=plan.diary,
    )


def _keep_truth(home: Home, plan: Plan, folder: Path) -> None:
    """Put the truth of all days into the home's data."""
    if plan.truth is None:
        return
    write_truth(folder, plan.truth)
    for name in FILES:
        home.data.put(f"{TRUTH}/{name}", folder / name)


def _record(made: SimulatedHome, plan: Plan, folder: Path, fingerprint: str, home: Home) -> Simulated:
    span = plan.footage
    chunks = {path.relative_to(folder).as_posix(): path for path in sorted(folder.glob("*/chunk-*.mp4"))}
    pinned = {key: (path.stat().st_size, md5_of(path)) for key, path in chunks.items()}
    cameras = {
        camera: {name: [list(corner) for corner in corners] for name, corners in zones.items()}
        for camera, zones in made.cameras.items()
    }
    days = home.params.simulate.days
    return Simulated(fingerprint, span.start.isoformat(), span.end.isoformat(), cameras, list(made.cats), pinned, days)


def _read(home: Home) -> Simulated | None:
    """What an earlier run has simulated; None if there was none, or if what it wrote cannot be read."""
    try:
        return Simulated(**json.loads(home.data.read(RECORD_KEY)))
    except (StoreMissing, ValueError, TypeError):
        return None


def _whole(home: Home, old: Simulated) -> bool:
    """Whether everything that was simulated still lies there."""
    entries = {key: home.footage.find(key) for key in old.chunks}
    footage = all(entry and entry.size == old.chunks[key][0] for key, entry in entries.items())
    return (
        footage
        and home.data.find(DIARY_KEY) is not None
        and (not old.days or all(home.data.find(f"{TRUTH}/{name}") for name in FILES))
        and (home.root / "home.yaml").read_text(encoding="utf-8") == home_yaml(home, old)
        and all(_in_ledger(home, camera, old.span) for camera in old.cameras)
    )


def _in_ledger(home: Home, camera: str, span: Span) -> bool:
    rows = [home.tables.read(COVERAGE, date, camera) for date in local_dates(span, home.zone)]
    return (
        sum(both.seconds for day in rows for known in recorded_spans(day) if (both := known.overlap(span)))
        >= span.seconds
    )


def _refuse_foreign(home: Home, footage: Span, old: Simulated | None) -> None:
    own = old.chunks if old else {}
    for camera in CAMERA_NAMES[: home.params.simulate.cameras]:
        for _, entry in find_chunks(home.footage, camera, footage):
            if entry.key not in own:
                raise StoreConflict(
                    f"{home.config.store.footage}/{entry.key}: the simulation did not write this and would record the "
                    f"same time; move it away, or keep the home as your own: take the first line of home.yaml away"
                )


def _forget(home: Home, old: Simulated) -> None:
    """Remove the footage of an earlier simulation, its truth, and what was made from it."""
    for name in FILES:
        home.data.delete(f"{TRUTH}/{name}")
    for key in old.chunks:
        home.footage.delete(key)
    for date in local_dates(old.span, home.zone):
        home.data.delete(manifest_key(date))
        for table in TABLES.values():
            for camera in old.cameras if table.by_camera else [None]:
                home.tables.store.delete(table.key(date, camera))


def _facts(simulated: Simulated) -> dict[str, Any]:
    facts = {"cameras": len(simulated.cameras), "chunks": len(simulated.chunks), "footage_s": simulated.span.seconds}
    return {**facts, "days": simulated.days} if simulated.days else facts


def main() -> None:
    """`python -m tasks.simulate`."""
    raise SystemExit(
        run_stage(simulate, per="home", leaves=("data/tables/device_coverage", "data/tables/device_events"))
    )


if __name__ == "__main__":
    main()
