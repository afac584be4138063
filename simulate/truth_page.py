"""A page that shows whether the lives of simulated cats look like those of cats."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np

from home.clock import Span, local_dates
from home.look import counted, css_variables, duration, listed, svg_patterns, times
from simulate.actogram import actogram, key
from simulate.illness import KINDS, Illness
from simulate.living import Household, clipped
from simulate.rhythm import Rhythm
from simulate.routine import Episode
from simulate.tally import Tally

__all__ = ["truth_page"]

MOST_DAYS = 31  # on one actogram
AHEAD_DAYS = 14  # of health before an illness, where there is one

CSS = """
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:1240px;padding:24px 16px;background:var(--page);color:var(--text)}
p,li{max-width:75ch}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
td,th{padding:4px 16px 4px 0;text-align:left;border-bottom:1px solid var(--line)}th{font-weight:600}
table{min-width:640px}td.number{text-align:right}td.number,th,td:first-child{white-space:nowrap}.scroll{overflow-x:auto}.muted{color:var(--muted)}
.actogram{display:block;min-width:720px;width:100%;height:auto;margin:8px 0 32px}
.actogram text{font-size:11px;fill:var(--muted)}.actogram .day,.actogram .free{text-anchor:end}
.actogram .free{fill:var(--text);font-weight:600}.actogram .tick{text-anchor:middle}
.actogram .ground{fill:var(--surface)}.actogram .night{fill:var(--night)}
.actogram .grid{stroke:var(--line);stroke-width:1}
.key{list-style:none;display:flex;flex-wrap:wrap;gap:8px 24px;padding:0}.key svg{vertical-align:-2px}
"""


class Measure(NamedTuple):
    """A row of the table: what is measured, of which behaviour, in what unit, and what is published of real cats."""

    name: str
    behaviour: str
    what: str
    unit: float
    known: str


# Sources: simulate/traits.py.
MEASURES = (
    Measure("Sleep, hours", "sleeping", "seconds", 3600, "12 to 16"),
    Measure("Sleeps", "sleeping", "bouts", 1, "about 14 cycles of sleeping and waking (Lucas 1974)"),
    Measure("Meals", "eating", "bouts", 1, "9 at two home feeders, several small ones (Bradshaw 2006)"),
    Measure("Litter visits", "using_litter_box", "bouts", 1, "median 3, 1 to 7 (Shin 2024)"),
    Measure("Grooming, minutes", "grooming", "seconds", 60, "58: 4 % of the time (Eckstein 2000)"),
    Measure("Playing, minutes", "playing", "seconds", 60, "our choice"),
    Measure("Hunting, minutes", "hunting", "seconds", 60, "our choice"),
    Measure("Scratching, times", "scratching", "bouts", 1, "after rest (Wilson 2016); by hind leg (Eckstein 2000)"),
)
Coverage = Sequence[tuple[str, dt.datetime, dt.datetime, str, str]]


def truth_page(
    household: Household,
    whole: Span,
    diary: Sequence[Episode],
    counts: Sequence[Tally],
    illnesses: Sequence[Illness],
    coverage: Coverage,
) -> str:
    """The page: a sentence and a table per cat, then a month of it as an actogram."""
    cats = "".join(
        _cat(cat, household, whole, diary, counts, [i for i in illnesses if i.cat == cat]) for cat in household.cats
    )
    days = counted(len(local_dates(whole, household.zone)), "day")
    names = listed(name.capitalize() for name in household.cats)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>A simulated home</title><style>{css_variables()}{CSS}</style></head><body>"
        f'<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>{svg_patterns()}</defs></svg>'
        f"<h1>{escape(names)}, simulated for {days}</h1><p>{_coverage(coverage)}</p>{key()}"
        f"{cats}</body></html>\n"
    )


def _coverage(rows: Coverage) -> str:
    parts = []
    for camera in dict.fromkeys(row[0] for row in rows):
        own = [row for row in rows if row[0] == camera]
        total, gone = (
            sum((row[2] - row[1]).total_seconds() for row in own if row[3] in s)
            for s in (("recorded", "gap"), ("gap",))
        )
        gaps = counted(sum(row[3] == "gap" for row in own), "gap")
        parts.append(f"{escape(camera)} {100 * (1 - gone / total):.1f} % ({gaps})")
    return f"Recorded: {listed(parts)}."


def _cat(
    cat: str,
    household: Household,
    whole: Span,
    diary: Sequence[Episode],
    counts: Sequence[Tally],
    illnesses: Sequence[Illness],
) -> str:
    own = [row for row in counts if row.cat == cat]
    total = sum(row.seconds for row in own)
    shares = [100 * sum(getattr(row, what) for row in own) / total for what in ("in_sight_s", "seen_s")]
    sick = "".join(
        f"<p>{escape(i.kind)}: {KINDS[i.kind][0]}, from {i.onset.astimezone(household.zone):%d %B %Y %H:%M} on"
        f"{f' for {_days(i.days)}' if i.days else ''}, in full after {_days(i.ramp_days)}.</p>"
        for i in illnesses
    )
    rows = "".join(_row(measure, own) for measure in MEASURES)
    dates = _shown(local_dates(whole, household.zone), illnesses, household)
    span = (dt.datetime.combine(dates[0], dt.time(), household.zone), dates[-1] + dt.timedelta(days=2))
    end = dt.datetime.combine(span[1], dt.time(), household.zone)
    shown = [e for e in clipped(diary, span[0].astimezone(dt.UTC), end.astimezone(dt.UTC)) if e.cat == cat]
    rhythm = Rhythm(household.zone, household.place, household.seed, household.people)
    name = escape(cat.capitalize())
    picture = actogram(shown, dates, household.zone, rhythm, f"{cat.capitalize()}, {dates[0]} to {dates[-1]}")
    return (
        f"<h2>{name}</h2><p>{name} {_usual(own)}. In sight of a camera for {shares[0]:.0f} % of the time, and recorded there for {shares[1]:.0f} %. "
        f"{_healthy(illnesses)}</p>{sick}"
        '<div class="scroll"><table><tr><th>a day</th><th>mean</th><th>9 of 10 days</th><th>published</th></tr>'
        f'{rows}</table></div><div class="scroll">{picture}</div>'
    )


def _usual(own: Sequence[Tally]) -> str:
    """A usual day in words."""
    spans = len({row.span for row in own})
    slept = sum(row.seconds for row in own if row.behaviour == "sleeping") / spans
    ate, went = (
        round(sum(row.bouts for row in own if row.behaviour == behaviour) / spans)
        for behaviour in ("eating", "using_litter_box")
    )
    return f"sleeps {duration(slept)} a day, eats {times(ate)} and uses the litter box {times(went)}"


def _days(days: float) -> str:
    return "1 day" if days == 1 else f"{days:g} days"


def _healthy(illnesses: Sequence[Illness]) -> str:
    return "The table is of all days, the ill ones included." if illnesses else "Healthy all the time."


def _row(measure: Measure, own: Sequence[Tally]) -> str:
    """A measure over the whole days; over the parts of days where there is no whole one."""
    rows = [row for row in own if row.behaviour == measure.behaviour]
    full = [row for row in rows if row.span.seconds >= 23 * 3600] or rows
    values = np.array([getattr(row, measure.what) / measure.unit for row in full])
    low, high = np.percentile(values, (5, 95), method="nearest")
    digits = 1 if values.mean() < 20 else 0
    whole_numbers = 0 if measure.what == "bouts" else digits
    return (
        f'<tr><td>{measure.name}</td><td class="number">{values.mean():.{digits}f}</td>'
        f'<td class="number">{low:.{whole_numbers}f} to {high:.{whole_numbers}f}</td><td class="muted">{measure.known}</td></tr>'
    )


def _shown(dates: list[dt.date], illnesses: Sequence[Illness], household: Household) -> list[dt.date]:
    """A month of the dates: around the first illness, else the first one."""
    first = 0
    if illnesses:
        onset = min(i.onset for i in illnesses).astimezone(household.zone).date()
        first = max(0, min((onset - dates[0]).days - AHEAD_DAYS, len(dates) - MOST_DAYS))
    return dates[first : first + MOST_DAYS]
