"""Of `bench.serve`: a home of five cats with a year in its tables, and every reading endpoint of it, page after page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import httpx

from bench.month_report import judge, made_home
from bench.served import Served
from bench.shown_home import counted, spent
from home.folder import Home, open_home
from home.tables import BOUTS, COUNTS
from home.telemetry import Reading, keep

__all__ = ["ENDPOINTS", "asked", "bouts", "year"]

CATS = 5
DEVICES = 3
ENDPOINTS: dict[str, dict[str, str | int]] = {
    "me": {}, "cats": {}, "cameras": {}, "models": {}, "models/networks": {}, "models/contests": {}, "coverage": {}, "live": {},
    "bouts": {"limit": 100}, "bouts?cat=miso": {"limit": 100}, "bouts?behaviour=eating": {"limit": 100},
    "bouts?newest_first=true": {"limit": 100}, "budgets": {"limit": 100}, "forecasts": {"limit": 100}, "habits": {}, "anomalies": {},
    "moments": {}, "drift": {}, "reports": {}, "events": {}, "telemetry": {}, "statistics": {}, "dashboard": {}, "holds": {},
}  # fmt: skip


def year(root: Path, months: int = 12) -> Home:
    """The home; the last month is judged."""
    made_home(root, CATS, months, 101, ill=True)
    home = open_home(root)
    for date in home.tables.dates(COUNTS):
        spent(home, date)
        counted(home, date)
    judge(home)
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    rows = [
        Reading(f"feeder-{number}", now - dt.timedelta(minutes=10 * step), "grams", 4.0 + step % 7, "g")
        for number in range(DEVICES)
        for step in range(10_000)
    ]
    keep(home.database, rows)
    return home


def bouts(home: Home) -> int:
    """How many the year has."""
    return sum(len(home.tables.read(BOUTS, date)) for date in home.tables.dates(BOUTS))


def asked(served: Served, path: str, more: dict[str, str | int], least: int, most: int) -> Iterator[float]:
    """Milliseconds of each answer: page by page, from the start again until there were `least`; `most` at most."""
    with httpx.Client(base_url=f"{served.url}/api/v1/", headers=served.headers, trust_env=False, timeout=60) as client:
        cursor, done = None, 0
        while done < most:
            begun = perf_counter()
            answer = client.get(
                path,
                params=httpx.QueryParams(path.partition("?")[2]).merge(more | ({"cursor": cursor} if cursor else {})),
            )
            yield 1000 * (perf_counter() - begun)
            done += 1
            tree = answer.raise_for_status().json()
            cursor = tree.get("next") if isinstance(tree, dict) else None
            if cursor is None and done >= least:
                return
