"""A report on paper: the page as PDF, by WeasyPrint (https://doc.courtbouillon.org/weasyprint), which asks no other computer."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import logging
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache, partial
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any

from tasks.month_report.paper import for_paper

__all__ = ["MISSING", "as_pdf", "can_print", "printer"]

Print = Callable[[str, str], Callable[[], bytes]]
"""Called with a page and its fingerprint it begins to print; called again, what that gave gives the PDF."""
FEW = 6  # so many reports are printed sooner than another process is started

MISSING = (
    "no PDF is written: WeasyPrint does not find Pango on this machine; "
    "on Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@lru_cache
def can_print() -> bool:
    """Whether WeasyPrint finds the libraries it draws text with."""
    try:
        import weasyprint  # noqa: F401
    except OSError:
        return False
    return True


def as_pdf(page: str, fingerprint: str) -> bytes:
    """A page as PDF. Same page, same bytes: nothing of the time or the machine goes in but its fonts.

    Args:
        page: HTML.
        fingerprint: of what it was made from; becomes the file's identifier.
    """
    import weasyprint

    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # it tells of every rule that is for screens alone
    sheets = [_sheet(found[1]) for found in _STYLE.finditer(page)]
    document: Any = weasyprint.HTML(string=for_paper(_STYLE.sub("", page)), url_fetcher=_fetcher())
    with _uncollected():
        pdf: bytes = document.write_pdf(
            stylesheets=sheets, pdf_identifier=hashlib.sha256(fingerprint.encode()).digest()[:16]
        )
    return pdf


@lru_cache(maxsize=4)
def _sheet(css: str) -> Any:
    """A style sheet that is read: every report of a home has the same."""
    import weasyprint

    return weasyprint.CSS(string=css, url_fetcher=_fetcher())


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile: a document is one great net of boxes, all in use until it is written."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextlib.contextmanager
def printer(number: int) -> Iterator[Print]:
    """Print so many reports: a few here, many side by side in processes of their own."""
    workers = min(os.cpu_count() or 1, 4)
    if number <= FEW or workers == 1:
        yield lambda page, fingerprint: partial(as_pdf, page, fingerprint)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_end_with_parent) as pool:
        yield lambda page, fingerprint: pool.submit(as_pdf, page, fingerprint).result


def _end_with_parent() -> None:
    """A process that prints ends when the one that asked is killed; by itself it would wait for more for ever."""

    def wait() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


def _fetcher() -> Any:
    """Only what lies within the page is read."""
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=("data",))
