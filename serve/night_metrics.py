"""What the nights and the networks say of themselves, as gauges: they are read when they are asked for, and kept for a minute.

Nothing is told of what was not seen: a night without observed time has no shares, a camera that could not be compared with
earlier nights has no drift.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from home.clock import local_day
from home.errors import CatMLError
from home.ethogram import BEHAVIOURS
from home.folder import Home
from home.tables import BUDGET, DRIFT
from models.detector.description import SHORT
from serve.networks import networks_of

__all__ = ["IN_USE", "LAST_JOB", "NightMetrics"]

KEPT_S = 60.0
IN_USE, LAST_JOB = "in_use", "last_job"
FIGURES = ("ap50", "macro_f1")  # of detectors, of behaviour


class NightMetrics(Collector):
    """Gauges of a home's tables and networks.

    Args:
        home: whose.
    """

    def __init__(self, home: Home) -> None:
        self._home, self._lock = home, threading.Lock()
        self._until, self._known = 0.0, list[Metric]()

    def describe(self) -> Iterable[Metric]:
        """Nothing is read to be registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All of them; who asks while they are read, and a store may take long, gets those of before."""
        if self._lock.acquire(blocking=False):
            try:
                if monotonic() >= self._until:
                    self._known = list(self._read())
                    self._until = monotonic() + KEPT_S
            finally:
                self._lock.release()
        yield from self._known

    def _read(self) -> Iterator[Metric]:
        readable = GaugeMetricFamily(
            "catml_tables_readable", "1 where tables and networks could be read.", labels=["what"]
        )
        for what, of in {"networks": self._networks, "budget": self._budget, "drift": self._drift}.items():
            try:
                yield from list(of())
                readable.add_metric([what], 1.0)
            except (CatMLError, OSError, ValueError):
                readable.add_metric([what], 0.0)
        yield readable

    def _networks(self) -> Iterator[Metric]:
        info = GaugeMetricFamily("catml_model_info", "The networks in use.", labels=["network", "version"])
        figures = GaugeMetricFamily("catml_validation", "What a validation said, 0..1.", labels=["figure", "of"])

        def measured(told: dict[str, float], of: str) -> None:
            for figure in FIGURES:
                if figure in told:
                    figures.add_metric([figure, of], told[figure])

        for network in networks_of(self._home):
            info.add_metric([network.task, network.fingerprint[:SHORT]], 1.0)
            if network.task != "photo":  # its macro-F1 is of photos, the other of homes
                measured(network.metric, IN_USE)
        done = GaugeMetricFamily("catml_validation_time_seconds", "When the last validation job ended, Unix time.")
        file = self._home.root / self._home.params.evaluate.metrics
        if file.is_file():
            measured(_numbers(file), LAST_JOB)
            done.add_metric([], file.stat().st_mtime)
        yield from (info, figures, done)

    def _budget(self) -> Iterator[Metric]:
        share = GaugeMetricFamily(
            "catml_class_share", "Of the seconds of the last night that were read.", labels=["class"]
        )
        seen = GaugeMetricFamily("catml_class_seconds", "Seconds that the shares rest on.")
        end = GaugeMetricFamily("catml_night_end_seconds", "End of the last local day that was worked on, Unix time.")
        date = _last(self._home.tables.dates(BUDGET))
        if date is not None:
            rows = self._home.tables.read(BUDGET, date)
            seconds = rows[rows["behaviour"].isin(BEHAVIOURS)].groupby("behaviour")["seconds"].sum()
            whole = float(seconds.sum())
            for behaviour in BEHAVIOURS if whole > 0 else ():
                share.add_metric([behaviour], float(seconds.get(behaviour, 0.0)) / whole)
            seen.add_metric([], whole)
            end.add_metric([], local_day(date, self._home.zone).end.timestamp())
        yield from (share, seen, end)

    def _drift(self) -> Iterator[Metric]:
        labels = ["camera", "watched"]
        alarm = GaugeMetricFamily("catml_drift_alarm", "1 where what a camera shows has changed.", labels=labels)
        far = GaugeMetricFamily("catml_drift_sum", "Over nights, in bounds: above 1 is an alarm.", labels=labels)
        date = _last(self._home.tables.dates(DRIFT))
        if date is not None:
            rows = self._home.tables.read(DRIFT, date)
            for row in rows[rows["deviation"].notna()].itertuples():
                alarm.add_metric([row.camera, row.watched], float(row.alarm))
                if row.bound > 0:
                    far.add_metric([row.camera, row.watched], float(row.sum / row.bound))
        yield from (alarm, far)


def _last(dates: list[dt.date]) -> dt.date | None:
    return dates[-1] if dates else None


def _numbers(file: Path) -> dict[str, float]:
    """The figures of a file of `tasks.evaluate`; ValueError where it holds others."""
    tree = json.loads(file.read_text("utf-8"))
    if not isinstance(tree, dict):
        raise ValueError(f"{file.name} holds no figures by name")
    return {name: float(value) for name, value in tree.items() if isinstance(value, int | float)}
