"""Whether what comes next can be told, of the real feeders and litter boxes: every candidate against the two measures.

    python -m bench.habits [--logs ../shared/data/logs] [--keep DIR] [--statsforecast]

For each cat the model is chosen by a back-test that ends two weeks before the log does; then all candidates are asked over these
two weeks, every three hours, learning anew each day. Prints pinball losses, coverage of the 50 % and 80 % intervals, and how far
each lies under seasonal naive and under the plain profile of the day, cats pooled, with a bootstrap of pairs of days; then what
`catml weekly` would have said of each cat in the last four weeks, and why; then the rhythm of each.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from bench.device_logs import HOMES, LOGS, real_home
from home.markdown import table
from models.habits.backtest import Backtest, backtest, covered
from models.habits.change import changes
from models.habits.cosinor import cosinor
from models.habits.forecast import learn
from models.habits.history import History
from models.habits.local_time import DAY_S, HOUR_S
from models.habits.next_event import Candidate
from models.habits.next_event_blend import CANDIDATES
from models.habits.rhythm import days_of, evenness, two_peaks
from models.habits.selection import Choice, choose, gain
from tasks.habit_history import counted_dates, read_histories

HELD_OUT_S = 14 * DAY_S
MEASURES = ("seasonal_naive", "hour_profile")


def histories_of_cats(logs: Path, name: str, folder: Path) -> dict[str, History]:
    """What CatML knows of each cat once the log of this name is imported, by what the cat is called."""
    home, _ = real_home(logs, name, folder)
    dates, behaviour = counted_dates(home), HOMES[name][2]
    known = read_histories(home, dates[0], dates[-1])
    return {settings.name: known[cat, behaviour] for cat, settings in home.config.cats.items()}


def tests(history: History, candidates: Sequence[Candidate], learn_s: float) -> tuple[Backtest, Backtest]:
    """The back-test up to the last two weeks, and that of these, which nobody chose by."""
    first, last = float(history.observed[0, 0]), float(history.observed[-1, 1])
    chosen_by, held_out = (
        backtest(history, candidates, begin, end, every_s=3 * HOUR_S, refit_s=DAY_S)
        for begin, end in ((first + learn_s, last - HELD_OUT_S), (last - HELD_OUT_S, last))
    )
    return chosen_by, held_out


def with_chosen(test: Backtest, choice: Choice) -> Backtest:
    """The same with one more candidate: what had been chosen."""
    return Backtest(
        test.origins, test.days, test.waits, test.limits, {**test.quantiles, "chosen": test.quantiles[choice.model]}
    )


def figures(parts: Mapping[str, Backtest]) -> list[list[str]]:
    """A row per candidate: loss of each cat, coverage, and the gain over both measures, cats pooled."""
    rows = []
    for name in next(iter(parts.values())).quantiles:
        losses = {cat: test.losses() for cat, test in parts.items()}
        row = [name, *(f"{losses[cat][name].mean():.3f}" for cat in parts)]
        for low, high in ((1, 3), (0, 4)):
            row.append(f"{np.concatenate([covered(test, name, low, high) for test in parts.values()]).mean():.2f}")
        for measure in MEASURES:
            over = gain([(losses[cat][measure], losses[cat][name], test.days) for cat, test in parts.items()])
            row.append(
                "" if name == measure else f"{100 * over.share:.1f} ({100 * over.low:.1f} to {100 * over.high:.1f})"
            )
        rows.append(row)
    return rows


def report(title: str, histories: Mapping[str, History], candidates: Sequence[Candidate], learn_s: float) -> None:
    """Choose on the first part, print both."""
    pairs = {cat: tests(history, candidates, learn_s) for cat, history in histories.items()}
    choices = {cat: choose(before) for cat, (before, _) in pairs.items()}
    head = ["candidate", *(f"{cat}, h" for cat in pairs), "50 %", "80 %", "% under naive", "% under profile"]
    for part, what in ((0, "chosen by"), (1, "the last two weeks")):
        parts = {cat: with_chosen(both[part], choices[cat]) for cat, both in pairs.items()}
        print(f"\n{title}, {what}: {sum(len(test.origins) for test in parts.values())} forecasts\n")
        print(table(head, figures(parts)))
    given = {cat: with_chosen(pairs[cat][1], choice) for cat, choice in choices.items() if not choice.abstains}
    if given:
        row = next(row for row in figures(given) if row[0] == "chosen")
        print(
            f"\nwhere a forecast is given ({', '.join(given)}): {row[-2]} % under seasonal naive, {row[-1]} % under the profile"
        )
    for cat, choice in choices.items():
        verdict = f"abstains ({choice.reason})" if choice.abstains else "is given"
        share = f", {100 * choice.gain.share:.1f} % under seasonal naive" if choice.gain else ""
        print(f"{cat}: {choice.model} {verdict}{share}")


def weekly_rows(history: History) -> list[list[str]]:
    """What `catml weekly` says of a cat at the end of each of the last four weeks of its log, and its candidates in the back-test of the last."""
    last, rows = float(history.observed[-1, 1]), list[list[str]]()
    before: Choice | None = None
    for back in range(3, -1, -1):
        learned = learn(history, last - back * 7 * DAY_S, before)
        before, losses = learned.choice, learned.test.losses()
        for name, own in losses.items() if back == 0 else [(before.model, losses[before.model])]:
            under = gain([(losses[MEASURES[0]], own, learned.test.days)])
            share = f"{100 * under.share:.1f} ({100 * under.low:.1f} to {100 * under.high:.1f})"
            says = "" if name != before.model else f"silent, {before.reason}" if before.abstains else "speaks"
            when = f"{back} weeks before the end" if back else "the end"
            rows.append([when, str(len(own)), name, f"{own.mean():.3f}", share if name != MEASURES[0] else "", says])
    return rows


def rhythm_row(history: History) -> list[str]:
    """What the shape of the days is: the daily wave, peaks, evenness, and days on which the habit changed."""
    days = days_of(history)
    wave, peaks, even = cosinor(days), two_peaks(days), evenness(days)
    row = [f"{len(history.starts) * DAY_S / np.ptp(history.observed, axis=1).sum():.1f}"]
    top = f"{wave.acrophase_h:.1f} ± {wave.acrophase_within_h:.1f} h" if wave and wave.p < 0.05 else "no wave"
    row.append(f"{top}, p {wave.p:.1g}" if wave else "")
    row.append(
        f"{wave.amplitude / wave.mean:.2f} ({wave.amplitude_low / wave.mean:.2f} to {wave.amplitude_high / wave.mean:.2f})"
        if wave
        else ""
    )
    row.append(f"{', '.join(f'{hour:.1f}' for hour in peaks.hours)}; {100 * peaks.confidence:.0f} %" if peaks else "")
    row.append(f"{even.entropy:.3f} ({even.low:.3f} to {even.high:.3f})" if even else "")
    dates = [
        f"{dt.date(1970, 1, 1) + dt.timedelta(days=one.date)}: {one.before:.1f} to {one.after:.1f}"
        for one in changes(days)
    ]
    return [*row, "; ".join(dates) or "none"]


def main() -> None:
    """`python -m bench.habits`."""
    parser = argparse.ArgumentParser(
        description="Whether what comes next can be told, of real feeders and litter boxes."
    )
    parser.add_argument("--logs", type=Path, default=LOGS)
    parser.add_argument("--keep", type=Path, help="a folder for the homes; a later run finds their days counted")
    parser.add_argument(
        "--statsforecast", action="store_true", help="its models too; `pip install statsforecast` first"
    )
    options = parser.parse_args()
    candidates: tuple[Candidate, ...] = CANDIDATES
    if options.statsforecast:
        from bench.hourly_models import HOURLY

        candidates += HOURLY
    known = dict[str, History]()
    with tempfile.TemporaryDirectory() as scratch:
        for name, title, learn_s in (("surepet", "Feeders", 5 * DAY_S), ("litter-robot", "Litter boxes", 20 * DAY_S)):
            histories = histories_of_cats(options.logs, name, options.keep or Path(scratch))
            report(title, histories, candidates, learn_s)
            known |= histories
    print("\nWhat a week of the product would have said\n")
    head = ["cat", "week", "trials", "candidate", "loss, h", "% under naive", "says"]
    print(table(head, [[cat, *row] for cat, history in known.items() for row in weekly_rows(history)]))
    print("\nRhythm\n")
    head = ["cat", "a day", "highest at", "swing, of the mean", "two peaks at, sure", "evenness", "changes"]
    print(table(head, [[cat, *rhythm_row(history)] for cat, history in known.items()]))


if __name__ == "__main__":
    main()
