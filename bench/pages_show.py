"""The pictures of docs/serving.md: every page but Live of a simulated home, on a desktop and on a phone, light and dark.

    python -m bench.pages_show [--home DIR] [--out docs/serving-pictures] [--only NAME …]

The home is that of `bench.shown_home`, made in DIR where it is not there yet; a photo and a clip of ../shared/data are tried on it.
Each page is one picture: desktop and phone in light above, in dark below.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from bench.served import PASSWORD, Served, serving
from bench.shown_home import shown_home
from home.folder import Home, open_home
from home.tables import BOUTS
from tests import chromium

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

DATA = Path("../shared/data")
PHOTO, CLIP = DATA / "detect/breeds", DATA / "video/chair_play_dinov3.mp4"  # what may be shown: CC BY 4.0, MIT
DESKTOP, PHONE = {"width": 1280, "height": 960}, {"width": 390, "height": 844}
TALL, BETWEEN = 720, 12  # pixels of each page in a picture
QUALITY = 78


@dataclass(frozen=True)
class Picture:
    """One page, what is done on it first, and what of it is shown: from this element on."""

    path: str
    do: Callable[[Page], Any] = lambda _: None
    at: str = ""


def _tried(file: Path) -> Callable[[Page], Any]:
    def work(page: Page) -> None:
        page.locator("input[type=file]").set_input_files(str(file))
        page.get_by_label("How").select_option("accurate")
        page.get_by_role("button", name="Look at it").click()
        page.locator("#tried .bars-in").first.wait_for(timeout=90_000)

    return work


def _rule(page: Page) -> None:
    page.locator(".rule summary").first.click()
    page.get_by_label("Name", exact=True).first.wait_for()


def _zone(page: Page) -> None:
    picture = page.locator(".drawn-on")
    picture.locator("polygon").first.wait_for(state="attached")
    box = picture.bounding_box()
    assert box
    for x, y in ((0.42, 0.62), (0.58, 0.62), (0.6, 0.8)):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.wait_for_timeout(1500)


def wanted(home: Home, photo: Path) -> dict[str, Picture]:
    """The pictures by name."""
    date = home.tables.dates(BOUTS)[-1]
    rows = home.tables.read(BOUTS, date)
    rows = rows[rows["x1"].notna()]
    hours = rows["start"].dt.tz_convert(home.zone).dt.hour
    meals = rows[(rows["behaviour"] == "eating") & hours.between(9, 16)]
    row = (meals if len(meals) else rows).iloc[0]
    begun = dt.datetime.strptime(row["chunk"][-19:-4], "%Y%m%d-%H%M%S").replace(tzinfo=dt.UTC).astimezone(home.zone)
    recordings = f"/recordings?camera={row['camera']}&date={date}&time={begun + dt.timedelta(seconds=1):%H:%M:%S}"
    return {
        "today": Picture("/"),
        "today-budget": Picture("/", at="#budget-title"),
        "bout": Picture(f"/bout?id={row['bout_id']}&date={date}"),
        "cats": Picture("/cats"),
        "habits": Picture("/habits?cat=tofu&behaviour=eating"),
        "habits-week": Picture("/habits?cat=tofu&behaviour=eating", at="#week-title"),
        "recordings": Picture(recordings),
        "events": Picture("/events"),
        "rules": Picture("/events", _rule, at=".rule"),
        "try-photo": Picture("/try", _tried(photo), at="#tried"),
        "try-clip": Picture("/try", _tried(CLIP), at="#tried"),
        "models": Picture("/models"),
        "settings": Picture("/settings", _zone, at=".drawn-on"),
    }


def taken(context: BrowserContext, url: str, each: Picture) -> Image.Image:
    """One picture."""
    page = context.new_page()
    try:
        page.goto(url + each.path)
        page.wait_for_function("window.socket && window.socket.connected && window.did_handshake")
        each.do(page)
        if each.at:
            there = page.locator(each.at).first
            there.evaluate("e => window.scrollTo(0, e.getBoundingClientRect().top + scrollY - 16)")
        page.wait_for_timeout(2500)  # stills of what is in sight
        return Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    finally:
        page.close()


def pictures(home: Home, served: Served, out: Path, only: list[str]) -> list[str]:
    """Make them; returns those that could not be made, and why."""
    from playwright.sync_api import Error, sync_playwright

    photo, missed = sorted(PHOTO.rglob("*.jpg"))[0], list[str]()
    looks: dict[str, list[Image.Image]] = {}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium.program(), args=chromium.ARGUMENTS)
        for scheme, size in product(("light", "dark"), (DESKTOP, PHONE)):
            context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
            context.set_default_timeout(60_000)
            context.request.post(
                f"{served.url}/login", form={"name": "owner", "password": PASSWORD}, headers={"Origin": served.url}
            )
            for name, each in wanted(home, photo).items():
                if not only or name in only:
                    try:
                        looks.setdefault(name, []).append(taken(context, served.url, each))
                    except Error as error:
                        missed.append(f"{name}, {scheme}, {size['width']} pixels: {error.message.splitlines()[0]}")
            context.close()
        browser.close()
    for name, four in looks.items():
        if len(four) == 4:
            together(four).save(out / f"{name}.jpg", quality=QUALITY, optimize=True)
    return missed


def together(four: list[Image.Image]) -> Image.Image:
    """Desktop and phone in light above, in dark below."""
    small = [each.resize((round(each.width * TALL / each.height), TALL), Image.Resampling.LANCZOS) for each in four]
    width = small[0].width + BETWEEN + small[1].width
    sheet = Image.new("RGB", (width, 2 * TALL + BETWEEN), (128, 128, 128))
    for number, each in enumerate(small):
        sheet.paste(each, (0 if number % 2 == 0 else width - each.width, number // 2 * (TALL + BETWEEN)))
    return sheet


def main() -> None:
    """`python -m bench.pages_show`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, help="made there if it is not there yet, and kept")
    parser.add_argument("--out", type=Path, default=Path("docs/serving-pictures"))
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these pages, e.g. today")
    given = parser.parse_args()
    if reason := chromium.why_not():
        raise SystemExit(f"error: {reason}")
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        root = given.home or Path(folder)
        home = open_home(root) if (root / "data").is_dir() else shown_home(root)
        with serving(home) as served:
            missed = pictures(home, served, given.out, given.only)
    if missed:
        raise SystemExit("\n".join(missed))


if __name__ == "__main__":
    main()
