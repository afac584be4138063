"""BORIS files in and out: the clock of its player over chunks and gaps, what is refused, and the way there and back."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from home.clock import UTC
from home.errors import WrongUse
from home.folder import Home, open_home
from home.labels import WATCHED, Label, Taken, labels
from tasks.labels.exchange import export_boris, import_boris
from tests.tasks.lived import BOWL, DATE, Stay, at, lived

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=UTC)
HEADER = (
    "Observation id\tObservation date\tDescription\tObservation duration\tObservation type\tSource\tTime offset (s)\t"
    "Media duration (s)\tFPS\tSubject\tBehavior\tBehavioral category\tModifier #1\tBehavior type\tTime\tMedia file name\t"
    "Image index\tImage file path\tComment"
)
CHUNKS = ("C:\\cats\\kitchen\\chunk-20260301-060000.mp4", "C:\\cats\\kitchen\\chunk-20260301-070000.mp4")


def line(
    subject: str, behaviour: str, kind: str, time: str, *, offset: str = "0.0", source: str = ";".join(CHUNKS)
) -> str:
    """As BORIS writes an event of two videos of player 1 and one of player 2. It names the wrong file at an edge."""
    players = f"player #1:{source}|player #2:C:\\cats\\hall\\x.mp4"
    head = [
        "morning",
        "2026-03-01 10:00:00",
        "",
        "6000.0",
        "Media file(s)",
        players,
        offset,
        "3000.000;3000.000|9.0",
        "5.000;5.000|5",
    ]
    return "\t".join([*head, subject, behaviour, "", "None", kind, time, CHUNKS[0], "NA", "NA", "no comment"])


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Footage of the first 50 minutes of 6 and 7 o'clock UTC, each beginning 0.25 s late."""
    stays = [
        Stay("kitchen", 1, at(6), at(6.9), "sleeping", cat="miso"),
        Stay("kitchen", 2, at(7.1), at(7.15), "eating", BOWL, cat="luna", period_s=5),
        Stay("kitchen", 3, at(7.15), at(7.2), "other", BOWL, cat="luna", period_s=5),
        Stay("kitchen", 4, at(7.1), at(7.2), "sleeping", period_s=60),
    ]
    return lived(tmp_path_factory.mktemp("home"), stays)


@pytest.fixture
def home(there: Home) -> Home:
    (there.root / there.config.store.database).unlink(missing_ok=True)
    return open_home(there.root)


def written(tmp_path: Path, *lines: str, name: str = "boris.tsv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


def s(seconds: float) -> dt.timedelta:
    return dt.timedelta(seconds=seconds)


def test_times_are_right_over_chunks_gaps_and_offsets(home: Home, tmp_path: Path) -> None:
    rows = [
        line("Miso", "grooming", "START", "7199.500", offset="7200.0"),  # before the video begins by half a second …
        line("Miso", "grooming", "STOP", "7210.125", offset="7200.0"),
    ]
    with pytest.raises(WrongUse, match=r"line 2: -0.500 to 10.125 s is not within the 6000.000 s of video"):
        import_boris(home, written(tmp_path, *rows), "ann", {}, NOW)
    rows[0] = line("Miso", "grooming", "START", "7201.000", offset="7200.0")
    rows += [
        line("luna", "sleeping", "START", "9000.000", offset="7200.0"),  # 1800 s, half an hour into the first chunk
        line("luna", "sleeping", "STOP", "10320.000", offset="7200.0"),  # 3120 s, two minutes into the second
        line("Miso", "playing", "START", "10100.000", offset="7200.0"),
        line("Miso", "playing", "STOP", "10200.000", offset="7200.0"),  # at the very edge: the end of the first chunk
        line("Miso", "eating", "START", "10200.000", offset="7200.0"),  # and the start of the second
        line("Miso", "eating", "STOP", "10201.000", offset="7200.0"),
        line("No focal subject", "hunting", "START", "10300", offset="7200.0"),
        line("No focal subject", "hunting", "STOP", "10301", offset="7200.0"),
    ]
    first, second = at(6) + s(0.25), at(7) + s(0.25)
    assert import_boris(home, written(tmp_path, *rows), "ann", {}, NOW) == Taken(7, 0, 0)
    assert labels(home.database, "ann") == sorted(
        [
            Label("kitchen", first, first + s(3000), "", WATCHED),
            Label("kitchen", second, second + s(3000), "", WATCHED),
            Label("kitchen", first + s(1), first + s(10.125), "miso", "grooming"),
            Label("kitchen", first + s(1800), second + s(120), "luna", "sleeping"),
            Label("kitchen", first + s(2900), first + s(3000), "miso", "playing"),
            Label("kitchen", second, second + s(1), "miso", "eating"),
            Label("kitchen", second + s(100), second + s(101), "", "hunting"),
        ]
    )


def test_an_observation_taken_in_again_stands_for_what_it_was(home: Home, tmp_path: Path) -> None:
    both = [line("Miso", "eating", kind, time) for kind, time in (("START", "1"), ("STOP", "5"))]
    later = [line("Miso", "eating", kind, time) for kind, time in (("START", "8"), ("STOP", "9"))]
    assert import_boris(home, written(tmp_path, *both), "ann", {}, NOW) == Taken(3, 0, 0)
    assert import_boris(home, written(tmp_path, *both), "ann", {}, NOW) == Taken(0, 3, 0)
    assert import_boris(home, written(tmp_path, *later), "ann", {}, NOW) == Taken(1, 2, 1)
    assert [label.start for label in labels(home.database, "ann") if label.behaviour] == [at(6) + s(8.25)]
    assert import_boris(home, written(tmp_path, *both), "ben", {}, NOW) == Taken(3, 0, 0), (
        "another observer's are beside"
    )


START, STOP = line("Miso", "eating", "START", "1"), line("Miso", "eating", "STOP", "5")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((START,), "line 2: 'eating' of Miso has a START and no STOP; BORIS: Observations > Fix unpaired"),
        ((STOP,), "line 2: 'eating' of Miso at 5.000 s stops what had no START"),
        ((START, line("Miso", "eating", "START", "2"), STOP), "line 3: .* starts again without a STOP since line 2"),
        ((START, line("Miso", "sleeping", "START", "4"), STOP, line("Miso", "sleeping", "STOP", "9")), "line 3: Miso does two things at once, 'eating' until 5.000 s and 'sleeping' from 4.000 s"),
        ((line("Miso", "eating", "POINT", "1"),), "line 2: .* is a point without a length; make it a state event"),
        ((line("Miso", "licking", "START", "1"), line("Miso", "licking", "STOP", "2")), "line 2: no behaviour 'licking'; there are: sleeping"),
        ((START.replace("Miso", "Tom"), STOP.replace("Miso", "Tom")), r"line 2: home.yaml has no cat 'Tom'; it has: miso \(Miso\)"),
        ((START, STOP.replace("\t5\t", "\t0:05\t")), "line 3: `Time` is '0:05'; it is a number of seconds"),
        ((START, STOP.replace("STOP", "END")), "line 3: `Behavior type` is 'END'; it is START, STOP or POINT"),
        ((START, "\t".join(STOP.split("\t")[:9])), "line 3: 9 cells, the header has 19; the file is cut off here"),
        ((START.replace("060000", "050000"), STOP), "chunk kitchen/chunk-20260301-050000.mp4 is in no manifest; `catml nightly --date 2026-03-01`"),
        ((START.replace("chunk-20260301-060000", "holiday"), STOP), "is no chunk of this home; it must be CAMERA/chunk-"),
        ((START.replace("3000.000;3000.000", "3000.000"), STOP), "line 2: 2 videos in `Source` and 1 in"),
        ((START.replace("player #1", "player #3"), STOP), "the observation 'morning' has no video of player 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_and_nothing_is_taken_in(
    home: Home, tmp_path: Path, lines: tuple[str, ...], told: str
) -> None:
    with pytest.raises(WrongUse, match=told):
        import_boris(home, written(tmp_path, *lines), "ann", {}, NOW)
    assert labels(home.database, "ann") == []


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.tsv", b"Time\tSubject\n1\tMiso\n", "line 1: the columns Observation id, .* export it in BORIS 8 or later"),
        ("a.csv", b"\xff\xfe\x00", "byte 0 is not UTF-8"),
        ("a.csv", b"", "line 1: the columns"),
        ("a.boris", b"{", "not JSON"),
        ("a.boris", b'{"observations": []}', "not a BORIS project"),
    ],
)
def test_other_files_are_refused(home: Home, tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WrongUse, match=told):
        import_boris(home, tmp_path / name, "ann", {}, NOW)
    with pytest.raises(WrongUse, match="No such file"):
        import_boris(home, tmp_path / "none.csv", "ann", {}, NOW)


def test_names_of_theirs_are_ours(home: Home, tmp_path: Path) -> None:
    rows = [line("focal 1", "licking", kind, time) for kind, time in (("START", "1"), ("STOP", "5"))]
    import_boris(home, written(tmp_path, *rows), "ann", {"licking": "grooming", "focal 1": "luna"}, NOW)
    assert [(label.subject, label.behaviour) for label in labels(home.database, "ann") if label.behaviour] == [
        ("luna", "grooming")
    ]


@pytest.mark.parametrize("ending", [".tsv", ".csv", ".boris"])
def test_there_and_back_the_labels_are_the_same(home: Home, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"house{ending}"
    done = export_boris(home, file, [DATE], ["kitchen"], None)
    assert (done.observations, done.states, done.outside) == (1, 4, 0)
    import_boris(home, file, "ann", {}, NOW)
    end_of_first = at(6) + s(0.25) + s(3000)  # the cat was held to sleep on for some minutes after it
    assert [label for label in labels(home.database, "ann") if label.behaviour] == [
        Label(
            "kitchen", at(6) + s(0.25), end_of_first, "miso", "sleeping"
        ),  # no footage shows its first quarter second
        Label("kitchen", at(7.1), at(7.15), "luna", "eating"),
        Label("kitchen", at(7.1), at(7.2), "", "sleeping"),
        Label("kitchen", at(7.15), at(7.2), "luna", "other"),
    ]
    again = tmp_path / f"ann{ending}"
    export_boris(home, again, [DATE], [], "ann")
    assert again.read_bytes() == file.read_bytes().replace(b"house", b"ann")


def test_a_project_to_label_in_is_as_boris_keeps_one(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "label.boris"
    assert export_boris(home, file, [], [], "").states == 0
    tree = json.loads(file.read_text())
    observation = tree["observations"]["kitchen 2026-03-01"]
    assert [(tmp_path / path).resolve().name for path in observation["file"]["1"]] == [
        path.split("\\")[-1] for path in CHUNKS
    ]
    assert observation["media_info"]["length"] == dict.fromkeys(observation["file"]["1"], 3000.0)
    assert observation["date"] == "2026-03-01T07:00:00" and observation["events"] == []
    eating = next(each for each in tree["behaviors_conf"].values() if each["code"] == "eating")
    assert (
        eating["type"] == "State event"
        and "sleeping" in eating["excluded"]
        and "eating" not in eating["excluded"].split(",")
    )
    assert len({each["key"] for each in tree["behaviors_conf"].values()}) == 8
    assert [each["name"] for each in tree["subjects_conf"].values()] == ["Miso", "Luna"]


def test_of_a_project_only_the_interval_was_watched(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "label.boris"
    export_boris(home, file, [DATE], [], "")
    tree = json.loads(file.read_text())
    tree["observations"]["kitchen 2026-03-01"]["observation time interval"] = [2990, 3020.0]
    tree["observations"]["live"] = {"type": "LIVE", "file": [], "events": [], "time offset": 0.0}
    file.write_text(json.dumps(tree))
    import_boris(home, file, "ann", {}, NOW)
    edges = [(label.start, label.end) for label in labels(home.database, "ann")]
    first, second = at(6) + s(0.25), at(7) + s(0.25)
    assert edges == [(first + s(2990), first + s(3000)), (second, second + s(20))]


def test_footage_that_is_not_there_and_other_endings_are_told(home: Home, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"must end in .tsv or .csv"):
        export_boris(home, tmp_path / "x.xlsx", [DATE], [], None)
    with pytest.raises(WrongUse, match="no footage of 2026-02-01 in the manifests; `catml nightly --date DATE`"):
        export_boris(home, tmp_path / "x.tsv", [dt.date(2026, 2, 1)], [], None)
