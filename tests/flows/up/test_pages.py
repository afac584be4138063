"""The pages as a part of a home that is up: they answer, stay at their port, and end."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from flows.up import command, keeper, parts
from flows.up.api import answers
from flows.up.keeper import Kept, Wanted, notes
from home.errors import WrongUse
from home.folder import Home
from home.users import OWNER, user_of
from ingest.record.state import write_state
from tests.conftest import HomeFactory
from tests.waiting import until


@pytest.fixture
def served(home_factory: HomeFactory) -> Iterator[tuple[Home, int, list[Kept]]]:
    """A home whose keeper keeps its pages, and nothing else."""
    home = home_factory()
    run = parts.run_folder(home)
    run.mkdir(parents=True)
    write_state(run / "up.json", keeper._pages_port(home, Wanted(pages_port=0)))
    kept = keeper._pages(home)
    yield home, int(notes(home)["pages"]), kept
    parts.pages(home, 0).stop()


def test_pages_answer_where_they_were_and_end(served: tuple[Home, int, list[Kept]]) -> None:
    home, port, (kept,) = served
    live = f"{parts.url(port)}/health/live"
    assert command._pages(home)[0].state == "fail"

    def turned() -> bool:
        kept.turn(time.monotonic())
        return answers(live)

    until(turned, "the pages answer", 90, every_s=0.2)
    assert command._pages(home) == [command.Finding("pages", "ok", f"at {parts.url(port)}")]
    # Whoever keeps it anew finds it at work, where it is.
    assert keeper._pages_port(home, Wanted()) == {"pages": port}
    # A log is no place for a password: nobody can log in before its owner has one.
    assert "password" not in parts.pages(home, port).log.read_text().lower()
    assert user_of(home.database, OWNER) is None
    assert parts.pages(home, port).stop() and not answers(live)


def test_pages_may_be_another_services(home_factory: HomeFactory) -> None:
    home = home_factory()
    assert keeper._pages_port(home, Wanted(pages=False)) == {} and keeper._pages(home) == []
    assert command._pages(home) == []


def test_a_port_that_is_taken_is_told_with_its_option(home_factory: HomeFactory) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(WrongUse, match=r"--pages-port \d+ is taken"):
            keeper._pages_port(home_factory(), Wanted(pages_port=taken.getsockname()[1]))
