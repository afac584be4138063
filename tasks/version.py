"""Stage `version`: the snapshot of a night in the home's own Git and DVC.

Into Git go manifests, `dvc.lock`, `metrics.json`, `metadata.json` and, for tables that DVC cannot reach, snapshots. Tables
on disk go into DVC's cache; footage goes into neither. What cannot be versioned is told and costs the night nothing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import importlib.metadata
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from home.champion import behaviour_model
from home.errors import StoreMissing, VersionError
from home.folder import PROJECT, Home
from home.manifest import manifest_dates
from home.repository import Repository
from home.store import md5_of, write_file
from home.tables import TABLES, fingerprint_of
from tasks.metrics import FILE as METRICS
from tasks.metrics import metrics
from tasks.stage import Outcome, Progress, run_stage, silent

METADATA = "metadata.json"
PIPELINE = "dvc.yaml"
MARK = "# Written by CatML: the tables that the night keeps under version. `dvc repro` never runs the night."
STATE_KEY = "cache/version.json"
LOCK_KEY = "cache/version.lock"
LOCK_S = 60.0


def version(home: Home, dates: list[dt.date], *, progress: Progress = silent) -> Outcome:
    """Take a snapshot of the home: figures of these dates, and every table as it is now.

    Args:
        home: the home.
        dates: local dates of the night.
        progress: is told of long work.

    Returns:
        `facts["commit"]` is the commit that was made; `warnings` say what was not versioned. It never fails for Git,
        DVC or a remote.

    Raises:
        StoreError, TableError: if the tables cannot be read.
    """
    repository, warnings = Repository(home.root), list[str]()
    with _one_writer(home) as ours:
        if not ours:
            return Outcome("version", warnings=[f"not versioned: another run has been at it for {LOCK_S:g} s"])
        fingerprint = _fingerprint(home, repository)
        done = _state(home)
        days = {date.isoformat() for date in dates}
        if done.get("fingerprint") == fingerprint and days <= set(done.get("days", [])):
            return Outcome("version", skipped=True)
        metrics(home, dates)
        _write_metadata(home)
        elsewhere = _tables_folder(home) is None
        if elsewhere:
            for date in dates:
                _write_snapshot(home, date)
        facts: dict[str, Any] = {}
        for what, step in (("", _commit), ("pushed", _push)):
            try:
                facts |= step(home, repository, dates, warnings)
            except VersionError as error:
                warnings.append(f"not {what or 'versioned'}: {error}")
                break
        if not warnings:
            # With the commit that was made just now: what the home is from here on.
            days |= set(done.get("days", []))
            state = {"fingerprint": _fingerprint(home, repository), "days": sorted(days)}
            home.data.write(STATE_KEY, json.dumps(state).encode())
    return Outcome("version", skipped=not facts and not warnings, facts=facts, warnings=warnings)


def _commit(home: Home, repository: Repository, dates: list[dt.date], warnings: list[str]) -> dict[str, Any]:
    repository.require_own()
    if _tables_folder(home) is not None:
        try:
            _into_dvc(home, repository)
        except VersionError as error:
            warnings.append(f"the tables are good, but not versioned: {error}")
    if repository.commit(_owned(home, repository), _message(dates)):
        return {"commit": repository.head()[:12]}
    return {}


def _push(home: Home, repository: Repository, dates: list[dt.date], warnings: list[str]) -> dict[str, Any]:
    """First the tables, then the commits that name them."""
    if not home.params.version.push or warnings:
        return {}
    if _tables_folder(home) is not None:
        repository.dvc("push", "--quiet")
    repository.push()
    return {"pushed": True}


def _into_dvc(home: Home, repository: Repository) -> None:
    """Take the tables on disk into DVC's cache and `dvc.lock`, as if its stages had written them."""
    folder = _tables_folder(home)
    present = [name for name in TABLES if folder and (home.root / folder / name).is_dir()]
    if not present:
        return
    pipeline = home.root / PIPELINE
    own = not pipeline.exists() or pipeline.read_text(encoding="utf-8").startswith(MARK)
    if own:
        text = _pipeline([f"{folder}/{name}" for name in present])
        if not pipeline.exists() or pipeline.read_text(encoding="utf-8") != text:
            write_file(pipeline, text.encode())
    repository.dvc("commit", "--force", "--quiet", *(present if own else []))


def _pipeline(folders: list[str]) -> str:
    """A DVC stage for each table, by its folder. They are frozen: the night writes the tables, not `dvc repro`."""
    lines = [MARK, "stages:"]
    for folder in folders:
        lines += [f"  {folder.split('/')[-1]}:", "    cmd: catml nightly", "    frozen: true", "    outs:"]
        lines += [f"      - {json.dumps(folder)}:", "          persist: true"]
    return "\n".join(lines) + "\n"


def _owned(home: Home, repository: Repository) -> list[str]:
    """The files that this stage commits: those that are there, and those that Git knows and that are gone."""
    names = [name for name in ("dvc.lock", METRICS, METADATA) if (home.root / name).exists()]
    pipeline = home.root / PIPELINE
    if pipeline.exists() and pipeline.read_text(encoding="utf-8").startswith(MARK):
        names.append(PIPELINE)
    kept = [f"data/{entry.key}" for kind in ("manifests/", "snapshots/") for entry in home.data.list(kind)]
    known = repository.git("ls-files", "-z", "--", "data/manifests", "data/snapshots").split("\0")
    return sorted({*names, *(name for name in [*kept, *known] if name.endswith(".json"))})


def _write_metadata(home: Home) -> None:
    """What the tables were made with: parameters, models, package, dates. Same home, same bytes."""
    tree = {
        "package": _package(),
        "schemas": {table.name: table.version for table in TABLES.values()},
        "timezone": home.config.timezone,
        "cameras": sorted(home.config.cameras),
        "dates": [date.isoformat() for date in manifest_dates(home.data)],
        "models": {
            what: {"name": _named(home, file), "md5": md5_of(file) if file.is_file() else None}
            for what, file in _models(home).items()
        },
        "params": home.params.model_dump(mode="json"),
    }
    content = (json.dumps(tree, indent=1, sort_keys=True) + "\n").encode()
    path = home.root / METADATA
    if not path.exists() or path.read_bytes() != content:
        write_file(path, content)


def _models(home: Home) -> dict[str, Path]:
    """The networks that the home reads with, by stage; those that params.yaml leaves out are not there."""
    params = home.params
    files = {"detect": home.file(params.detect.model)}
    if params.pose.model:
        files["pose"] = home.file(params.pose.model)
        if params.behave.model:
            files["behave"] = behaviour_model(home)
    return files


def _named(home: Home, file: Path) -> str:
    """A file as seen from the home or, where it ships, from the project: nothing of where this machine keeps them."""
    root = next((root for root in (home.root, PROJECT) if file.is_relative_to(root)), None)
    return file.relative_to(root).as_posix() if root else file.name


def _package() -> str:
    """CatML's version; empty where it runs from its source without being installed."""
    try:
        return importlib.metadata.version("catml")
    except importlib.metadata.PackageNotFoundError:
        return ""


def _write_snapshot(home: Home, date: dt.date) -> None:
    """Pin the partitions of a date that lie on S3 or outside the home: key, size and MD5."""
    store = home.tables.store
    entries = [entry for name in TABLES for entry in store.list(f"{name}/date={date.isoformat()}")]
    key = f"snapshots/{date.isoformat()}.json"
    if not entries:
        home.data.delete(key)
        return
    rows = [{"key": entry.key, "size": entry.size, "md5": store.checksum(entry)} for entry in entries]
    tree = {"schema_version": 1, "date": date.isoformat(), "store": store.url, "partitions": rows}
    content = (json.dumps(tree, indent=1, sort_keys=True) + "\n").encode()
    try:
        unchanged = home.data.read(key) == content
    except StoreMissing:
        unchanged = False
    if not unchanged:
        home.data.write(key, content)


def _tables_folder(home: Home) -> str | None:
    """Where the tables lie below the home, as DVC names it; None if they are on S3 or outside."""
    folder = home.tables.store.folder
    root = home.root.resolve()
    if folder is None or not folder.resolve().is_relative_to(root):
        return None
    return folder.resolve().relative_to(root).as_posix()


def _fingerprint(home: Home, repository: Repository) -> str:
    """Changes whenever there may be something to version: a partition, a manifest, a parameter, another commit."""
    return fingerprint_of(
        stage="version",
        tables=[(e.key, e.size, e.tag) for name in TABLES for e in home.tables.store.list(f"{name}/")],
        manifests=[(e.key, e.size, e.tag) for e in home.data.list("manifests/")],
        params=home.params.model_dump(),
        home=[home.config.timezone, sorted(home.config.cameras), home.config.store.tables],
        models=[
            [str(file), file.stat().st_size, file.stat().st_mtime_ns]
            for file in _models(home).values()
            if file.is_file()
        ],
        head=repository.head(),
    )


def _state(home: Home) -> dict[str, Any]:
    try:
        return dict(json.loads(home.data.read(STATE_KEY)))
    except (StoreMissing, ValueError, TypeError):
        return {}


def _message(dates: list[dt.date]) -> str:
    days = sorted(date.isoformat() for date in dates)
    if len(days) < 2:
        return f"Night of {days[0]}" if days else "The home as it is"
    return f"Nights of {days[0]} to {days[-1]}"


@contextlib.contextmanager
def _one_writer(home: Home) -> Iterator[bool]:
    """Hold the home's lock; False if another process kept it for too long. The system lets go of it for a killed one."""
    path = Path(home.root, "data", LOCK_KEY)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        until = time.monotonic() + LOCK_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    yield False
                    return
                time.sleep(0.2)
        yield True


def main() -> None:
    """`python -m tasks.version`."""
    raise SystemExit(run_stage(version, per="night"))


if __name__ == "__main__":
    main()
