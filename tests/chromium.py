"""A real browser for tests: Debian's Chromium, driven by Playwright's own program; no browser is downloaded."""

from __future__ import annotations

import importlib.util
import shutil

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]  # as root and in containers it runs only so


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
