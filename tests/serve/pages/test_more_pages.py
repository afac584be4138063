"""Models, what is kept of Recordings, and verdicts on Events, in a real browser; one home is served for all of them."""

from __future__ import annotations

import datetime as dt
import io
import json
import shutil
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from PIL import Image

from home.champion import Standing, champion_folder, read_standing, write_standing
from home.config import HomeConfig
from home.corrections import corrections
from home.document import load_document
from home.event_payloads import CatPayload
from home.events import Event, keep, withdraw
from home.folder import PROJECT
from home.holds import read_holds
from home.snoozes import snoozes
from home.tables import ANOMALIES
from home.verdicts import verdicts
from serve.client import DriftRow
from serve.paging import Partitions
from tests.serve.pages.conftest import Looking, Served
from tests.serve.pages.simulated import DATE, YAML, at

WEIGHTS = PROJECT / "models/behaviour/weights"


@pytest.fixture
def challenger(served: Served) -> Iterator[str]:
    """A network that waits; it is the one that ships under another name."""
    folder = champion_folder(served.home) / "9f2c41d07b3a"
    folder.mkdir(parents=True)
    for name in ("behaviour.onnx", "model.json"):
        shutil.copy(WEIGHTS / name, folder / name)
    (folder / "metadata.json").write_text(
        json.dumps({"verdict": {"better": True, "why": "14 of 20 held-out tracks better"}})
    )
    write_standing(served.home, Standing(waiting=folder.name))
    yield folder.name
    shutil.rmtree(champion_folder(served.home))


def test_networks_and_drift_are_told_and_drawn(owner: Looking) -> None:
    page = owner.open("/models")
    said = page.locator(".opening").inner_text()
    assert "4 networks read what the cameras see." in said and "Something has drifted." in said
    assert "Kitchen: cats look different from before" in page.locator(".tell.wrong").inner_text()
    assert page.locator("svg.drift").count() == 14
    assert (
        page.locator("svg.drift .alarm").count()
        == page.locator("svg.drift[aria-label*='Left its band'] .alarm").count()
        > 0
    )
    assert page.locator("figure", has_text="How the cats look").first.locator(".note").is_visible()
    found = page.locator("[aria-labelledby=network-detector] tr", has_text="Cats that are found").first
    assert found.locator("td").first.inner_text() == "0.64 (0.54 to 0.73)"
    card = page.locator(".model-card").first
    card.locator("summary").click()
    card.locator("table").first.wait_for()
    assert not owner.errors


def test_a_network_of_ones_own_is_put_in_place_and_taken_back(owner: Looking, served: Served, challenger: str) -> None:
    page = owner.open("/models")
    assert "A behaviour network of your own waits for your word." in page.locator(".opening").inner_text()
    assert "14 of 20 held-out tracks better" in page.locator("table.own").first.inner_text()
    page.get_by_role("button", name="Put the one that waits in place").click()
    page.get_by_text(f"The network {challenger} is in place").wait_for()
    assert read_standing(served.home).promoted == [challenger]
    assert challenger in owner.open("/models").locator(".own-behaviour ~ p").first.inner_text()
    owner.page.get_by_role("button", name="Take the present one back").click()
    owner.page.get_by_text("The network that ships is in place").wait_for()
    owner.page.get_by_role("button", name="Undo").click()
    owner.page.get_by_text(f"The network {challenger} is in place").wait_for()
    assert read_standing(served.home).promoted == [challenger]


def test_drift_is_read_by_programs_too(owner: Looking, served: Served) -> None:
    asked = {"start": str(DATE), "camera": "kitchen"}
    rows = owner.page.context.request.get(f"{served.url}/api/v1/drift", params=asked).json()["items"]
    looks = next(row for row in map(DriftRow.model_validate, rows) if row.watched == "looks")
    assert looks.alarm and looks.sum and looks.bound and looks.sum > looks.bound and looks.date == DATE


def test_a_day_is_made_into_seconds_and_played(owner: Looking) -> None:
    page = owner.open(f"/recordings?camera=hall&date={DATE}")
    page.get_by_text("One picture every 4 min, 00:00 to 21:00.").wait_for()
    page.get_by_role("button", name="Make it").click()
    page.wait_for_function(
        "document.querySelector('video[aria-label=\"The day in seconds\"]')?.readyState >= 1", timeout=60_000
    )
    length = page.evaluate("document.querySelector('video[aria-label=\"The day in seconds\"]').duration")
    assert 23.5 <= length <= 24.5
    assert not page.get_by_role("button", name="Make it").count()
    assert "Hatched pictures: nothing was recorded" in page.locator(".sheet").inner_text()
    assert (
        "Nothing was recorded on this day."
        in owner.open("/recordings?camera=hall&date=2025-01-01").locator(".sheet").inner_text()
    )
    assert not owner.errors


def test_footage_is_held_and_let_go_and_both_are_taken_back(owner: Looking, served: Served) -> None:
    page = owner.open(f"/recordings?camera=kitchen&date={DATE}&time=7:01")
    assert (page.get_by_label("From", exact=True).input_value(), page.get_by_label("To", exact=True).input_value()) == (
        "07:01",
        "07:06",
    )
    page.get_by_label("To", exact=True).fill("06:00")
    page.get_by_role("button", name="Hold this footage").click()
    page.get_by_text("must lie after From").wait_for()
    page.get_by_label("To", exact=True).fill("7:03")
    page.get_by_label("What for").fill("for the vet")
    page.get_by_role("button", name="Hold this footage").click()
    page.get_by_text(
        "Held until it is released: Kitchen, Saturday 28 March 2026, 07:01 to 07:03 (for the vet)"
    ).wait_for()
    (hold,) = read_holds(served.home)
    assert (hold.camera, hold.start, hold.end) == ("kitchen", at(7 + 1 / 60), at(7.05))
    page.get_by_role("button", name="Let go").click()
    page.get_by_text("is treated by its age again").wait_for()
    assert not read_holds(served.home)
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Held again").wait_for()
    (again,) = read_holds(served.home)
    assert (again.start, again.end, again.note) == (hold.start, hold.end, hold.note)
    page.get_by_role("button", name="Let go").click()
    page.get_by_text("is treated by its age again").wait_for()
    assert not read_holds(served.home)


ID = UUID("7f0c6a5e-5d0f-5c39-9d8e-000000000001")


@pytest.fixture
def seen(served: Served) -> Iterator[UUID]:
    """Miso at the bowl, a minute ago."""
    now = dt.datetime.now(dt.UTC)
    payload = CatPayload(identity="miso", behaviour="eating")
    key = f"events/{now:%Y-%m-%d}/{ID}.jpg"  # as the watcher has it
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 120, 40)).save(picture, "JPEG")
    served.home.data.write(key, picture.getvalue())
    there = Event(event_id=ID, stream_id="kitchen", timestamp_utc=now, rule="bowl", payload=payload, media=(key,))
    keep(served.home.database, [there])
    yield ID
    withdraw(served.home.database, [ID], now)


def test_an_anomaly_itself_is_judged_and_nothing_is_learned_of_behaviour(owner: Looking, served: Served) -> None:
    page = owner.open("/events")
    page.get_by_role("button", name="Wrong: Miso: 3 meals in 23 h").click()
    page.get_by_text("You said: wrong.").wait_for()
    (said,) = verdicts(served.home.database, "finding").values()
    assert not said.right and not corrections(served.home.database)
    page = owner.open("/events")
    page.get_by_text("You said: wrong.").wait_for()
    page.get_by_role("button", name="Undo the verdict: Miso: 3 meals in 23 h").click()
    page.get_by_role("button", name="Right: Miso: 3 meals in 23 h").wait_for()
    assert not verdicts(served.home.database, "finding")


def test_what_was_seen_live_is_judged(
    owner: Looking, served: Served, seen: UUID, windows: Callable[..., Looking]
) -> None:
    page = owner.open("/events")
    row = page.locator(".seen-row")
    assert "Miso, eating (Kitchen)" in row.inner_text() and "rule bowl" in row.inner_text()
    page.get_by_role("button", name="Right: Miso, eating (Kitchen)").click()
    page.get_by_text("You said: right.").wait_for()
    assert verdicts(served.home.database, "event")[str(seen)].right
    guest = windows("guest").open("/events")
    guest.get_by_text("You said: right.").wait_for()
    assert not guest.get_by_role("button").count()
    page.get_by_role("button", name="Undo the verdict: Miso, eating").click()
    page.get_by_role("button", name="Right: Miso, eating").wait_for()
    assert not verdicts(served.home.database, "event")


def test_an_alert_leads_to_its_event_and_its_picture(owner: Looking, seen: UUID) -> None:
    page = owner.open(f"/events?event={seen}")
    asked = page.locator(".seen-row.asked")
    assert "Miso, eating (Kitchen)" in asked.inner_text() and page.locator(".seen-row").count() == 1
    page.wait_for_function("document.querySelector('.asked img')?.naturalWidth === 64")
    page = owner.open("/events?event=nobody")
    assert page.locator(".seen-row").count() == 1 and not page.locator(".asked").count()


def test_notes_are_read_once_until_their_night_is_written_again(served: Served) -> None:
    home = served.home
    partitions, notes, rows = Partitions(home), home.tables.notes(ANOMALIES, DATE), home.tables.read(ANOMALIES, DATE)
    first = partitions.notes(ANOMALIES, DATE)
    assert first == notes and partitions.notes(ANOMALIES, DATE) is first
    home.tables.write(ANOMALIES, rows, DATE, fingerprint="simulated", notes=notes | {"unusual": 2})
    assert partitions.notes(ANOMALIES, DATE)["unusual"] == 2
    home.tables.write(ANOMALIES, rows, DATE, fingerprint="simulated", notes=notes)


def test_alerts_are_snoozed_and_told_again(owner: Looking, served: Served) -> None:
    page = owner.open("/events")
    page.get_by_text("Nothing is snoozed.").wait_for()
    page.get_by_role("button", name="Snooze", exact=True).click()
    page.get_by_text("Snoozed: Everything until").wait_for()
    (held,) = snoozes(served.home.database, dt.datetime.now(dt.UTC))
    assert (held.what, held.by) == ("all", "owner")
    page.get_by_role("button", name="End it now").click()
    page.get_by_text("Told again: everything.").wait_for()
    assert not snoozes(served.home.database, dt.datetime.now(dt.UTC))


def config(served: Served) -> HomeConfig:
    """As home.yaml has it."""
    return load_document(served.home.root / "home.yaml", HomeConfig)


def test_a_rule_is_made_changed_and_taken_back(owner: Looking, served: Served) -> None:
    page = owner.open("/events")
    page.get_by_text("A new rule").click()
    new = page.locator("details.rule")
    new.get_by_label("Name").fill("night-snack")
    new.get_by_label("Hours, e.g. 22:00-06:30").fill("22:00-25:30")
    new.get_by_role("button", name="Keep it").click()
    page.get_by_text("rules.night-snack.hours").wait_for()
    assert not config(served).rules
    new.get_by_label("Hours, e.g. 22:00-06:30").fill("22:00-06:30")
    new.get_by_label("For seconds").fill("10")
    new.get_by_role("button", name="Keep it").click()
    page.get_by_text("The rule night-snack is kept.").wait_for()
    rule = config(served).rules["night-snack"]
    assert (rule.hours, rule.duration_s, rule.kind) == (["22:00-06:30"], 10.0, "cat")
    assert "# The home of the tests." in (served.home.root / "home.yaml").read_text()
    one = page.get_by_role("article", name="Rule night-snack")
    assert (
        "A cat, for 10 s or more, 22:00-06:30." in one.inner_text() and "Nothing was told by it yet" in one.inner_text()
    )
    one.get_by_text("Change it").click()
    one.get_by_role("button", name="Remove it").click()
    page.get_by_text("The rule night-snack is gone.").wait_for()
    page.get_by_role("button", name="Undo", exact=True).click()
    page.get_by_text("Taken back").wait_for()
    assert "night-snack" in config(served).rules
    (served.home.root / "home.yaml").write_text(YAML)
    owner.open("/settings").get_by_role("button", name="Check and keep").click()
    owner.page.get_by_text("home.yaml is kept").wait_for()
