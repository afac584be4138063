"""`catml tensorboard`: the real TensorBoard on the home's logs, on this machine alone, and how it ends."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from catml import app
from home.folder import Home, open_home
from tasks.boards.event_file import EventFile, file_name
from tasks.boards.opening import gathered
from tests.conftest import HomeFactory
from tests.s3_server import S3Server
from tests.serving import said_first
from tests.test_catml import hears_ctrl_c, program

DATE = dt.date(2026, 3, 1)


def shown(home: Home, run: str, number: float, date: dt.date = DATE) -> str:
    """One event file in the store; gives its key."""
    content = EventFile(date, home.zone)
    content.scalar("hours a day/eating", number)
    if run.startswith("weeks/"):
        content.settings(run, {"habits.memory_days": 84.0})
    key = f"tensorboard/{run}/{file_name(date, home.zone, 'night')}"
    home.tables.store.write(key, content.content())
    return key


def test_tensorboard_shows_nights_weeks_and_trainings_until_ctrl_c(home_factory: HomeFactory) -> None:
    home = home_factory()
    for run in ("cats/miso", "house", f"weeks/{DATE}"):
        shown(home, run, 2.5)
    training = home.root / "data" / "training" / "own" / "events"
    training.mkdir(parents=True)
    (training / file_name(DATE, home.zone, "run")).write_bytes(EventFile(DATE, home.zone).content())
    # A proxy that is not there must not be asked for what lies on this machine.
    environment = os.environ | {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    running = subprocess.Popen(
        program("tensorboard", "--port", "0", "--json"), cwd=home.root, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=hears_ctrl_c,
    )  # fmt: skip
    try:
        assert running.stdout is not None
        url = said_first(running.stdout)["url"].split("?")[0]
        wanted = {"cats/miso", "house", f"weeks/{DATE}", "training/own/events"}
        assert set(until(url, "data/runs", lambda found: len(found) == 4)) == wanted
        point = asked(url, "data/plugin/scalars/scalars?run=cats%2Fmiso&tag=hours%20a%20day%2Feating")[0]
        assert point[2] == 2.5 and dt.datetime.fromtimestamp(point[0], home.zone).date() == DATE
        experiment = asked(url, "data/plugin/hparams/experiment", b"{}")
        assert [info["name"] for info in experiment["hparamInfos"]] == ["habits.memory_days"]
        family = [psutil.Process(running.pid), *psutil.Process(running.pid).children(recursive=True)]
        listening = {part.laddr.ip for each in family for part in each.net_connections() if part.status == "LISTEN"}
        assert listening <= {"127.0.0.1", "::1"} and listening, "nobody else can see the cats"
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    finally:
        running.kill()
    assert running.returncode == 0 and "Traceback" not in err and "TensorBoard has ended." in err
    assert not psutil.wait_procs(family, timeout=10)[1], "its reader of files ends with it"


def asked(url: str, path: str, body: bytes | None = None) -> list:
    request = urllib.request.Request(url + path, body, {"content-type": "application/json"} if body else {})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=30) as answer:
        return json.load(answer)


def until(url: str, path: str, enough: object) -> list:
    """Ask until the logs are read; TensorBoard answers before."""
    end = time.monotonic() + 60
    while not enough(found := asked(url, path)):  # type: ignore[operator]
        assert time.monotonic() < end, found
        time.sleep(0.2)
    return found


def test_a_home_without_nights_says_what_to_do(home_factory: HomeFactory) -> None:
    ran = CliRunner().invoke(app, ["tensorboard", "--home", str(home_factory().root)], catch_exceptions=False)
    assert ran.exit_code == 0 and "nothing to show yet: catml nightly" in ran.output


def test_a_port_that_is_taken_is_told(home_factory: HomeFactory) -> None:
    home = home_factory()
    shown(home, "house", 1)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(program("tensorboard", "--port", port), cwd=home.root, capture_output=True, text=True)
    assert done.returncode == 2 and f"error: --port {port}: it is taken; name another" in done.stderr


def test_without_tensorboard_it_says_what_to_install(home_factory: HomeFactory, tmp_path: Path) -> None:
    home = home_factory()
    shown(home, "house", 1)
    hidden = "import sys; sys.modules['tensorboard'] = None; import catml; sys.argv[0] = 'catml'; catml.main()"
    command = [*program()[:1], "-c", hidden, "tensorboard", "--home", str(home.root)]
    where = Path(__file__).parents[3]
    done = subprocess.run(command, cwd=where, capture_output=True, text=True)
    assert done.returncode == 2 and "pip install tensorboard" in done.stderr, done.stderr


def test_from_s3_only_what_is_new_is_copied(home_factory: HomeFactory, s3_server: S3Server) -> None:
    store = f"store: {{tables: {s3_server.bucket('logs')}/home, endpoint_url: {s3_server.endpoint}}}\n"
    home, told = home_factory(more=store), list[str]()
    keys = [shown(home, "cats/miso", number, DATE + dt.timedelta(days=number)) for number in range(3)]
    view = gathered(home, told.append)
    assert view is not None and "3 files of 3 are new at s3://logs/home" in told.pop()
    lying = sorted(view.rglob("*tfevents*"))
    assert not lying and sorted(path.name for path in (view / "cats/miso").iterdir()) == [
        Path(key).name for key in keys
    ]
    untouched = (view / "cats/miso" / Path(keys[0]).name).stat().st_mtime_ns
    gathered(home, told.append)
    assert told == [], "nothing is new"
    shown(home, "cats/miso", 9, DATE + dt.timedelta(days=1))
    home.tables.store.delete(keys[2])
    gathered(open_home(home.root), told.append)
    assert "1 file of 2" in told[0]
    left = {path.name: path for path in (view / "cats/miso").iterdir()}
    assert set(left) == {Path(key).name for key in keys[:2]}
    assert left[Path(keys[0]).name].stat().st_mtime_ns == untouched
    assert left[Path(keys[1]).name].read_bytes() == home.tables.store.read(keys[1])


@pytest.mark.parametrize("kind", ["cats", "weeks"])
def test_what_the_view_showed_and_is_no_more_is_not_shown(home_factory: HomeFactory, kind: str) -> None:
    home = home_factory()
    key = shown(home, f"{kind}/one", 1)
    view = gathered(home, print)
    assert view is not None and [link.name for link in view.iterdir()] == [kind]
    home.tables.store.delete(key)
    assert gathered(home, print) is None and list(view.iterdir()) == []
