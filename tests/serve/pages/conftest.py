"""A simulated home that is served as its owner serves it, and a browser that looks at it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from home.folder import PROJECT, Home
from home.users import GUEST, User, set_password
from serve.secrets_kept import hashed
from tests import chromium
from tests.serve.pages.simulated import TODAY, at, simulated
from tests.serving import said_first

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Served:
    """A home and its address."""

    home: Home
    url: str


@dataclass
class Looking:
    """What one browser window shows, and what went wrong while it did.

    Attributes:
        page: of Playwright.
        url: of the home.
        outside: addresses of other places that were asked for anything.
        errors: of the page's scripts, and what its Content-Security-Policy refused.
    """

    page: Page
    url: str
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Open a page; it is there when its heading is."""
        self.page.goto(self.url + path)
        self.page.wait_for_selector("h1")
        return self.page


def serving(root: Path) -> Iterator[str]:
    """Serve a home by `catml serve`; yields its address, and ends it."""
    environment = os.environ | {
        "CATML_OWNER_PASSWORD": PASSWORD,
        "CATML_TODAY": TODAY.isoformat(),
        "OMP_NUM_THREADS": "1",
    }
    command = [
        sys.executable,
        str(PROJECT / "catml.py"),
        "serve",
        "--home",
        str(root),
        "--port",
        "0",
        "--json",
        "--set",
        "detect.runtime=onnxruntime",
    ]
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            yield str(said_first(process.stdout)["url"])
        finally:
            process.terminate()
            try:
                process.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()  # or it would be waited for without a limit
                raise


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The simulated home, served by `catml serve`."""
    home = simulated(tmp_path_factory.mktemp("served") / "home")
    set_password(home.database, User(GUEST, hashed(PASSWORD), at(0)))
    for url in serving(home.root):
        yield Served(home, url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    if reason := chromium.why_not():
        pytest.skip(reason)
    with chromium.browsing() as running:
        yield running


def window(browser: Browser, url: str, user: str, width: int, scheme: str) -> Looking:
    """A window in which somebody is logged in."""
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    context.set_default_timeout(60_000)  # a busy machine is slow; what is there is waited for no longer
    page = context.new_page()
    looking = Looking(page, url)
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((url, "data:", "blob:")) else looking.outside.append(request.url)
        ),
    )
    page.on("pageerror", lambda error: looking.errors.append(str(error)))
    page.on("console", lambda message: looking.errors.append(message.text) if message.type == "error" else None)
    context.request.post(f"{url}/login", form={"name": user, "password": PASSWORD}, headers={"Origin": url})
    return looking


@pytest.fixture(scope="module")
def windows(browser: Browser, served: Served) -> Callable[..., Looking]:
    """`windows()` is the owner's window, `windows(width=360, scheme="dark")` that on a phone at night, `windows("guest")` a guest's."""
    made: dict[tuple[str, int, str], Looking] = {}

    def make(user: str = "owner", width: int = 1440, scheme: str = "light") -> Looking:
        key = (user, width, scheme)
        if key not in made:
            made[key] = window(browser, served.url, user, width, scheme)
        return made[key]

    return make


@pytest.fixture
def owner(windows: Callable[..., Looking]) -> Looking:
    """The owner's window."""
    looking = windows()
    looking.errors.clear()
    return looking
