"""Great Expectations between the stages: rows that fail are set aside with their reason, tables that fail stop the night.

A stage calls `check_rows` just before it writes. Rows that fail go to `data/quarantine/<suite>/date=…[/camera=…]/` of
the home, the others go on; a page for each check lies under `data/quality/`. Same rows, same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import threading
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from home.clock import local_day
from home.errors import QualityError
from home.folder import Home
from home.manifest import read_manifest
from tasks.quality_page import Finding, write_page
from tasks.suites import SUITES, Around, Rule, Suite

# Great Expectations keeps the context of a process in one place: one check at a time.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class _Failure:
    """A row that fails a rule: where it stands, which rule, and what was found."""

    row: int
    rule: Rule
    found: str


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
    failures: list[_Failure] = []
    findings: list[Finding] = []
    # A good day without cats leaves nothing to check, and is not worth the import of Great Expectations.
    if len(frame) or rules.minimum_rows or set(frame.columns) != set(rules.columns):
        place = " ".join(str(part) for part in (suite, date, camera) if part is not None)
        failures, findings = _validated(rules, frame.reset_index(drop=True), _around(home, date, camera), place)
    reasons: dict[int, list[str]] = {}
    for failure in failures:
        reasons.setdefault(failure.row, []).append(
            f"{rule_name(failure.rule)}: {failure.rule.right}; found {failure.found}"
        )
    _set_aside(home, rules, frame, {row: " | ".join(told) for row, told in sorted(reasons.items())}, date, camera)
    write_page(home, suite, date, camera, len(frame), len(reasons), findings)
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


def _validated(suite: Suite, frame: pd.DataFrame, around: Around, place: str) -> tuple[list[_Failure], list[Finding]]:
    """Every failure, in the order of rules and rows, and what to show for every rule.

    Raises:
        QualityError: if the table fails as a whole.
    """
    rules, prepared = suite.table_rules(), frame
    if set(frame.columns) == set(suite.columns) and len(frame) >= suite.minimum_rows:
        try:
            # What rules need beyond the table's own columns is added only now: the table itself has been judged.
            rules, prepared = suite.table_rules(exact=False) + suite.rules(around), suite.prepare(frame, around)
        except (TypeError, AttributeError, ValueError) as error:
            raise QualityError(f"{place}: columns hold values of a wrong type: {error}") from error
    failures, findings = [], []
    for rule, result in zip(rules, judged(suite.name, prepared, rules), strict=True):
        told = result.result
        if not result.success and "unexpected_index_list" not in told:
            observed = told.get("observed_value", _exception(result.exception_info))
            raise QualityError(
                f"{place}: {rule_name(rule)} fails for the whole table: found {observed}, but {rule.right}"
            )
        rows = told.get("unexpected_index_list") or []
        found = _found(prepared, rule, rows)
        failures += [_Failure(int(row), rule, value) for row, value in zip(rows, found, strict=True)]
        findings.append(Finding(rule_name(rule), rule.right, len(rows), list(dict.fromkeys(found))))
    return failures, findings


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
