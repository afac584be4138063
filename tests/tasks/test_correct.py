"""What a person points at is found in the tables, and what they say of it is kept; what cannot be is told with what can."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from home.clock import UTC
from home.correcting import correct
from home.corrections import corrections
from home.errors import WrongUse
from home.folder import Home, open_home
from home.pointing import point
from tests.tasks.lived import BOWL, Stay, at, lived

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A cat sleeps in the kitchen from 6 to 7 as track 1 and eats at 7:06 as track 2; one sleeps in the hall over midnight."""
    stays = [
        Stay("kitchen", 1, at(6), at(7), "sleeping"),
        Stay("kitchen", 2, at(7.1), at(7.15), "eating", BOWL, period_s=5),
        Stay("hall", 3, at(21), at(25), "sleeping", period_s=600),
    ]
    return lived(tmp_path_factory.mktemp("home"), stays)


@pytest.fixture
def clean(there: Home) -> Home:
    """The same, before anybody said anything."""
    (there.root / there.config.store.database).unlink(missing_ok=True)
    return open_home(there.root)


def test_a_bout_by_camera_and_local_time_is_the_one_of_its_id(there: Home) -> None:
    found = point(there, ["kitchen", "2026-03-01T08:07"])  # 07:07 UTC
    assert (found.what, found.camera, found.track_id, found.behaviour) == ("bout", "kitchen", 2, "eating")
    assert (found.span.start, found.span.seconds) == (at(7.1), 180)
    csv_id = point(there, ["kitchen", "2026-03-01T06:30+00:00"])
    assert (csv_id.track_id, csv_id.behaviour, csv_id.span.start) == (1, "sleeping", at(6))


def test_a_bout_over_midnight_is_one_whichever_part_is_meant(there: Home) -> None:
    before, after = (point(there, ["hall", moment]) for moment in ("2026-03-01T23:50", "2026-03-02T00:10"))
    assert before == after and before.track_id == 3
    assert before.span.start == at(21) and before.span.end == at(25)


def test_a_moment_and_a_track(there: Home) -> None:
    found = point(there, ["kitchen", "2026-03-01T07:10", "2026-03-01T07:12"])
    assert (found.what, found.track_id, found.behaviour, found.span.seconds) == ("moment", 1, "sleeping", 120)
    both = ["kitchen", "2026-03-01T07:10", "2026-03-01T08:08"]
    with pytest.raises(WrongUse, match="the tracks 1 and 2; say --track NUMBER"):
        point(there, both)
    assert point(there, both, track=2).track_id == 2
    track = point(there, ["kitchen/2026-03-01/2"])
    assert (track.what, track.track_id, track.span.start, track.behaviour) == ("track", 2, at(7.1), "")
    assert track.span.end == at(7.15), "from the first detection to the end of the last one's sample period"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["kitchen", "2026-03-01T08:30"], r"no bout on kitchen at 2026-03-01 08:30:00; near are: \w{12} .* sleeping .*; \w{12} .* eating"),
        (["kitchen", "2026-02-01T08:30"], "none on 2026-02-01 at all .*catml nightly --date 2026-02-01"),
        (["cellar", "2026-03-01T08:30"], "no camera 'cellar' .* it has: kitchen, hall"),
        (["kitchen", "noon"], "'noon' is not a time, e.g. 2026-03-01T08:00"),
        (["kitchen", "2026-03-01T08:30", "2026-03-01T08:20"], "must lie after START"),
        (["kitchen", "2026-03-01T08:30", "2026-03-01T08:40"], "no animal was found on kitchen .* near are"),
        (["abcdefabcdef"], "no bout 'abcdefabcdef' on any day"),
        (["kitchen/2026-03-01/9"], "no track 9 of kitchen on 2026-03-01; there are: 1 and 2"),
        (["kitchen/2026-02-30/9"], "2026-02-30 is not a date"),
        (["kitchen/9"], "a track is CAMERA/DATE/NUMBER, e.g. kitchen/2026-03-01/4"),
        (["a", "b", "c", "d"], "say what was wrong: BOUT"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told_with_what_is_near(there: Home, words: list[str], told: str) -> None:
    with pytest.raises(WrongUse, match=told):
        point(there, words)


def test_what_is_said_is_kept_with_what_was_read(clean: Home) -> None:
    words = ["kitchen", "2026-03-01T08:07"]
    kept = correct(clean, words, {"behaviour": "Using litter-box", "cat": "Luna"}, NOW, by=" Ann ", note="she squatted")
    assert [(c.field, c.value, c.was, c.track_id, c.by) for c in kept] == [
        ("behaviour", "using_litter_box", "eating", 2, "Ann"),
        ("cat", "luna", "unknown", 2, "Ann"),
    ]
    assert (
        corrections(clean.database)
        == kept
        == correct(clean, words, {"behaviour": "using_litter_box", "cat": "luna"}, NOW, by="Ann")
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"behaviour": "eatin"}, "no behaviour 'eatin'; there are: sleeping, eating, .*did you mean 'eating'"),
        ({"posture": "angry"}, "no posture 'angry'; there are: relaxed, stressed, in_pain, alert, playful"),
        ({"cat": "tom"}, r"home.yaml has no cat 'tom'; it has: miso \(Miso\), luna \(Luna\). Add one under `cats:`"),
        ({"not_an_animal": "true", "behaviour": "eating"}, "--not-an-animal stands alone"),
        ({}, "say what it really was: --behaviour"),
    ],
)
def test_what_cannot_be_said_is_told_with_what_can(clean: Home, said: dict[str, str], told: str) -> None:
    with pytest.raises(WrongUse, match=told):
        correct(clean, ["kitchen", "2026-03-01T08:07"], said, NOW)  # type: ignore[arg-type]
    assert corrections(clean.database) == []


def test_the_commands(clean: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def call(*arguments: str) -> str:
        import catml

        monkeypatch.setattr("sys.argv", ["catml", *arguments, "--home", str(clean.root)])
        with pytest.raises(SystemExit) as ended:
            catml.main()
        assert not ended.value.code
        return capsys.readouterr().out

    assert "Nothing was corrected" in call("corrections")
    first = call("correct", "kitchen", "2026-03-01T08:07", "--not-an-animal")
    assert "Correction 1: the bout on kitchen, 2026-03-01 08:06:00 to 08:09:00, was no animal." in first
    assert "no animal" in call("corrections")
    assert "Correction 1 is withdrawn" in call("corrections", "--withdraw", "1")
    assert "(withdrawn)" in call("corrections", "--all")
    assert json.loads(call("corrections", "--json")) == {"corrections": []}
