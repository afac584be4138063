"""The pages in a real browser: that each says what the tables say, can be used, and takes back what was done."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from PIL import Image

from home.config import HomeConfig
from home.corrections import corrections
from home.document import load_document
from home.folder import open_home
from home.tables import ANOMALIES
from home.users import end_session
from serve.secrets_kept import digest
from simulate.close_ups import close_ups
from tests.plain import plain
from tests.serve.pages.conftest import Looking, Served, serving, window
from tests.serve.pages.simulated import DATE, YAML, at

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = (
    "/",
    "/live",
    "/cats",
    "/habits",
    "/recordings",
    "/events",
    "/try",
    "/models",
    "/settings",
    f"/bout?id={1:012x}&date={DATE}",
)
WINDOWS = ((1440, "light"), (360, "dark"))
Windows = Callable[..., Looking]


def config(served: Served) -> HomeConfig:
    return load_document(served.home.root / "home.yaml", HomeConfig)


UNNAMED = """[...document.querySelectorAll('input,select,textarea,button,a[href],img,video')].filter(e => e.checkVisibility() &&
    !(e.labels?.length || e.ariaLabel || e.title || e.alt || e.textContent.trim() || e.querySelector('img')?.alt)
).map(e => e.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_is_named_and_asks_nobody_else(windows: Windows, path: str) -> None:
    for width, scheme in WINDOWS:
        looking = windows(width=width, scheme=scheme)
        looking.errors.clear()
        page = looking.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert "CatML" in page.title()
        assert page.locator("h1").count() == 1
        assert not looking.outside
        assert not looking.errors
        # The name of a zone's picture follows the picture.
        for _ in range(50):
            if not (unnamed := page.evaluate(UNNAMED)):
                break
            page.wait_for_timeout(100)
        assert not unnamed
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (dark == "rgb(20, 23, 26)") == (scheme == "dark")


def test_today_says_the_day_and_leads_to_every_bout(owner: Looking) -> None:
    page = owner.open("/")
    said = page.locator(".opening").inner_text()
    assert re.search(r"Miso slept 10\sh\s30\smin, ate 3\stimes", said)
    assert "Tofu slept" in said
    assert "Nothing" not in said
    assert "Miso: 3 meals in 23 h; usual would be 7." in page.locator(".tell").inner_text()
    assert page.locator(".note", has_text="15:00 to 15:30: the camera did not answer").is_visible()
    assert "08:00 (07:12 to 08:54)" in page.locator("[aria-labelledby=next-title]").inner_text()
    page.locator(".card a.picture").first.click()
    page.wait_for_selector("text=The footage")
    picture = page.locator(".picture img")
    page.wait_for_function("document.querySelector('.picture img').naturalWidth > 0")
    assert picture.evaluate("image => image.naturalWidth") == 320


def test_another_day_is_chosen_by_keyboard(owner: Looking) -> None:
    page = owner.open("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("input[type=date]").fill("2026-03-20")
    page.locator("input[type=date]").press("Enter")
    page.wait_for_url("**date=2026-03-20")
    page.wait_for_selector("text=Friday 20 March 2026")
    assert "has not looked at this day yet" in page.locator(".opening").inner_text()


def test_a_bout_is_put_right_and_taken_back(owner: Looking, served: Served) -> None:
    page = owner.open(f"/bout?id={1:012x}&date={DATE}")
    page.get_by_label("It was").click()
    page.get_by_role("option", name="Grooming").click()
    page.get_by_role("button", name="Put it right").click()
    page.get_by_text("Kept: it was grooming, not eating").wait_for()
    (kept,) = corrections(served.home.database)
    assert (kept.field, kept.value, kept.was, kept.camera, kept.start) == (
        "behaviour",
        "grooming",
        "eating",
        "kitchen",
        at(7.0),
    )
    page = owner.open(f"/bout?id={1:012x}&date={DATE}")
    page.get_by_text("it was grooming, not eating").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("it was grooming, not eating").wait_for(state="detached")
    assert not corrections(served.home.database)


def test_a_cat_that_nobody_knew_gets_its_name(owner: Looking, served: Served) -> None:
    page = owner.open("/cats")
    assert "1 bout of the last days is of a cat that nobody could tell" in page.locator(".opening").inner_text()
    page.get_by_role("button", name="Tofu", exact=True).click()
    page.get_by_text("Kept: this is Tofu").wait_for()
    (kept,) = corrections(served.home.database)
    assert (kept.field, kept.value) == ("cat", "tofu")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Tofu", exact=True).wait_for()
    assert not corrections(served.home.database)


def test_a_cat_is_renamed_and_a_name_that_is_taken_is_refused(owner: Looking, served: Served) -> None:
    page = owner.open("/cats")
    page.get_by_label("Name of Miso").fill("Tofu")
    page.get_by_role("button", name="Rename").first.click()
    page.get_by_text("each cat needs its own").wait_for()
    page.get_by_label("Name of Miso").fill("Mimi")
    page.get_by_role("button", name="Rename").first.click()
    page.get_by_text("Miso is called Mimi now").wait_for()
    assert config(served).cats["miso"].name == "Mimi"
    assert owner.open("/").get_by_text("Mimi slept").count()
    page = owner.open("/cats")
    page.get_by_label("Name of Mimi").fill("Miso")
    page.get_by_role("button", name="Rename").first.click()
    page.get_by_text("Mimi is called Miso now").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Taken back").wait_for()
    assert config(served).cats["miso"].name == "Mimi"
    (served.home.root / "home.yaml").write_text(YAML)
    owner.open("/settings").get_by_role("button", name="Check and keep").click()
    owner.page.get_by_text("home.yaml is kept").wait_for()
    assert config(served).cats["miso"].name == "Miso"


def test_habits_show_hours_days_and_forecasts_with_how_right_they_were(owner: Looking) -> None:
    page = owner.open("/habits?cat=miso&behaviour=eating")
    assert re.search(r"around 07:00, 13:00 and 18:00", page.locator(".opening").inner_text())
    assert page.locator(".heat tbody tr").count() == 24
    seven = page.locator(".heat tbody tr").nth(7)
    assert set(seven.locator("td").all_inner_texts()) <= {"4", "3"}
    assert page.locator(".actogram title").count() == 28
    told = page.locator("[aria-labelledby=next-title]").inner_text().replace("\xa0", " ")
    # What last night said (clocks change), and how right the learning of three days before found it.
    assert "Next: today, about 08:00" in told and "79 in 100 came within such an interval" in told
    assert (
        "February: what came lay in the interval of 3 of 4 forecasts. 1 more could not be watched to the end." in told
    )
    page = owner.open("/habits?cat=tofu&behaviour=eating")
    assert "is too little to judge one by" in page.locator("[aria-labelledby=next-title]").inner_text()


def test_any_minute_plays_and_one_without_footage_says_so(owner: Looking) -> None:
    page = owner.open(f"/recordings?camera=kitchen&date={DATE}&time=7:01")
    page.wait_for_function("document.querySelector('video')?.readyState >= 2")
    assert page.evaluate("document.querySelector('video').currentTime") >= 59
    page = owner.open(f"/recordings?camera=kitchen&date={DATE}&time=7:05")
    assert "no footage at 7:05" in page.get_by_role("alert").inner_text()
    assert page.get_by_role("link", name=re.compile("Friday 27 March 2026, 22 h recorded")).count() == 1


def test_a_day_lists_its_own_footage_only(owner: Looking) -> None:
    page = owner.open(f"/recordings?camera=kitchen&date={DATE}")
    assert page.locator(".pieces a").all_inner_texts() == ["07:00"]
    assert not owner.open("/recordings?camera=kitchen&date=2026-03-29").locator(".pieces a").count()


def test_events_rest_on_bouts(owner: Looking) -> None:
    page = owner.open("/events")
    assert page.get_by_text("Miso: 3 meals in 23 h; usual would be 7.").is_visible()
    assert page.locator(".finding .card").count() == 3
    assert page.get_by_text("About one ordinary day in 180 lies so far out.").is_visible()
    page.get_by_role("link", name="Right or wrong?").first.click()
    page.get_by_role("button", name="That is right").wait_for()


def test_a_zone_is_drawn_with_the_mouse_and_taken_back(owner: Looking, served: Served) -> None:
    page = owner.open("/settings?camera=hall")
    picture = page.locator(".drawn-on img").first
    page.wait_for_function("document.querySelector('.drawn-on img').naturalWidth > 0")
    box = picture.bounding_box()
    assert box is not None
    for number, (x, y) in enumerate(((0.1, 0.6), (0.4, 0.6), (0.4, 0.9), (0.1, 0.9))):
        picture.click(position={"x": box["width"] * x, "y": box["height"] * y})
        page.wait_for_function(f"document.querySelectorAll('.drawn-on circle').length == {number + 1}")
    page.get_by_role("button", name="Save the zone").click()
    page.get_by_text("The zone food_bowl is kept").wait_for()
    zone = config(served).cameras["hall"].zones["food_bowl"]
    assert [[pytest.approx(side, abs=0.01) for side in corner] for corner in zone] == [
        [0.1, 0.6],
        [0.4, 0.6],
        [0.4, 0.9],
        [0.1, 0.9],
    ]
    assert "# The home of the tests." in (served.home.root / "home.yaml").read_text()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Taken back").wait_for()
    assert (served.home.root / "home.yaml").read_text() == YAML


def test_a_wrong_home_yaml_is_told_by_line_and_not_kept(owner: Looking, served: Served) -> None:
    page = owner.open("/settings")
    page.locator(".yaml textarea").fill(YAML.replace("latitude: 52.5", "latitude: 152.5"))
    page.get_by_role("button", name="Check and keep").click()
    page.get_by_text("home.yaml:3: place.latitude").wait_for()
    assert (served.home.root / "home.yaml").read_text() == YAML


def test_a_photo_is_looked_at_and_the_answer_drawn(owner: Looking) -> None:
    page, photo = owner.open("/try"), io.BytesIO()
    Image.fromarray(next(close_ups(0, 480))[0]).save(photo, "JPEG")
    page.locator("#trying-file").set_input_files(
        {"name": "cat.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()}
    )
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("heading", name="One animal was found").wait_for(timeout=60_000)
    assert page.evaluate("document.querySelector('.tried-picture').naturalWidth") == 480
    chances = page.locator("#tried table").first.locator("td:nth-child(2)").all_inner_texts()
    assert len(chances) == 8 and 96 <= sum(int(chance.split()[0]) for chance in chances) <= 104
    assert "total" in page.locator("#tried table").last.inner_text()
    assert page.locator("#tried dd").count() == 4


def test_a_text_is_no_photo_and_the_page_says_so(owner: Looking) -> None:
    page = owner.open("/try")
    page.locator("#trying-file").set_input_files({"name": "cat.jpg", "mimeType": "image/jpeg", "buffer": b"meow"})
    page.get_by_role("button", name="Look at it").click()
    page.locator("#tried-said .wrong").wait_for()
    assert page.get_by_role("button", name="Look at it").is_enabled()


def test_a_guest_reads_and_changes_nothing(windows: Windows) -> None:
    looking = windows("guest")
    assert not looking.open("/cats").get_by_role("button").count()
    assert not looking.open(f"/bout?id={1:012x}&date={DATE}").get_by_role("button").count()
    assert "Only the owner" in looking.open("/settings").locator(".tell").inner_text()
    assert not looking.page.locator("textarea").count()


def test_a_page_that_is_open_learns_nothing_more_when_its_session_ends(browser: Browser, served: Served) -> None:
    looking = window(browser, served.url, "guest", 1000, "light")
    with looking.page.expect_websocket(lambda socket: "_nicegui_ws" in socket.url) as opened:
        looking.open("/")
    (cookie,) = [each for each in looking.page.context.cookies() if each["name"] == "catml"]
    with opened.value.expect_event("close", timeout=60_000):  # within 10 s, where the machine has no other work
        end_session(served.home.database, digest(cookie["value"]))
    assert looking.page.context.request.get(f"{served.url}/api/v1/me").status == 401
    looking.page.context.close()


def test_who_is_not_logged_in_sees_nothing(served: Served) -> None:
    key = f"kitchen/chunk-{at(7.0):%Y%m%d-%H%M%S}.mp4"
    for path in ("/", "/cats", "/settings", f"/media/chunk/{key}", f"/media/still?chunk={key}&at=1"):
        found = httpx.get(served.url + path, headers={"Accept": "text/html"})
        assert (found.status_code, found.headers["location"].split("?")[0]) == (303, "/login")


def test_only_chunks_are_handed_out_and_any_part_of_them(owner: Looking, served: Served) -> None:
    asking = owner.page.context.request
    key = f"kitchen/chunk-{at(7.0):%Y%m%d-%H%M%S}.mp4"
    assert served.home.footage.folder is not None
    whole = (served.home.footage.folder / key).read_bytes()
    part = asking.get(f"{served.url}/media/chunk/{key}", headers={"Range": "bytes=100-199"})
    assert (part.status, part.body()) == (206, whole[100:200])
    for wrong in (
        "kitchen/..%2f..%2fhome.yaml",
        "kitchen/home.yaml",
        "..%2fx/chunk-20260328-060000.mp4",
        "../home.yaml",
    ):
        assert asking.get(f"{served.url}/media/chunk/{wrong}").status == 404
    for wrong in ("../../home.yaml", "/etc/passwd", "http://192.0.2.1/chunk-20260328-060000.mp4"):
        assert asking.get(f"{served.url}/media/still", params={"chunk": wrong, "at": 0}).status == 404


def test_an_address_that_is_none_says_so_to_people_and_to_programs(owner: Looking, served: Served) -> None:
    asking = owner.page.context.request
    page = asking.get(f"{served.url}/nowhere")
    assert (page.status, "There is no page at this address" in page.text()) == (404, True)
    program = asking.get(f"{served.url}/api/v1/nowhere")
    assert (program.status, program.headers["content-type"]) == (404, "application/problem+json")
    assert "has no bout 'x'" in owner.open(f"/bout?id=x&date={DATE}").locator(".opening").inner_text()


def test_footage_that_is_gone_is_told_in_the_place_of_the_picture(owner: Looking, served: Served) -> None:
    gone = owner.page.context.request.get(
        f"{served.url}/media/still", params={"chunk": "kitchen/chunk-20200101-000000.mp4", "at": 0}
    )
    assert (gone.status, gone.headers["content-type"], "Not kept any more" in gone.text()) == (
        404,
        "image/svg+xml",
        True,
    )


def test_a_page_with_words_of_its_own_gets_nothing_for_footage_that_is_gone(owner: Looking, served: Served) -> None:
    asking = owner.page.context.request
    asked = {"chunk": "kitchen/chunk-20200101-000000.mp4", "at": 0, "gone": "empty"}
    gone = asking.get(f"{served.url}/media/still", params=asked)
    assert (gone.status, gone.body()) == (404, b"")
    page = owner.open("/events")
    page.locator(".finding .card img").first.evaluate("e => e.src = e.src.replace(/chunk-[0-9]+/, 'chunk-20200101')")
    page.get_by_text("Its footage is not kept any more.").first.wait_for()
    assert page.locator(".finding .card.gone .picture").first.is_hidden()


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home on its first day."""
    root = tmp_path_factory.mktemp("empty")
    (root / "home.yaml").write_text("timezone: Europe/Berlin\n", encoding="utf-8")
    plain(root)
    return root


@pytest.fixture(scope="module")
def empty(first_day: Path) -> Iterator[str]:
    """Its address."""
    yield from serving(first_day)


def test_a_home_on_its_first_day_says_what_to_do(browser: Browser, empty: str, first_day: Path) -> None:
    looking = window(browser, empty, "owner", 360, "dark")
    for path in ("/", "/live", "/cats", "/habits", "/recordings", "/events", "/models", "/settings"):
        words = looking.open(path).locator(".tell").inner_text()
        assert "catml" in words or "cameras:" in words or "Give your cats a name" in words
    looking.page.goto(f"{empty}/cats")
    looking.page.get_by_label("Name of a new cat").fill("Frau Möhre 2")
    looking.page.get_by_role("button", name="Add").click()
    looking.page.get_by_text("Frau Möhre 2 lives here now").wait_for()
    assert "Frau Möhre 2 lives here" in looking.open("/cats").locator(".opening").inner_text()
    home = open_home(first_day)
    for judged, said in (
        ([], "Too little is known yet"),
        (["eating"], "Nothing unusual on 1 night of the last 60 days"),
    ):
        notes = {"judged": {"miso": judged}, "lasting": []}
        home.tables.write(ANOMALIES, ANOMALIES.empty(), DATE, fingerprint="simulated", notes=notes)
        assert looking.open("/events").locator(".opening").inner_text().startswith(said)
    looking.page.context.close()
