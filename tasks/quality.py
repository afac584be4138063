"""Great Expectations between the stages: rows that fail are set aside with their reason, tables that fail stop the night.

A stage calls `check_rows` just before it writes. Rows that fail go to `data/quarantine/<suite>/date=…[/camera=…]/` of
the home, the others go on; a page for each check lies under `data/quality/`. Same rows, same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from home.clock import local_day
from home.errors import QualityError
from home.folder import Home
from home.manifest import read_manifest
from tasks.quality_page import Finding, write_index, write_page
from tasks.suites import SUITES, Around, Rule, Suite

# Great Expectations keeps the context of a process in one place: one check at a time.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class _Failure:
    """A row that fails a rule: where it stands, which rule, and what was found."""

    row: int
    rule: Rule
    found: str


_Told = tuple[list[_Failure], list[Finding]]


def check_rows(
    home: Home, suite: str, frame: pd.DataFrame, date: dt.date, camera: str | None = None
) -> tuple[pd.DataFrame, int]:
    """Hold the rows of one partition against their suite.

    Args:
        home: the home.
        suite: `manifests` (rows of `tasks.suites.chunk_rows`), `detections`, `bouts`, `counts` or `budget`.
        frame: the rows, with the columns of the suite.
        date: local date of the partition.
        camera: id of the camera, for partitions of one; rows of another camera fail.

    Returns:
        The rows that pass, in their order, and how many were set aside. A quarantine of this partition that an earlier
        run wrote is replaced, and removed where every row passes.

    Raises:
        QualityError: if the table fails as a whole: columns or types that are wrong, no rows where there must be some.
    """
    rules = SUITES[suite]
    told: _Told = ([], [])
    # A good day without cats leaves nothing to check, and is not worth the import of Great Expectations.
    if len(frame) or rules.minimum_rows or set(frame.columns) != set(rules.columns):
        told = _validated(rules, [(frame, _around(home, date, camera))], _place(suite, date, camera))[0]
    kept = _kept(home, rules, frame, told, date, camera)
    write_index(home)
    return kept


def check_days(
    home: Home, suite: str, frames: Mapping[dt.date, pd.DataFrame]
) -> dict[dt.date, tuple[pd.DataFrame, int]]:
    """Hold the partitions of many days against their suite at once: each exactly as `check_rows` would.

    Great Expectations takes its time for each rule, hardly for each row.

    Args:
        home: the home.
        suite: one whose `days_alike`: `counts`.
        frames: the rows of each local date.

    Raises:
        QualityError: as `check_rows`, of the first day that fails as a whole; then nothing was written of any.
        ValueError: if the rules of the suite know their day.
    """
    rules = SUITES[suite]
    if not rules.days_alike:
        raise ValueError(f"the rules of {suite!r} know their day; check_rows takes one day at a time")
    parts = [(frame, _around(home, date, None)) for date, frame in frames.items()]
    alike = [(set(frame.columns), len(frame) >= rules.minimum_rows) for frame, _ in parts]
    if all(one == (set(rules.columns), True) for one in alike):
        try:
            told = _validated(rules, parts, f"{suite} {min(frames)} to {max(frames)}") if parts else []
        except QualityError:
            told = []
    else:
        told = []
    if not told:  # some day fails as a whole: which one, it is asked alone
        told = [
            _validated(rules, [part], _place(suite, date, None))[0] for date, part in zip(frames, parts, strict=True)
        ]
    checked = {
        date: _kept(home, rules, frame, of_day, date, None)
        for (date, frame), of_day in zip(frames.items(), told, strict=True)
    }
    write_index(home)
    return checked


def _place(suite: str, date: dt.date, camera: str | None) -> str:
    return " ".join(str(part) for part in (suite, date, camera) if part is not None)


def _kept(
    home: Home, suite: Suite, frame: pd.DataFrame, told: _Told, date: dt.date, camera: str | None
) -> tuple[pd.DataFrame, int]:
    """The rows that pass and how many do not; those lie in quarantine, and the page of the check says why."""
    failures, findings = told
    reasons: dict[int, list[str]] = {}
    for failure in failures:
        reasons.setdefault(failure.row, []).append(
            f"{rule_name(failure.rule)}: {failure.rule.right}; found {failure.found}"
        )
    _set_aside(home, suite, frame, {row: " | ".join(told) for row, told in sorted(reasons.items())}, date, camera)
    write_page(home, suite.name, date, camera, len(frame), len(reasons), findings, indexed=False)
    keep = [row for row in range(len(frame)) if row not in reasons]
    return (frame if len(keep) == len(frame) else frame.iloc[keep].reset_index(drop=True)), len(reasons)


def quarantine_key(suite: str, date: dt.date, camera: str | None = None) -> str:
    """Where the rows of a partition that failed are kept, below the home's own data folder."""
    middle = f"/camera={camera}" if camera else ""
    return f"quarantine/{suite}/date={date.isoformat()}{middle}/part.parquet"


def said(value: Any) -> str:
    """A value that was found, for a sentence: short, and the same on every machine."""
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return "nothing"
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    text = f"{value:.7g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _around(home: Home, date: dt.date, camera: str | None) -> Around:
    manifest = read_manifest(home.data, date)
    cameras = [camera] if camera else list(home.config.cameras)
    chunks = {chunk.key: chunk.span for name in cameras for chunk in manifest.chunks(name)}
    return Around(local_day(date, home.zone), cameras, chunks, home.params.detect.classes, list(home.config.cats))


def _validated(suite: Suite, parts: Sequence[tuple[pd.DataFrame, Around]], place: str) -> list[_Told]:
    """Of each part every failure, in the order of rules and rows, and what to show for every rule.

    Raises:
        QualityError: if the table fails as a whole.
    """
    frames = [frame.reset_index(drop=True) for frame, _ in parts]
    rules, prepared = suite.table_rules(), _together(frames)
    if set(prepared.columns) == set(suite.columns) and len(prepared) >= suite.minimum_rows:
        try:
            # What rules need beyond the table's own columns is added only now: the table itself has been judged.
            made = [suite.prepare(frame, around) for frame, (_, around) in zip(frames, parts, strict=True)]
            rules, prepared = (
                suite.table_rules(exact=False) + suite.rules(parts[0][1]),
                _together(made),
            )
        except (TypeError, AttributeError, ValueError) as error:
            raise QualityError(f"{place}: columns hold values of a wrong type: {error}") from error
    ends = np.cumsum([len(frame) for frame in frames])
    told: list[_Told] = [([], []) for _ in parts]
    for rule, result in zip(rules, judged(suite.name, prepared, rules), strict=True):
        answer = result.result
        if not result.success and "unexpected_index_list" not in answer:
            observed = answer.get("observed_value", _exception(result.exception_info))
            raise QualityError(
                f"{place}: {rule_name(rule)} fails for the whole table: found {observed}, but {rule.right}"
            )
        rows = answer.get("unexpected_index_list") or []
        found = list(zip(rows, _found(prepared, rule, rows), strict=True))
        for number, (failures, findings) in enumerate(told):
            first, end = int(ends[number]) - len(frames[number]), int(ends[number])
            own = [(int(row) - first, value) for row, value in found if first <= row < end]
            failures += [_Failure(row, rule, value) for row, value in own]
            findings.append(Finding(rule_name(rule), rule.right, len(own), list(dict.fromkeys(v for _, v in own))))
    return told


def _together(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]


def judged(name: str, frame: pd.DataFrame, rules: list[Rule]) -> list[Any]:
    """Great Expectations' verdict on each rule, in their order."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when it is imported: nothing phones home
    import great_expectations as gx
    import great_expectations.expectations as kinds
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

    silent: Any = {"globally": False, "metric_calculations": False}
    # Without this it would make itself a temporary folder for pages that nobody asked for.
    settings = DataContextConfig(store_backend_defaults=InMemoryStoreBackendDefaults(), progress_bars=silent)
    with _ONE_AT_A_TIME:
        context = gx.get_context(mode="ephemeral", project_config=settings)
        asset = context.data_sources.add_pandas("rows").add_dataframe_asset(name)
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
        made = [getattr(kinds, rule.kind)(description=rule.right, **rule.settings) for rule in rules]
        verdict = batch.validate(gx.ExpectationSuite(name=name, expectations=made), result_format="COMPLETE")
    # Great Expectations groups its results by column; what is said of each rule is its own.
    by_description = {config.description: result for result in verdict.results if (config := result.expectation_config)}
    return [by_description[rule.right] for rule in rules]


def _found(frame: pd.DataFrame, rule: Rule, rows: list[int]) -> list[str]:
    """What stands in the failing rows; Great Expectations names every row, but the values of the first 200 only."""
    columns = [rule.settings[name] for name in ("column", "column_B", "column_A") if name in rule.settings]
    values = frame.loc[rows, columns].itertuples(index=False, name=None)
    if len(columns) == 1:
        return [said(value) for (value,) in values]
    return [", ".join(f"{name} {said(value)}" for name, value in zip(columns, row, strict=True)) for row in values]


def _exception(told: dict[str, Any]) -> str:
    """The message of an error that kept a rule from being judged; it lies in one part per metric."""
    parts = [told, *(part for part in told.values() if isinstance(part, dict))]
    return next((str(part["exception_message"]) for part in parts if part.get("exception_message")), "no verdict")


def rule_name(rule: Rule) -> str:
    """Great Expectations' own name of a rule, `expect_column_values_to_be_between`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in rule.kind).lstrip("_")


def _set_aside(
    home: Home, suite: Suite, frame: pd.DataFrame, reasons: dict[int, str], date: dt.date, camera: str | None
) -> None:
    key = quarantine_key(suite.name, date, camera)
    if not reasons:
        home.data.delete(key)
        return
    rows = frame.iloc[list(reasons)][list(suite.columns)].assign(reason=list(reasons.values()))
    schema = pa.schema([*suite.columns.items(), ("reason", pa.string())])
    try:
        arrow = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise QualityError(f"{suite.name} {date}: columns hold values of a wrong type: {error}") from error
    sink = io.BytesIO()
    pq.write_table(arrow.replace_schema_metadata(None), sink, compression="zstd")
    home.data.write(key, sink.getvalue())
