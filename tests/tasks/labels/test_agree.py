"""Two labellers compared: only where both watched, cat by cat, and a label's edge in the middle of a second."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from home.clock import UTC
from home.errors import WrongUse
from home.folder import Home
from home.labels import WATCHED, Label, take
from home.terminal import Terminal
from tasks.labels.agree import CLASSES, agree, tell_agreement
from tests.tasks.lived import lived

NOW = dt.datetime(2026, 3, 2, tzinfo=UTC)
Said = tuple[float, float, str, str]


def at(seconds: float) -> dt.datetime:
    return dt.datetime(2026, 3, 1, 6, tzinfo=UTC) + dt.timedelta(seconds=seconds)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return lived(tmp_path, [])


def told(home: Home, observer: str, *said: Said, camera: str = "kitchen") -> None:
    rows = [Label(camera, at(start), at(end), subject, behaviour) for start, end, subject, behaviour in said]
    take(home.database, observer, {camera: rows}, NOW)


def test_only_what_both_watched_counts_and_nothing_is_an_answer(home: Home) -> None:
    told(home, "ann", (0, 600, "", WATCHED), (0, 120, "miso", "eating"), (300, 600, "miso", "sleeping"))
    told(home, "ben", (60, 900, "", WATCHED), (60, 150, "miso", "eating"), (600, 900, "miso", "sleeping"))
    told(home, "ben", (0, 600, "", WATCHED), camera="hall")
    compared = agree(home, "ann", "ben")
    table = {
        (one, other): int(compared.found.seconds[CLASSES.index(one), CLASSES.index(other)])
        for one in ("eating", "sleeping", "nothing")
        for other in ("eating", "sleeping", "nothing")
    }
    assert compared.seconds == 540 == sum(table.values())
    assert {pair: n for pair, n in table.items() if n} == {
        ("eating", "eating"): 60,
        ("nothing", "eating"): 30,
        ("nothing", "nothing"): 150,
        ("sleeping", "nothing"): 300,
    }


def test_cats_are_compared_each_with_itself(home: Home) -> None:
    told(home, "ann", (0, 60, "", WATCHED), (0, 60, "miso", "eating"), (0, 60, "luna", "sleeping"))
    told(home, "ben", (0, 60, "", WATCHED), (0, 60, "luna", "eating"), (0, 60, "miso", "sleeping"))
    compared = agree(home, "ann", "ben")
    assert compared.found.agreed == 0 and (compared.seconds, compared.cats) == (60, 2)
    told(home, "cat", (0, 60, "", WATCHED), (0, 60, "", "eating"))
    with pytest.raises(
        WrongUse, match=r"ann labels two cats at once on kitchen at 2026-03-01 07:00:00; .* must name cats"
    ):
        agree(home, "ann", "cat")
    told(home, "dan", (0, 60, "", WATCHED), (0, 60, "luna", "eating"))
    assert agree(home, "dan", "cat").found.agreed == 1, "one who names no cats is compared without their names"


def test_a_second_is_what_its_middle_is(home: Home) -> None:
    told(home, "ann", (0.25, 60.25, "", WATCHED), (10.25, 20.25, "miso", "eating"))
    told(home, "ben", (0.25, 60.25, "", WATCHED), (10.45, 20.55, "miso", "eating"))
    compared = agree(home, "ann", "ben")
    eating = CLASSES.index("eating")
    assert compared.seconds == 60 and compared.found.seconds[eating, eating] == 10
    assert compared.found.seconds[-1, eating] == 1, "the one second whose middle lies between 20.25 and 20.55"


def test_what_cannot_be_compared_is_told(home: Home) -> None:
    with pytest.raises(WrongUse, match="no labels of 'ann'; there are those of: nobody yet"):
        agree(home, "ann", "ben")
    told(home, "ann", (0, 60, "", WATCHED))
    told(home, "ben", (60, 120, "", WATCHED))
    with pytest.raises(WrongUse, match="have watched no footage in common"):
        agree(home, "ann", "ben")
    with pytest.raises(WrongUse, match="there are those of: ann, ben"):
        agree(home, "ann", "carl")
    with pytest.raises(WrongUse, match="name two observers"):
        agree(home, "ann", "ann")


def test_it_is_told_as_a_table_and_as_json(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    told(home, "ann", (0, 600, "", WATCHED), (0, 300, "miso", "eating"))
    told(home, "ben", (0, 600, "", WATCHED), (0, 270, "miso", "eating"))
    compared = agree(home, "ann", "ben")
    tell_agreement(Terminal(), compared)
    out = capsys.readouterr().out
    assert out.startswith("ann and ben agree on 95% of the time: kappa 0.90 (")
    assert (
        "Both watched 10 min, compared for 1 cat." in out
        and "eating" in out
        and "nothing" in out
        and "hunting" not in out
    )
    tell_agreement(Terminal(as_json=True), compared)
    tree = json.loads(capsys.readouterr().out)
    assert tree["behaviours"]["eating"]["kappa"] == pytest.approx(0.9) and set(tree["behaviours"]) == {
        "eating",
        "nothing",
    }
