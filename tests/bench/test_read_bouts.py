"""What was read of true bouts is counted by the true one it belongs to."""

import datetime as dt

import pandas as pd

from bench.read_bouts import NOTHING, Tally, as_markdown, count, day_plan
from home.clock import Span
from home.ethogram import BEHAVIOURS

BEGIN = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
FILMS = [Span(BEGIN, BEGIN + dt.timedelta(minutes=20))]


def read(*rows: tuple[str, float, float, str]) -> pd.DataFrame:
    """A table of bouts: behaviour, start and end in seconds of the film, camera."""
    moments = [(BEGIN + dt.timedelta(seconds=start), BEGIN + dt.timedelta(seconds=end)) for _, start, end, _ in rows]
    return pd.DataFrame(
        {
            "behaviour": [row[0] for row in rows],
            "start": [start for start, _ in moments],
            "end": [end for _, end in moments],
            "cameras": [[row[3]] for row in rows],
        }
    )


def true(*rows: tuple[str, float, float, str]) -> list[tuple[str, str, str, float, float]]:
    at = BEGIN.timestamp()
    return [("ash", behaviour, camera, at + start, at + end) for behaviour, start, end, camera in rows]


def counted(bouts: list[tuple[str, str, str, float, float]], rows: pd.DataFrame) -> Tally:
    tally = Tally()
    count(bouts, rows, FILMS, tally)
    return tally


def of(*names: str) -> tuple[int, ...]:
    return tuple(BEHAVIOURS.index(name) for name in names)


def test_the_right_reading_comes_first_and_others_are_besides() -> None:
    told = counted(
        true(("eating", 100, 160, "hall"), ("other", 160, 300, "hall"), ("grooming", 400, 450, "hall")),
        read(("other", 90, 130, "hall"), ("eating", 130, 165, "hall"), ("using_litter_box", 170, 200, "hall")),
    )
    eating, other, grooming, litter = of("eating", "other", "grooming", "using_litter_box")
    assert told.first[eating, eating] == 1 and told.besides[eating, other] == 1
    assert told.first[other, litter] == 1, "nothing right was read of it: the longest is its first"
    assert told.first[grooming, NOTHING] == 1 and told.first.sum() == 3
    assert not told.ghosts.any() and len(told.lengths[eating]) == 1


def test_another_camera_short_bouts_and_cut_ones_do_not_count() -> None:
    (eating,) = of("eating")
    told = counted(
        true(("eating", 100, 160, "hall"), ("eating", 200, 205, "hall"), ("eating", 1170, 1200, "hall")),
        read(("eating", 100, 160, "study")),
    )
    assert told.first.sum() == told.first[eating, NOTHING] == 1
    assert told.ghosts[eating] == 1


def test_counts_of_homes_add_up_and_make_tables() -> None:
    tally, both = counted(true(("eating", 100, 160, "hall")), read(("eating", 100, 160, "hall"))), Tally()
    both.add(tally)
    both.add(tally)
    (eating,) = of("eating")
    assert both.first[eating, eating] == 2 and both.lengths[eating] == [0.0, 0.0]
    assert "| eating | 2 | 1.00 | 1.00 |" in as_markdown(both)


def test_films_show_every_litter_visit_of_the_day_and_lie_apart() -> None:
    plan = day_plan(501, "flat")
    assert all(first.end < second.start for first, second in zip(plan.stretches, plan.stretches[1:], strict=False))
    assert sum(episode.behaviour == "using_litter_box" for episode in plan.diary) >= 3
