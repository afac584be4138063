"""Of `bench.serve`: how long a page takes in a real Chromium until it answers a click."""

from __future__ import annotations

from time import perf_counter

from bench.served import PASSWORD, Served
from serve.pages.frame import PAGES
from tests import chromium

__all__ = ["pages", "why_not"]

PHONE = {"width": 390, "height": 844}
# The program of the page has its connection to the server, through which every button goes.
CONNECTED = "window.socket && window.socket.connected && window.did_handshake"
why_not = chromium.why_not


def pages(served: Served, rounds: int) -> dict[str, list[float]]:
    """Milliseconds by page: from asking for its address until it is connected and its menu has opened by a click. The first
    round, whose files the browser does not have yet, is the first of each list."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium.program(), args=chromium.ARGUMENTS)
        context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
        context.request.post(
            f"{served.url}/login", form={"name": "owner", "password": PASSWORD}, headers={"Origin": served.url}
        )
        page = context.new_page()
        took: dict[str, list[float]] = {name: [] for name in PAGES}
        for _ in range(rounds):
            for name, path in PAGES.items():
                begun = perf_counter()
                page.goto(served.url + path, wait_until="commit")
                page.locator(".menu summary").click()
                page.locator(".menu[open] a").first.wait_for()
                page.wait_for_function(CONNECTED)
                took[name].append(1000 * (perf_counter() - begun))
        browser.close()
    return took
