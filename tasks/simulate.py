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

from home.clock import UTC, Span, local_dates
from home.coverage import record, recorded_spans
from home.errors import StoreConflict, StoreMissing
from home.folder import Home
from home.footage import find_chunks
from home.manifest import manifest_key
from home.store import md5_of, write_file
from home.tables import COVERAGE, TABLES, fingerprint_of
from simulate.home import CAMERA_NAMES, SimulatedHome, simulate_home
from tasks.stage import Outcome, Progress, run_stage, silent

VERSION = 2  # raised when the same parameters would give other footage
MARK = "# Written by the simulation (`simulate` in params.yaml). Take this line away to keep the file as your own."
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
    """

    fingerprint: str
    start: str
    end: str
    cameras: dict[str, dict[str, list[list[float]]]]
    cats: list[str]
    chunks: dict[str, tuple[int, str]]

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
        stage="simulate", version=VERSION, params=home.params.simulate, timezone=home.config.timezone
    )
    if old and old.fingerprint == fingerprint and _whole(home, old) and not force:
        return Outcome("simulate", skipped=True, facts=_facts(old))
    _refuse_foreign(home, old)
    with tempfile.TemporaryDirectory(prefix="catml-") as folder:
        made = _made(home, Path(folder), progress)
        new = _record(made, Path(folder), fingerprint, home)
        if old:
            _forget(home, old)
        # First what is the simulation's own, then the footage: a run that was killed knows its chunks again.
        home.data.write(RECORD_KEY, (json.dumps(vars(new), sort_keys=True, indent=1) + "\n").encode())
        home.data.write(DIARY_KEY, made.diary_path.read_bytes())
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
        lines += [f"  {camera}:", "    zones:"]
        for name, corners in zones.items():
            lines += [f"      {name}:", *(f"        - [{x:g}, {y:g}]" for x, y in corners)]
    lines.append("cats:")
    for cat in simulated.cats:
        lines += [f"  {cat}:", f"    name: {cat.capitalize()}"]
    return "\n".join(lines) + "\n"


def _made(home: Home, folder: Path, progress: Progress) -> SimulatedHome:
    params = home.params.simulate
    return simulate_home(
        folder,
        _span(home).start,
        params.minutes,
        params.seed,
        params.cameras,
        params.cats,
        zone=home.zone,
        progress=lambda part: progress("simulate", part * params.minutes * 60, params.minutes * 60),
    )


def _record(made: SimulatedHome, folder: Path, fingerprint: str, home: Home) -> Simulated:
    span = _span(home)
    chunks = {path.relative_to(folder).as_posix(): path for path in sorted(folder.glob("*/chunk-*.mp4"))}
    pinned = {key: (path.stat().st_size, md5_of(path)) for key, path in chunks.items()}
    cameras = {
        camera: {name: [list(corner) for corner in corners] for name, corners in zones.items()}
        for camera, zones in made.cameras.items()
    }
    return Simulated(fingerprint, span.start.isoformat(), span.end.isoformat(), cameras, list(made.cats), pinned)


def _span(home: Home) -> Span:
    """The time that the parameters ask for."""
    start = dt.datetime.fromisoformat(home.params.simulate.start).astimezone(UTC)
    return Span(start, start + dt.timedelta(minutes=home.params.simulate.minutes))


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
        and (home.root / "home.yaml").read_text(encoding="utf-8") == home_yaml(home, old)
        and all(_in_ledger(home, camera, old.span) for camera in old.cameras)
    )


def _in_ledger(home: Home, camera: str, span: Span) -> bool:
    rows = [home.tables.read(COVERAGE, date, camera) for date in local_dates(span, home.zone)]
    return (
        sum(both.seconds for day in rows for known in recorded_spans(day) if (both := known.overlap(span)))
        >= span.seconds
    )


def _refuse_foreign(home: Home, old: Simulated | None) -> None:
    own = old.chunks if old else {}
    for camera in CAMERA_NAMES[: home.params.simulate.cameras]:
        for _, entry in find_chunks(home.footage, camera, _span(home)):
            if entry.key not in own:
                raise StoreConflict(
                    f"{home.config.store.footage}/{entry.key}: the simulation did not write this and would record the "
                    f"same time; move it away, or keep the home as your own: take the first line of home.yaml away"
                )


def _forget(home: Home, old: Simulated) -> None:
    """Remove the footage of an earlier simulation and what was made from it."""
    for key in old.chunks:
        home.footage.delete(key)
    for date in local_dates(old.span, home.zone):
        home.data.delete(manifest_key(date))
        for table in TABLES.values():
            for camera in old.cameras if table.by_camera else [None]:
                home.tables.store.delete(table.key(date, camera))


def _facts(simulated: Simulated) -> dict[str, Any]:
    return {"cameras": len(simulated.cameras), "chunks": len(simulated.chunks), "footage_s": simulated.span.seconds}


def main() -> None:
    """`python -m tasks.simulate`."""
    raise SystemExit(run_stage(simulate, per="home"))


if __name__ == "__main__":
    main()
