"""A real browser for tests: Debian's Chromium, driven by Playwright's own program; no browser is downloaded."""

from __future__ import annotations

import importlib.util
import shutil
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]  # as root and in containers it runs only so
ENDS_S = 60.0
"""A browser that is asked to end does so within a second where nothing else runs."""


def program() -> str | None:
    """Where it is."""
    return next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )


def why_not() -> str:
    """Why no browser can be driven here; empty if one can."""
    if importlib.util.find_spec("playwright") is None:
        return "Playwright is missing: pip install playwright"
    return "" if program() else "Chromium is missing: apt-get install chromium"


@contextmanager
def browsing(ends_s: float = ENDS_S) -> Iterator[Browser]:
    """A browser. Afterwards it and the program that drives it are gone, windows and all.

    Either may hang when it is asked to end, and Playwright waits for it without a limit: after `ends_s` all of their
    processes are killed, with a warning.
    """
    from playwright.sync_api import Error, sync_playwright

    others = set(psutil.Process().children(recursive=True))
    driver = sync_playwright().start()
    browser: Browser | None = None
    family: set[psutil.Process] = set()
    try:
        browser = driver.chromium.launch(executable_path=program(), args=ARGUMENTS)
        # Remembered now: when their parent is gone they are nobody's children.
        family |= set(psutil.Process().children(recursive=True)) - others
        yield browser
    finally:
        family |= set(psutil.Process().children(recursive=True)) - others

        def kill() -> None:
            for process in family:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            warnings.warn(f"the browser did not end within {ends_s:g} s and was killed", stacklevel=1)

        late = threading.Timer(ends_s, kill)
        late.start()
        with suppress(Error):  # where it was killed, its connection is gone
            if browser is not None:
                browser.close()
        driver.stop()
        late.cancel()
