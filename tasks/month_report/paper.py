"""The page as it goes to paper: every drawing a picture that stands alone, in as few pieces as it can be drawn with.

WeasyPrint reads each SVG by itself: neither the page's style sheet nor the hatches of another SVG reach it. So each drawing is
given its colours, those of the light page, and the hatches it uses. It becomes a picture of the page: inline, WeasyPrint would
style each of its parts as one of the page too. Most of its time goes into the parts of drawings, one by one: what a mouse would
be told is left out, and rectangles of one paint become one path, in the pixels of a page; those as high as each other are lines
as thick as they are high, which have half the points.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from functools import lru_cache
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from home import look

__all__ = ["for_paper"]

WIDE = 672.8  # CSS pixels between the margins of the page: 178 mm
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
_HATCHED = re.compile(r"url\(#hatch-([\w-]+)\)")
_ACROSS = ("x", "x1", "x2", "width")
_BOX = re.compile(r"M(\S+) (\S+?)h([^v]+)v([^h]+)h-[^z]+z")


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
    drawing = ElementTree.fromstring(svg)
    # The outermost class and size place the drawing on the page.
    placed, size = dict(drawing.attrib), drawing.get("width", "")
    wide = WIDE if size.endswith("%") else float(size or 0)
    drawing.attrib = {"xmlns": _SVG, "width": f"{wide:g}", "height": placed.get("height", "0")}
    if size.endswith("%"):
        drawing.attrib |= {"viewBox": f"0 0 {wide:g} {placed['height']}", "preserveAspectRatio": "none"}
    _settle(drawing, wide)
    text = ElementTree.tostring(drawing, encoding="unicode")
    hatches = sorted(set(_HATCHED.findall(text)))
    head, rest = text.split(">", 1)
    defs = "".join(_patterns()[name] for name in hatches if name in _patterns())
    data = base64.b64encode(f"{head}><defs>{defs}</defs>{rest}".encode()).decode()
    css = ";".join(f"{name}:{_length(placed[name])}" for name in ("width", "height") if name in placed)
    return (
        f'<img class="{placed.get("class", "")}" style="{css}" alt="{_quoted(placed.get("aria-label", ""))}" '
        f'src="data:image/svg+xml;base64,{data}">'
    )


def _settle(parent: Element, wide: float) -> None:
    """Give what a drawing holds its places in pixels and its colours; rectangles of one paint lie on each other nowhere."""
    kept, painted = list[Element](), dict[tuple[str, str], list[str]]()
    for child in parent:
        if child.tag in ("title", "defs"):
            continue
        child.attrib = {name: _pixels(value, wide) if name in _ACROSS else value for name, value in child.items()}
        if child.tag == "rect":
            paint, piece = (child.get("class", ""), child.get("fill", "")), _piece(child)
            painted.setdefault(paint, []).append(piece)
            if len(painted[paint]) > 1:
                continue
            child.tag, child.attrib = "path", dict(zip(("class", "fill"), paint, strict=True))
        kept.append(child)
        if child.tag != "svg":
            _settle(child, wide)
        else:
            _settle(child, float(child.get("viewBox", f"0 0 {wide}").split()[2]))
    parent[:] = kept
    for child in kept:
        if child.tag == "path" and "d" not in child.attrib:
            child.set("d", "".join(painted[child.get("class", ""), child.get("fill", "")]))
        _paint(child)
        if child.tag == "path":
            _as_lines(child)


def _as_lines(path: Element) -> None:
    """Draw boxes of one height and one plain colour as lines."""
    boxes = _BOX.findall(path.get("d", ""))
    colour = re.fullmatch(r"(?:fill:)?(#\w{6})", path.get("style") or path.get("fill") or "")
    if not colour or len({tall for *_, tall in boxes}) != 1 or _BOX.sub("", path.get("d", "")):
        return
    tall = float(boxes[0][3])
    lines = "".join(f"M{left} {float(top) + tall / 2:g}h{wide}" for left, top, wide, _ in boxes)
    path.attrib = {"d": lines, "fill": "none", "stroke": colour[1], "stroke-width": f"{tall:g}"}


def _piece(rect: Element) -> str:
    left, top, wide, tall = (rect.get(name, "0") for name in ("x", "y", "width", "height"))
    return f"M{left} {top}h{wide}v{tall}h-{wide}z"


def _pixels(value: str, wide: float) -> str:
    return f"{float(value[:-1]) / 100 * wide:.2f}" if value.endswith("%") else value


def _paint(element: Element) -> None:
    """The colours of a part, of its class and its hatch, as it would have them on the light page."""
    element.tag = "g" if element.tag == "a" else element.tag
    classes = element.attrib.pop("class", "").split()
    if "letter" in classes:  # WeasyPrint knows no `dominant-baseline`: a letter is set lower by hand
        element.set("dy", "4")
    if style := _light(";".join(_rules(classes))):
        element.set("style", style)
    hatch = _HATCHED.match(element.get("fill", ""))
    if hatch and hatch[1] not in _patterns():
        element.set("fill", _colours()[f"--{hatch[1]}"])
    elif not element.get("fill"):
        element.attrib.pop("fill", None)


def _length(attribute: str) -> str:
    return f"{attribute}px" if attribute[-1].isdigit() else attribute


def _quoted(words: str) -> str:
    return words.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


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
    """Every hatch in the colours of the light page, by what it is drawn for; what is plain needs none."""
    found = re.findall(r'<pattern id="hatch-([\w-]+)".*?</pattern>', look.svg_patterns(), re.DOTALL)
    whole = re.findall(r"<pattern id=.*?</pattern>", look.svg_patterns(), re.DOTALL)
    return {
        name: _light(hatch) for name, hatch in zip(found, whole, strict=True) if "<path" in hatch or "<circle" in hatch
    }


def _light(text: str) -> str:
    return re.sub(r"var\((--[\w-]+)\)", lambda found: _colours()[found[1]], text)
