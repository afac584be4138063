"""The page Live in a real browser: five cameras on a phone, drawn as they happen, and silent where nothing is of now."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from home.live import LiveCamera, LiveTrack, show
from tests.plain import plain
from tests.serve.pages.conftest import Looking, serving, window

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOMS = ("kitchen", "hall", "bedroom", "garden", "cellar")
YAML = "timezone: Europe/Berlin\ncameras:\n" + "".join(
    f"  {room}: {{name: {room.capitalize()}, url: rtsp://192.0.2.2{number}/a}}\n" for number, room in enumerate(ROOMS)
)
YAML = YAML.replace("24/a", '24/a, private: ["00:00-12:00", "12:00-00:00"]') + "cats:\n  miso: {name: Miso}\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with five cameras; the owner wants nothing of the cellar to be seen."""
    root = tmp_path_factory.mktemp("live")
    (root / "home.yaml").write_text(YAML, encoding="utf-8")
    plain(root)
    return root


@pytest.fixture(scope="module")
def url(root: Path) -> Iterator[str]:
    """Its address."""
    yield from serving(root)


@pytest.fixture(params=[(360, "dark"), (1440, "light")], ids=["phone", "desktop"])
def looking(browser: Browser, url: str, request: pytest.FixtureRequest) -> Iterator[Looking]:
    """Its owner's window."""
    found = window(browser, url, "owner", *request.param)
    yield found
    assert not found.outside
    found.page.context.close()


def picture(grey: int) -> bytes:
    """A JPEG of one grey."""
    sink = io.BytesIO()
    Image.fromarray(np.full((90, 160, 3), grey, np.uint8)).save(sink, "JPEG")
    return sink.getvalue()


def seen(root: Path, camera: str, *tracks: LiveTrack, ago_s: float = 0.0, online: bool = True) -> None:
    """Show a camera as a watcher would."""
    now = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=ago_s)
    state = LiveCamera(
        camera=camera, at=now, written_at=now, online=online, fps=5.0, latency_ms=84.0, dropped=12, tracks=tracks
    )
    show(root, state, picture(120))


def miso(behaviour: str, left: float = 0.5) -> LiveTrack:
    """Miso, for forty minutes: a slow machine does not make it forty-one."""
    since = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=40, seconds=2)
    box = (left, 0.4, left + 0.3, 0.9)
    return LiveTrack(track_id=1, kind="cat", bbox=box, confidence=0.9, cat="miso", behaviour=behaviour, since=since)


def everybody(root: Path, deed: str, left: float) -> None:
    """Miso in the kitchen, nobody in the hall, a camera and a watcher that are gone, and a private one."""
    seen(root, "kitchen", miso(deed, left))
    seen(root, "hall")
    seen(root, "bedroom", online=False)
    seen(root, "garden", ago_s=3600.0)
    seen(root, "cellar", miso("sleeping"))


@contextmanager
def watching(root: Path, deed: str, left: float) -> Iterator[None]:
    """Show that again and again meanwhile, as a watcher does; a machine may be slow."""
    through = threading.Event()

    def watch() -> None:
        while not through.is_set():
            everybody(root, deed, left)
            through.wait(0.5)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        through.set()
        watcher.join()


def test_five_cameras_are_seen_as_it_happens(looking: Looking, root: Path) -> None:
    shutil.rmtree(root / "data/live", ignore_errors=True)  # before it is opened: it would ask for a picture that goes
    page = looking.open("/live")
    page.get_by_text("No watcher runs:").wait_for()
    with watching(root, "eating", 0.5):
        page.get_by_text("No watcher runs:").wait_for(state="hidden")
        card = page.locator("article[data-camera=kitchen]")
        card.locator(".box").wait_for()
        assert page.locator("#live-sentence").inner_text() == "Miso is eating (Kitchen)."
        words = {room: page.locator(f"article[data-camera={room}] .live-words").inner_text() for room in ROOMS}
        assert words["kitchen"] == "Miso, eating for 40 min" and words["hall"] == "Nobody seen"
        assert "No pictures come since" in words["bedroom"] and "said nothing since" in words["garden"]
        assert words["cellar"] == "Private hours"
        for room in ("bedroom", "garden", "cellar"):
            assert page.locator(f"article[data-camera={room}] :is(img, .box)").count() == 0
        figures = page.locator("[data-figures=kitchen] td").all_inner_texts()
        assert figures == ["5.0", "84 ms", "0", "12"]
        # Asked at once: picture and box are new ones twice a second.
        left, wide = page.evaluate("""() => {
            const frame = document.querySelector("article[data-camera=kitchen] .frame-of").getBoundingClientRect();
            const box = document.querySelector("article[data-camera=kitchen] .box").getBoundingClientRect();
            return [box.left - frame.left, frame.width];
        }""")
        assert left == pytest.approx(0.5 * wide, abs=3)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")
    with watching(root, "playing", 0.1):
        page.get_by_text("Miso is playing (Kitchen).").wait_for()
        page.wait_for_function(
            "document.querySelector('article[data-camera=kitchen] .box.on-playing')?.style.left === '10%'"
        )
        assert not looking.errors
        card.locator("a.picture").click()
        page.wait_for_url("**/live?camera=kitchen")
        page.get_by_text("Kitchen: Miso, playing for").wait_for()
        assert page.locator(".live article").count() == 1


def test_a_hidden_page_asks_for_nothing_and_a_silent_server_is_told(looking: Looking, root: Path) -> None:
    page, asked = looking.open("/live"), list[str]()
    page.get_by_role("heading", name="Kitchen").wait_for()
    page.on("request", lambda request: asked.append(request.url) if "/api/v1/live" in request.url else None)
    page.evaluate("Object.defineProperty(document, 'hidden', {configurable: true, get: () => true})")
    page.wait_for_timeout(700)
    asked.clear()
    page.wait_for_timeout(1500)
    assert not asked
    page.route("**/api/v1/live", lambda route: route.abort())
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_text("The server does not answer").wait_for()
    page.unroute("**/api/v1/live")
    with watching(root, "grooming", 0.5):
        page.get_by_text("Miso is grooming (Kitchen).").wait_for(timeout=30_000)
        page.get_by_text("The server does not answer").wait_for(state="detached")
