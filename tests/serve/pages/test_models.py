"""The page Models in a real browser: figures, drift, and a network of the home's own that is put in place and taken back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import pytest

from home.champion import Standing, champion_folder, read_standing, write_standing
from home.folder import PROJECT
from serve.client import DriftRow
from tests.serve.pages.conftest import Looking, Served
from tests.serve.pages.simulated import DATE

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
    assert "3 networks read what the cameras see." in said and "Something has drifted." in said
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
