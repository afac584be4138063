"""The command line: exit statuses, what goes where, one object with --json, never a traceback for what can happen.

Most cases call `catml.main` in this process; a few run it as a program, as a user does.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

import catml
from home.folder import PROJECT, Home
from home.tables import COUNTS
from tests.clips import paint, walking
from tests.conftest import HomeFactory

COMMANDS = (
    "init", "check", "snapshot", "import", "import-log", "nightly", "report", "tensorboard", "refresh", "correct", "corrections", "labels agree", "cats add", "simulate", "eval", "train detector",
    "serve", "keys add", "password",
)  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str


class Caller:
    """Calls `catml` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def __call__(self, *arguments: str | Path) -> Ran:
        self._monkeypatch.setattr(sys, "argv", ["catml", *map(str, arguments)])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            catml.main()
        out, err = self._capsys.readouterr()
        assert "Traceback" not in out + err
        return Ran(int(ended.value.code or 0), out, err)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Caller:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("CATML_TODAY", "2026-03-02")
    return Caller(capsys, monkeypatch)


def program(*arguments: str | Path) -> list[str]:
    return [sys.executable, str(PROJECT / "catml.py"), *map(str, arguments)]


# A word on how to go on, for whoever is lost.


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_shows_every_command_once(call: Caller, arguments: tuple[str, ...]) -> None:
    ran = call(*arguments)
    assert ran.status == 0 and ran.err == "" and ran.out.count("Usage:") == 1 and "None" not in ran.out
    for command in COMMANDS:
        assert ran.out.count(f"│ {command.split()[0]} ") == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(call: Caller, command: str) -> None:
    ran = call(*command.split(), "--help")
    assert ran.status == 0 and "--json" in ran.out and "--quiet" in ran.out
    assert ("--home" in ran.out and "--set" in ran.out) or command == "init"


def test_version(call: Caller) -> None:
    ran = call("--version")
    assert ran.status == 0 and ran.out.startswith("catml")


def test_help_comes_at_once() -> None:
    before = os.times().children_user
    subprocess.run(program("--help"), check=True, capture_output=True)
    # CPU seconds of the child, so that a busy machine does not matter: imports of NumPy and more would cost over one.
    assert os.times().children_user - before < 1.0


def test_heavy_imports_wait_for_their_command() -> None:
    code = "import sys, catml; print(*[m for m in ('numpy', 'av', 'pandas', 'cv2', 'onnxruntime', 'prefect') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""


# What is wrong, and with which status it ends.


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nigthly",), "Did you mean 'nightly'?"),
        (("nightly", "--dates", "x"), "No such option"),
        (("nightly", "--date", "yesterday"), "must be YYYY-MM-DD"),
        (("nightly", "--date", "2026-02-30"), "must be YYYY-MM-DD"),
        (
            ("nightly", "--date", "2026-03-03"),
            "--date 2026-03-03 is still to come; today is 2026-03-02 in Europe/Berlin",
        ),
        (("report", "--date", "2027-01-01"), "is still to come"),
        (("nightly", "--camera", "cellar"), "no camera 'cellar'"),
        (("nightly", "--camera", "cellar"), "it has: kitchen"),
        (("snapshot", "cellar"), "it has: kitchen"),
        (("import", "x.mp4", "--camera", "cellar"), "it has: kitchen"),
        (("import", "x.mp4"), "Missing option"),
        (("import", "x.mp4", "--camera", "kitchen", "--start", "noon"), "--start: 'noon' is not a time"),
        (("import", "x.mp4", "--camera", "kitchen", "--start", "2026-03-29T02:30"), "the clocks skip that hour"),
        (("import", "x.mp4", "--camera", "kitchen", "--start", "2090-01-01"), "is still to come"),
        (("nightly", "--set", "detect.confidence"), "it must be stage.param=value"),
        (("nightly", "--set", "detect.confidence=7"), "--set: detect.confidence: found 7; it must be less than 1"),
        (("nightly", "--set", "detct.confidence=0.3"), "did you mean `detect`?"),
        (("check", "--home", "nowhere"), "nowhere/home.yaml: found no such file; `catml init DIR` makes a new home"),
        (("init", "home.yaml"), "home.yaml is a file; a home is a folder"),
        (("init",), "Missing argument"),
    ],
)
def test_wrong_use_ends_with_2(
    call: Caller,
    home_factory: HomeFactory,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.chdir(home_factory().root)
    ran = call(*arguments)
    told = " ".join(ran.err.replace("│", " ").split())
    assert ran.status == 2 and ran.out == "" and words in told, ran.err


def test_a_wrong_file_ends_with_2_and_its_line(call: Caller, home_factory: HomeFactory) -> None:
    root = home_factory().root
    (root / "home.yaml").write_text("timezone: Europe/Berlin\ncamras: {}\n")
    ran = call("nightly", "--home", root)
    assert ran.status == 2 and f"error: {root}/home.yaml:2: camras: found the key 'camras'; did you mean" in ran.err
    as_json = call("nightly", "--home", root, "--json")
    tree = json.loads(as_json.out)["error"]
    assert (tree["kind"], tree["problems"][0]["line"], as_json.status) == ("ConfigError", 2, 2)


def test_a_store_that_is_down_ends_with_1(call: Caller, home_factory: HomeFactory, s3_keys: None) -> None:
    store = "store:\n  footage: s3://cats\n  endpoint_url: http://127.0.0.1:1\n"
    ran = call("nightly", "--home", home_factory(more=store).root, "--date", "2026-03-01")
    assert ran.status == 1 and "error: s3://cats/" in ran.err and "no answer from http://127.0.0.1:1" in ran.err


# Each command.


def test_init_then_check(call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    first = call("init", tmp_path / "cats")
    assert first.status == 0 and "is a home now, in the time zone Europe/Berlin" in first.out
    again = call("init", tmp_path / "cats")
    assert again.status == 0 and "nothing was changed" in again.out
    assert json.loads(call("init", tmp_path / "cats", "--json").out)["there"] == ["home.yaml", "params.yaml"]
    checked = call("check", "--home", tmp_path / "cats")
    assert (
        checked.status == 0 and "All that is needed works" in checked.out and "add one under `cameras:`" in checked.out
    )


def test_check_ends_with_1_if_something_fails(call: Caller, home_factory: HomeFactory) -> None:
    root = home_factory(cameras="  kitchen:\n    url: rtsp://127.0.0.1:1/live\n").root
    ran = call("check", "--home", root, "--json")
    tree = json.loads(ran.out)
    states = {finding["what"]: finding["state"] for finding in tree["findings"]}
    assert ran.status == 1 and tree["ok"] is False and states["camera kitchen"] == "fail"
    quiet = call("check", "--home", root, "--quiet")
    assert quiet.status == 1 and quiet.out == "" and "warning: camera kitchen: rtsp://127.0.0.1:1/live" in quiet.err


def test_snapshot(call: Caller, home_factory: HomeFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = paint(tmp_path / "clip.mp4", 1)
    zones = "zones: {food_bowl: [[0, 0], [1, 0], [1, 1]]}"
    root = home_factory(cameras=f"  kitchen:\n    url: file://{clip}\n    {zones}\n").root
    monkeypatch.chdir(tmp_path)
    ran = call("snapshot", "kitchen", "--home", root)
    assert ran.status == 0 and "320 x 240, from the camera: kitchen-snapshot.png" in ran.out and "food_bowl" in ran.out
    assert (tmp_path / "kitchen-snapshot.png").read_bytes().startswith(b"\x89PNG")
    tree = json.loads(call("snapshot", "kitchen", "--home", root, "--out", "a/b.png", "--json").out)
    assert tree["file"] == "a/b.png" and (tmp_path / "a" / "b.png").exists()
    none = call("snapshot", "kitchen", "--home", home_factory(folder="other").root)
    assert none.status == 1 and "catml import FILE --camera kitchen" in none.err


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return paint(tmp_path / "film.mp4", 20, place=walking)


def brought_in(call: Caller, home: Home, film: Path) -> Ran:
    return call("import", film, "--camera", "kitchen", "--start", "2026-03-01T08:00", "--home", home.root)


def test_import(call: Caller, home_factory: HomeFactory, film: Path) -> None:
    home = home_factory()
    first = brought_in(call, home, film)
    assert first.status == 0 and first.out.startswith("1 file for kitchen: 1 chunk written; 20 s in all.")
    assert "Next: catml nightly --date 2026-03-01" in first.out
    assert [entry.key for entry in home.footage.list("")] == ["kitchen/chunk-20260301-070000.mp4"]  # 08:00 in Berlin
    again = brought_in(call, home, film)
    assert again.status == 0 and "0 chunks written, 1 were there already" in again.out
    missing = call("import", "none.mp4", "--camera", "kitchen", "--home", home.root, "--json")
    tree = json.loads(missing.out)
    assert missing.status == 1 and "none.mp4" in tree["failed"][0]["reason"] and "not imported" in missing.err


def test_import_log(call: Caller, home_factory: HomeFactory, tmp_path: Path) -> None:
    home = home_factory(more="cats:\n  miso: {name: Miso}\n")
    log = tmp_path / "box_activity_2026-01-05.csv"
    log.write_text("Activity,Timestamp,Value\nWeight recorded,1/2 9:00 am,10.3 lbs\nCat detected,1/1 8:59 am,-\n")
    asked = ("import-log", log, "--kind", "litter-robot", "--cat", "Miso", "--home", home.root)
    first = call(*asked)
    assert first.status == 0
    assert first.out.splitlines() == [
        "1 file with 2 rows: 2 new, 0 there already; 1 new reading.",
        "box: 24 h 2 min reported, 2026-01-01 08:59 to 2026-01-02 09:01.",
    ]
    counted = home.tables.read(COUNTS, dt.date(2026, 1, 1))
    assert counted["events"].sum() == 1 and set(counted[counted["events"] > 0]["cat"]) == {"miso"}
    tree = json.loads(call(*asked, "--json").out)
    assert (tree["new"], tree["rows"], tree["devices"][0]["gaps"]) == (0, 2, [])
    log.write_text("Activity,When\nCat detected,1/1 8:59 am\n")
    wrong = call(*asked)
    assert (
        wrong.status == 1 and f"{log}:1: found the columns Activity, When; Timestamp, Value must be there" in wrong.err
    )
    unknown = call(*asked[:-3], "Rex", "--home", home.root)
    assert unknown.status == 2 and "home.yaml has no cat 'Rex'; it has: miso (Miso)" in unknown.err


def test_nightly_and_report(call: Caller, home_factory: HomeFactory, film: Path) -> None:
    home = home_factory()
    brought_in(call, home, film)
    ran = call("nightly", "--home", home.root)  # without a date: the look-back has it
    assert ran.status == 0 and "Sunday 1 March 2026" in ran.out and "20 s of the day's 24 h were recorded" in ran.out
    page = home.root / "data" / "reports" / "2026-03-01.html"
    assert f"The day page: {page}" in ran.out and page.exists()
    assert "extract 2026-03-01 kitchen: samples 4" in ran.err  # one in 5 s
    second = json.loads(call("nightly", "--home", home.root, "--date", "2026-03-01", "--json", "--quiet").out)
    stages = [outcome["stage"] for outcome in second["outcomes"]]
    assert stages == [
        "manifest",
        "extract",
        "detect",
        "pose",
        "identify",
        "behave",
        "bouts",
        "counts",
        "anomalies",
        "forecast",
        "drift",
        "report",
        "tensorboard",
        "version",
    ]
    assert all(outcome["skipped"] for outcome in second["outcomes"][:-1])
    assert second["page"] == str(page) and second["told"]
    report = call("report", "--home", home.root, "--date", "2026-03-01")
    assert report.status == 0 and str(page) in report.out
    quiet = call("report", "--home", home.root, "--date", "2026-03-01", "--quiet")
    assert (quiet.status, quiet.out, quiet.err) == (0, "", "")


def test_report_of_a_month(call: Caller, home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fourth month of a year that is not over: what is asked for, the last full one, and what cannot be."""
    monkeypatch.setenv("CATML_TODAY", "2026-04-10")
    home = home_factory(more="cats:\n  miso: {name: Miso}\n")
    ran = call("report", "--home", home.root, "--cat", "Miso", "--no-pdf")
    page = home.root / "data/months/2026-03/miso.html"
    assert ran.status == 0 and "Nobody watched in March 2026" in ran.out and str(page) in ran.out and page.exists()
    assert not (page.parent / "home.html").exists()
    tree = json.loads(call("report", "--home", home.root, "--month", "2026-04", "--json", "--no-pdf").out)
    assert tree["month"] == "2026-04" and [each["name"] for each in tree["reports"]] == ["miso", "home"]
    assert "The month is not over" in str(tree["reports"][0]["footing"])
    for wrong, words in (
        (("--month", "2026-05"), "is still to come"),
        (("--month", "May"), "it must be YYYY-MM"),
        (("--cat", "rex"), "home.yaml has no cat 'rex'"),
        (("--cat", "miso", "--date", "2026-03-01"), "--date is of the page of a day"),
    ):
        refused = call("report", "--home", home.root, *wrong)
        assert refused.status == 2 and words in refused.err, wrong


@pytest.mark.parametrize("command", ["nightly", "report"])
def test_a_date_without_footage_says_so(call: Caller, home_factory: HomeFactory, film: Path, command: str) -> None:
    home = home_factory()
    empty = call(command, "--home", home.root, "--date", "2026-02-01")
    assert empty.status == 0 and "There is no footage of 2026-02-01, nor of any other day" in empty.out
    brought_in(call, home, film)
    other = call(command, "--home", home.root, "--date", "2026-02-01")
    assert other.status == 0 and "The newest is of 2026-03-01: catml nightly --date 2026-03-01" in other.out


# As a program.


def test_simulate(call: Caller, tmp_path: Path) -> None:
    home = tmp_path / "cats"
    one = ("--cats", "1", "--cameras", "1", "--set", "simulate.minutes=1", "--home", home)  # drawn in seconds
    wrong = call("simulate", "--days", "2", "--footage", "2027-01-01T00:00/1", *one)
    assert wrong.status == 2 and "is not within the diary, 2026-03-01T00:00 to 2026-03-03T00:00" in wrong.err
    made = call("simulate", "--days", "2", "--start", "2026-03-28", "--ill", "miso cystitis 2026-03-29", *one)
    assert made.status == 0 and made.out.startswith("1 cat for 2 days; 1 min of 1 camera are filmed, from 2026-03-28 ")
    assert str(home / "data" / "diary" / "index.html") in made.out.replace("\n", "")
    again = json.loads(call("simulate", "--json", *one).out)
    assert again["outcome"]["skipped"] and again["footage_start"].startswith("2026-03-28"), "what was asked for is kept"
    (tmp_path / "own").mkdir()
    (tmp_path / "own/home.yaml").write_text("timezone: UTC\n")
    own = call("simulate", "--home", tmp_path / "own")
    assert own.status == 2 and "is your own" in own.err


def test_as_a_program_statuses_and_streams(home_factory: HomeFactory) -> None:
    root = home_factory().root
    environment = {**os.environ, "CATML_TODAY": dt.date(2026, 3, 2).isoformat()}
    done = subprocess.run(
        program("nightly", "--date", "2026-03-01", "--json"), cwd=root, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0 and json.loads(done.stdout)["page"] is None and "Traceback" not in done.stderr
    wrong = subprocess.run(program("nightly", "--home", "nowhere"), cwd=root, capture_output=True, text=True)
    assert wrong.returncode == 2 and wrong.stdout == "" and wrong.stderr.startswith("error: nowhere/home.yaml")
    assert wrong.stderr.count("\n") == 1


def hears_ctrl_c() -> None:
    """What a shell starts in the background ignores Ctrl-C, and so does all that it starts: these tests too, then."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_ends_with_130_and_no_traceback(home_factory: HomeFactory) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # a camera that is waited for
        home = home_factory(cameras=f"  kitchen:\n    url: rtsp://127.0.0.1:{silent.getsockname()[1]}/live\n")
        running = subprocess.Popen(
            program("check"), cwd=home.root, stderr=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=hears_ctrl_c
        )
        silent.settimeout(60)
        connection, _ = silent.accept()
        time.sleep(0.3)
        running.send_signal(signal.SIGINT)
        began = time.monotonic()
        _, err = running.communicate(timeout=30)
        assert time.monotonic() - began < 5  # not after the camera's time-out, eight seconds and more
        connection.close()
    assert running.returncode == 130
    assert b"Traceback" not in err and b"stopped; what is done stays" in err


def test_a_closed_pipe_is_no_error_to_cry_about(home_factory: HomeFactory) -> None:
    command = f"{' '.join(program('check', '--json'))} | head -c 1"
    done = subprocess.run(["bash", "-c", command], cwd=home_factory().root, capture_output=True, text=True)
    assert done.stdout == "{" and "Traceback" not in done.stderr
