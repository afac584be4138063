"""`catml up` on a real home: a camera, recorders, Prefect's server and a worker; each of them killed, and all of it ended."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings
from prefect.states import Scheduled

from flows.up import parts
from flows.up.command import stop, up
from flows.up.keeper import Wanted, notes
from home.errors import WrongUse
from home.folder import Home
from home.terminal import Terminal
from tests.faults.house import PASSWORD, House
from tests.faults.source import Source, why_no_source
from tests.waiting import until

pytestmark = pytest.mark.skipif(why_no_source() is not None, reason=str(why_no_source()))

CAMERA = "hall"
NAME = f"ingest/{CAMERA}"
FOR_HOURS = {"minutes": 600}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home with one camera, whose password is in the environment; it is up."""
    root = tmp_path_factory.mktemp("up")
    with Source(root, user="owner", password=PASSWORD) as camera, pytest.MonkeyPatch.context() as patch:
        made = House(root / "cats", {CAMERA: camera})
        for name, value in made.environment.items():
            patch.setenv(name, value)
        patch.setenv("PREFECT_WORKER_QUERY_SECONDS", "1")
        patch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")  # somebody's own Prefect, which is none of ours
        try:
            assert up(made.home, Wanted(port=0, pages_port=0), Terminal(quiet=True)) == 0
            yield made
        finally:
            stop(made.home, Terminal(quiet=True))
            for process in processes_of(made.home):
                process.kill()


def processes_of(home: Home) -> list[psutil.Process]:
    """Every process of this machine that belongs to a home."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            ours = process.environ().get("CATML_HOME") == str(home.root)
            found += [process] if ours and process.status() != psutil.STATUS_ZOMBIE else []
    return found


def pid_of(home: Home, name: str) -> int:
    return int(Path(parts.run_folder(home), f"{name}.pid").read_text())


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)


@contextlib.contextmanager
def client_of(home: Home) -> Iterator[SyncPrefectClient]:
    url = f"{parts.url(notes(home)['port'])}/api"
    settings = {PREFECT_API_URL: url, PREFECT_HOME: home.root / "data/run/prefect"}
    with temporary_settings(settings), get_client(sync_client=True) as client:
        yield client


def run(home: Home, **parameters: Any) -> Any:
    """A run of the camera's deployment; its id."""
    with client_of(home) as client:
        deployed = client.read_deployment_by_name(NAME)
        return client.create_flow_run_from_deployment(deployed.id, parameters=parameters).id


def state_of(home: Home, run: Any) -> Any:
    with client_of(home) as client:
        return client.read_flow_run(run).state


def process_of(home: Home, run: Any) -> int:
    """Wait until a run is at its work; its process."""
    turn = home.root / f"data/cache/ingest-{CAMERA}.lock"
    until(lambda: turn.exists() and turn.read_text() == str(run), "the run has its turn", 60)
    with client_of(home) as client:
        return int(str(client.read_flow_run(run).infrastructure_pid))


def completes(home: Home, run: Any) -> bool:
    until(lambda: bool(state_of(home, run).is_final()), "the run ends", 90, every_s=0.2)
    assert state_of(home, run).name == "Completed", state_of(home, run).message
    return True


def test_all_of_it_is_there_and_up_twice_starts_nothing(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    home = house.home
    names = ("up", "recorders", "server", "worker", "pages")
    before = [pid_of(home, name) for name in names]
    assert up(home, Wanted(), Terminal(as_json=True)) == 0
    assert [pid_of(home, name) for name in names] == before
    told = json.loads(capsys.readouterr().out)
    states = {each["what"]: each["state"] for each in told["findings"]}
    assert states == {"hall": "ok", "Prefect": "ok", "worker": "ok", "pages": "ok"}
    assert told["pages"] == parts.url(notes(home)["pages"]) != told["url"]
    with client_of(home) as client:
        assert client.api_url.host == "127.0.0.1" and str(client.api_url).startswith(told["url"])
        zones = {each.name: [one.schedule.timezone for one in each.schedules] for each in client.read_deployments()}
    assert zones == {
        "nightly": [home.config.timezone],
        "weekly": [home.config.timezone],
        "report": [home.config.timezone],
        CAMERA: [home.config.timezone],
        "export": [home.config.timezone],
    }


def test_server_worker_and_run_are_killed_and_the_next_run_completes(house: House) -> None:
    """Nobody is left who could tell the server of the run; nobody has to."""
    home = house.home
    house.until_recording()
    recorder = house.state()["pid"]
    with client_of(home) as client:  # what the owner has paused stays paused, although all is deployed again
        deployed = client.read_deployment_by_name(NAME)
        client.update_deployment_schedule(deployed.id, deployed.schedules[0].id, active=False)
    killed = run(home, **FOR_HOURS)
    dead = [process_of(home, killed), pid_of(home, "worker"), pid_of(home, "server")]
    with client_of(home) as client:
        kill(dead[0])
        kill(dead[1])
        an_hour_ago = Scheduled(scheduled_time=dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))
        missed = client.create_flow_run_from_deployment(deployed.id, state=an_hour_ago).id
    kill(dead[2])
    assert up(home, Wanted(), Terminal(quiet=True)) == 0
    assert not {pid_of(home, "worker"), pid_of(home, "server")} & set(dead)
    assert state_of(home, killed).is_crashed()
    assert state_of(home, missed).is_cancelled()  # hours that are over are not made up for
    assert completes(home, run(home, minutes=0.02))
    with client_of(home) as client:
        assert [each.active for each in client.read_deployment_by_name(NAME).schedules] == [False]
    house.until_recording()
    assert house.state()["pid"] == recorder and house.state()["reconnects"] == 0


@pytest.mark.long
@pytest.mark.parametrize("name", ["server", "worker"])
def test_one_of_them_is_killed_and_the_run_goes_on(house: House, name: str) -> None:
    home = house.home
    first = run(home, **FOR_HOURS)
    process = process_of(home, first)
    dead = pid_of(home, name)
    kill(dead)
    assert up(home, Wanted(), Terminal(quiet=True)) == 0
    assert pid_of(home, name) != dead
    assert psutil.pid_exists(process) and state_of(home, first).is_running()
    # One run of a camera at a time: the second has nothing to do.
    second = run(home, minutes=0.02)
    until(lambda: bool(state_of(home, second).is_final()), "the second ends", 60, every_s=0.2)
    assert state_of(home, second).name == "Skipped"
    kill(process)
    assert completes(home, run(home, minutes=0.02))
    assert state_of(home, first).is_crashed()


def test_a_killed_keeper_costs_nobody_anything(house: House) -> None:
    home = house.home
    before = {name: pid_of(home, name) for name in ("recorders", "server", "worker")}
    kill(pid_of(home, "up"))
    assert parts.keeper(home).pid is None
    assert up(home, Wanted(), Terminal(quiet=True)) == 0
    assert {name: pid_of(home, name) for name in before} == before
    # and it keeps them as its own
    kill(before["worker"])
    until(lambda: pid_of(home, "worker") != before["worker"], "the worker is started again", 20)
    assert up(home, Wanted(), Terminal(quiet=True)) == 0


def test_a_taken_port_is_told(house: House) -> None:
    with pytest.raises(WrongUse, match="is taken by another program"):
        parts.choose_port(notes(house.home)["port"], None)
    assert parts.choose_port(None, notes(house.home)["port"]) != notes(house.home)["port"]


def test_stopped_nothing_is_left_and_nothing_was_lost(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """The last one: it ends the home."""
    home = house.home
    going = run(home, **FOR_HOURS)
    process_of(home, going)
    last = house.sources[CAMERA].sent()[-1].number
    house.until_recording()  # and a later frame
    assert stop(home, Terminal()) == 0
    assert "Stopped: recorders, worker, server, pages." in capsys.readouterr().out
    assert [(process.pid, process.cmdline()) for process in processes_of(home)] == []
    assert house.waiting() == house.finished()  # no chunk is left unfinished

    verdict = house.verdict(last=last)
    assert verdict.in_order and not verdict.missing, verdict

    database = sqlite3.connect(home.root / "data/run/prefect/prefect.db")
    unended = "SELECT count(*) FROM flow_run WHERE state_type IN ('RUNNING', 'PENDING', 'CANCELLING')"
    assert database.execute(unended).fetchone() == (0,)
    database.close()
    assert house.told(PASSWORD) == []

    assert stop(home, Terminal()) == 0
    assert "Nothing of this home was running." in capsys.readouterr().out
