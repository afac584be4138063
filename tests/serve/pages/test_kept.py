"""Timelapse and holds on the page Recordings, in a real browser."""

from __future__ import annotations

from home.holds import read_holds
from tests.serve.pages.conftest import Looking, Served
from tests.serve.pages.simulated import DATE, at


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
