"""Cats in a real browser: photos are dropped, checked, kept and taken back; two cats become one, and two again."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from home.corrections import Correction, add, corrections
from home.folder import Home, open_home
from home.gallery import photos
from simulate.close_ups import close_ups
from tests.serve.pages.conftest import Looking, serving, window

if TYPE_CHECKING:
    from playwright.sync_api import Browser

YAML = "# Two cats, or one.\ntimezone: Europe/Berlin\ncameras: {kitchen: {}}\ncats:\n  miso: {name: Miso}\n  mimi: {name: Mimi}\n"
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with two cats that has seen no day yet."""
    root: Path = tmp_path_factory.mktemp("together")
    (root / "home.yaml").write_text(YAML, encoding="utf-8")
    return open_home(root)


@pytest.fixture(scope="module")
def looking(browser: Browser, home: Home) -> Iterator[Looking]:
    """Its owner's window on a phone."""
    for url in serving(home.root):
        found = window(browser, url, "owner", 360, "light")
        yield found
        found.page.context.close()


def photo(number: int) -> bytes:
    """A drawn cat as a JPEG."""
    sink = io.BytesIO()
    pictures = close_ups(number, 480)
    Image.fromarray(next(pictures)[0]).save(sink, "JPEG")
    return sink.getvalue()


def test_photos_are_checked_kept_and_taken_back(looking: Looking, home: Home) -> None:
    page = looking.open("/cats")
    page.locator("#enrolling-files").set_input_files([
        {"name": "cat.jpg", "mimeType": "image/jpeg", "buffer": photo(0)},
        {"name": "note.jpg", "mimeType": "image/jpeg", "buffer": b"meow"},
        {"name": "again.jpg", "mimeType": "image/jpeg", "buffer": photo(0)},
    ])  # fmt: skip
    page.get_by_text("cat.jpg: kept, Miso is on it").wait_for(timeout=60_000)
    page.get_by_text("note.jpg: not kept. This is no photo and no clip").wait_for()
    page.get_by_text("again.jpg: Miso is known by it already.").wait_for()
    (kept,) = photos(home.data, "miso")
    assert (kept.name, kept.width, kept.height) == ("cat.jpg", 480, 360) and home.data.read(kept.key) == photo(0)
    page.get_by_text("There is no past day yet that this could change.").wait_for(timeout=60_000)
    page.get_by_role("button", name="Undo: cat.jpg").click()
    page.get_by_text("cat.jpg: taken back.").wait_for()
    assert not photos(home.data, "miso")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_two_cats_become_one_and_two_again(looking: Looking, home: Home) -> None:
    said = Correction(NOW, "bout", "kitchen", NOW, NOW + dt.timedelta(minutes=1), 7, "cat", "mimi", "unknown", "owner")
    add(home.database, [said])
    page = looking.open("/cats")
    page.get_by_role("button", name="They are one").click()
    page.get_by_text("Choose two cats").wait_for()
    for label, name in (("This cat", "Mimi"), ("is really", "Miso")):
        page.get_by_label(label).click()
        page.locator(".q-menu").get_by_role("option", name=name).click()
        page.locator(".q-menu").wait_for(state="detached")
    page.get_by_role("button", name="They are one").click()
    page.get_by_text("Mimi is Miso from now on.").wait_for(timeout=30_000)
    assert list(open_home(home.root).config.cats) == ["miso"]
    assert [each.value for each in corrections(home.database)] == ["miso"]
    page.get_by_role("button", name="Undo").last.click()
    page.get_by_text("Taken back: they are two cats again.").wait_for()
    assert (home.root / "home.yaml").read_text() == YAML
    assert [each.value for each in corrections(home.database)] == ["mimi"]
    page.get_by_role("link", name="Show it as it is now").click()
    page.get_by_role("heading", name="Mimi", exact=True).wait_for()
