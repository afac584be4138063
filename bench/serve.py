"""What the API and the pages stand, on this machine: the table of docs/serving.md.

    python -m bench.serve [--seconds 120] [--only photos|overload|reading|pages] [--months 12]

A `catml serve` of its own, as an owner starts it, on this machine; whoever asks shares the processor with it.

- photos: ten a second of 1600 x 1200 pixels, at a pace that no answer slows down, first `fast`, then `accurate`; a time counts from the
  moment at which a photo was due. Then the bare networks on the same photos, one after the other.
- overload: forty a second in `accurate`; how quickly those that are too many are sent away, and one photo after the other afterwards.
- reading: a home of five cats with so many months of bouts; every endpoint, page after page by its cursors.
- pages: of the same home, each in a real Chromium, until it answers a click.

Ends with 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import io
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter, sleep
from typing import get_args

import httpx
import numpy as np
from PIL import Image

from bench.month_report import LAST
from bench.serve_pages import pages, why_not
from bench.serve_photos import SIZE, Load, load, photos
from bench.serve_reads import ENDPOINTS, asked, bouts, year
from bench.served import Served, serving
from home.folder import Home, open_home
from home.look import counted
from models.detector.modes import Mode
from models.glance import Clock, read_photo
from serve.looker import Looker

PACE, TOO_MANY = 10.0, 40.0  # photos a second
GOALS: dict[str, float] = {"fast": 100.0, "accurate": 300.0, "reading": 50.0, "pages": 2000.0}  # P95, milliseconds
ERRORS, GROWTH = 0.001, 1.1
LEAST, MOST = 40, 400  # answers of each endpoint

missed: list[str] = []


def row(what: str, ms: Sequence[float], goal: float | None, more: str = "") -> None:
    """One line of the table; a goal that is missed is kept in `missed`."""
    p50, p95, most = (np.percentile(ms, each) for each in (50, 95, 100))
    print(
        f"| {what} | {p50:.0f} | {p95:.0f} | {most:.0f} | {'' if goal is None else f'{goal:.0f}'} | {more} |",
        flush=True,
    )
    if goal is not None and p95 > goal:
        missed.append(f"{what}: P95 {p95:.0f} ms")


def _photos(served: Served, seconds: float) -> None:
    sent = photos(8)
    for mode in get_args(Mode):
        found = load(served, sent, mode, PACE, seconds)
        early, late = (each / 1e6 for each in found.memory)
        told = f"{found.sent} photos in {seconds:.0f} s, {_statuses(found)}; memory {early:.0f} to {late:.0f} MB"
        row(f"{PACE:.0f} photos/s, `{mode}`", found.taken_ms or [np.inf], GOALS[mode], told)
        if found.errors > ERRORS or len(found.taken_ms) < (1 - ERRORS) * found.sent:
            missed.append(f"{mode}: {_statuses(found)}")
        if late > GROWTH * early:
            missed.append(f"{mode}: memory grew {late / early:.2f} times")
        row(
            f"the networks alone, `{mode}`",
            _alone(sent, mode),
            None,
            "one after the other, in the program that measures",
        )


def _alone(sent: list[bytes], mode: Mode) -> list[float]:
    """Milliseconds of the networks on the same photos, decoded before."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "home.yaml").write_text("timezone: UTC\ncameras: {}\n", encoding="utf-8")
        readers = Looker(open_home(Path(folder))).readers(mode)
        pictures = [np.asarray(Image.open(io.BytesIO(data)).convert("RGB")) for data in sent]
        took = []
        for number in range(4 * len(sent)):
            begun = perf_counter()
            read_photo(readers, pictures[number % len(sent)], Clock())
            if number >= len(sent):  # the first round warms caches
                took.append(1000 * (perf_counter() - begun))
    return took


def _overload(served: Served, seconds: float) -> None:
    sent = photos(8)
    found = load(served, sent, "accurate", TOO_MANY, min(30.0, seconds))
    row(f"{TOO_MANY:.0f} photos/s, `accurate`: looked at", found.taken_ms or [np.inf], None, _statuses(found))
    if found.refused_ms:
        row("… sent away, 503 with Retry-After", found.refused_ms, None, "")
    sleep(2)
    took = []
    with httpx.Client(base_url=served.url, headers=served.headers, trust_env=False, timeout=60) as client:
        for number in range(20):
            begun = perf_counter()
            answer = client.post("/api/v1/predict", files={"file": sent[number % len(sent)]}, data={"mode": "accurate"})
            answer.raise_for_status()
            took.append(1000 * (perf_counter() - begun))
    row("… two seconds later, one by one", took, None, "")
    if found.errors > ERRORS:
        missed.append(f"overload: {_statuses(found)}")


def _statuses(found: Load) -> str:
    return ", ".join(f"{count} times {status or 'no answer'}" for status, count in found.statuses.items())


def _reading(served: Served) -> None:
    for path, more in ENDPOINTS.items():
        took = list(asked(served, path, more, LEAST, MOST))
        row(f"GET {path}", took, GOALS["reading"], counted(len(took), "answer"))


def _pages(served: Served) -> None:
    if reason := why_not():
        print(f"pages: not measured. {reason}")
        missed.append("pages: not measured")
        return
    for name, took in pages(served, 6).items():
        row(f"page {name}", took[1:], GOALS["pages"], f"the first time {took[0]:.0f} ms")


def main() -> int:
    """`python -m bench.serve`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120.0, help="of photos, for each mode")
    parser.add_argument("--months", type=int, default=12, help="of bouts")
    parser.add_argument("--only", choices=("photos", "overload", "reading", "pages"))
    given = parser.parse_args()
    parts: dict[str, Callable[[Served], None]] = {
        "photos": lambda served: _photos(served, given.seconds),
        "overload": lambda served: _overload(served, given.seconds),
        "reading": _reading,
        "pages": _pages,
    }
    os.environ["CATML_TODAY"] = str(LAST)
    with tempfile.TemporaryDirectory() as folder:
        reads = given.only in (None, "reading", "pages")
        home = year(Path(folder), given.months) if reads else _empty(Path(folder))
        with serving(home) as served:
            print(f"{counted(os.cpu_count() or 1, 'core')}, photos of {SIZE} pixels, {counted(bouts(home), 'bout')}\n")
            print("| what | P50 ms | P95 ms | longest | goal (P95) | |\n|---|---|---|---|---|---|")
            for name, work in parts.items():
                if given.only in (None, name):
                    work(served)
    print("\nmissed: " + "; ".join(missed) if missed else "\nall goals are kept")
    return 1 if missed else 0


def _empty(root: Path) -> Home:
    (root / "home.yaml").write_text("timezone: UTC\ncameras: {}\n", encoding="utf-8")
    return open_home(root)


if __name__ == "__main__":
    raise SystemExit(main())
