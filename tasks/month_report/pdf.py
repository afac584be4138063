"""A report on paper: the page as PDF, by WeasyPrint (https://doc.courtbouillon.org/weasyprint), which asks no other computer.

WeasyPrint reads each SVG by itself: neither the page's style sheet nor the hatches of another SVG reach it. So each drawing is
given its colours, those of the light page, and the hatches it uses, before it is printed. It becomes a picture of the page:
inline, WeasyPrint would style each of its parts as one of the page too, which takes as long again.
"""

from __future__ import annotations

import base64
import contextlib
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

from home import look

__all__ = ["MISSING", "as_pdf", "can_print", "for_paper", "printer"]

Print = Callable[[str, str], Callable[[], bytes]]
"""Called with a page and its fingerprint it begins to print; called again, what that gave gives the PDF."""
FEW = 6  # so many reports are printed sooner than another process is started

MISSING = (
    "no PDF is written: WeasyPrint does not find Pango on this machine; "
    "on Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
)
# How what has no colour of its own is drawn, after the page's style sheet.
_PLAIN = {
    "paper": "fill:var(--unseen)",
    "strip": "fill:none;stroke:var(--line);stroke-width:1",
    "midnight": "stroke:var(--text);stroke-width:1",
    "night": "fill:var(--night)",
    "tick": "fill:var(--muted);font-size:11px;font-family:sans-serif",
}
_LETTER = "text-anchor:middle;font-weight:700;font-size:12px;font-family:sans-serif"
_SVG = "http://www.w3.org/2000/svg"
_SVG_TAG = re.compile(r"<svg\b|</svg>")
_CLASSED = re.compile(r'class="([^"]*)"')


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
    document: Any = weasyprint.HTML(string=for_paper(page), url_fetcher=_fetcher())
    pdf: bytes = document.write_pdf(pdf_identifier=hashlib.sha256(fingerprint.encode()).digest()[:16])
    return pdf


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


def for_paper(page: str) -> str:
    """The page with every drawing as a picture that stands alone."""
    parts, done, depth, begun = list[str](), 0, 0, 0
    for tag in _SVG_TAG.finditer(page):  # a drawing may hold another
        if depth == 0:
            begun = tag.start()
        depth += -1 if tag[0].startswith("</") else 1
        if depth == 0:
            parts += [page[done:begun], _alone(page[begun : tag.end()])]
            done = tag.end()
    return "".join([*parts, page[done:]])


@lru_cache(maxsize=512)
def _alone(svg: str) -> str:
    svg = svg.replace("<a ", "<g ").replace("</a>", "</g>")
    hatches = sorted(set(re.findall(r"url\(#(hatch-[\w-]+)\)", svg)))
    defs = "".join(_patterns()[name] for name in hatches if name in _patterns())
    styled = _CLASSED.sub(_inline, svg)
    head, rest = styled.split(">", 1)
    # The outermost class and size place the drawing on the page.
    outer = {name: value for name, value in re.findall(r'([\w-]+)="([^"]*)"', svg.split(">", 1)[0])}
    head = re.sub(r'style="[^"]*"', "", head, count=1).replace("<svg", f'<svg xmlns="{_SVG}"', 1)
    data = base64.b64encode(f"{head}><defs>{defs}</defs>{rest}".encode()).decode()
    size = ";".join(f"{name}:{_length(outer[name])}" for name in ("width", "height") if name in outer)
    return (
        f'<img class="{outer.get("class", "")}" style="{size}" alt="{outer.get("aria-label", "")}" '
        f'src="data:image/svg+xml;base64,{data}">'
    )


def _length(attribute: str) -> str:
    return f"{attribute}px" if attribute[-1].isdigit() else attribute


def _inline(found: re.Match[str]) -> str:
    classes = found[1].split()
    # WeasyPrint knows no `dominant-baseline`: a letter is set lower by hand.
    lower = 'dy="4" ' if "letter" in classes else ""
    return f'{lower}style="{_light(";".join(_rules(classes)))}"'


def _rules(classes: list[str]) -> Iterator[str]:
    name = next((one.removeprefix("on-") for one in classes if one.startswith("on-")), "")
    for one in classes:
        if one in _PLAIN:
            yield _PLAIN[one]
    if "fill" in classes:
        yield f"fill:var(--{name})"
    if "block" in classes:
        edge = f"{name}-ink" if name in ("unseen", "off", "gap", "private") else name
        yield f"stroke:var(--{edge});stroke-width:1"
    if "letter" in classes:
        yield f"{_LETTER};fill:var(--{name}-ink)"


@lru_cache
def _colours() -> dict[str, str]:
    """The light value of every custom property."""
    light = look.css_variables().split("}")[0]
    return dict(re.findall(r"(--[\w-]+):(#[0-9A-Fa-f]{6})", light))


@lru_cache
def _patterns() -> dict[str, str]:
    """Every hatch in the colours of the light page."""
    found = re.findall(r'<pattern id="(hatch-[\w-]+)".*?</pattern>', look.svg_patterns(), re.DOTALL)
    whole = re.findall(r"<pattern id=.*?</pattern>", look.svg_patterns(), re.DOTALL)
    return dict(zip(found, map(_light, whole), strict=True))


def _light(text: str) -> str:
    return re.sub(r"var\((--[\w-]+)\)", lambda found: _colours()[found[1]], text)
