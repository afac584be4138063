"""The timelines and bars of the day page, as inline SVG.

Places along time are percentages and everything else is in pixels, so that a drawing fills any width while its text
and hatches keep their size.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from home.clock import Span, subtract
from home.day.axis import Axis, Tick
from home.day.day import Animal, Bout, Day, Share, Stretch
from home.look import MARKS, css_name, duration, mark_of, svg_patterns

NAME, FLAGS, STRIP, CAMERA_STRIP, SPACE, FOOT = 20, 14, 36, 14, 14, 22
# What a label is measured against, pixels: a letter, and the drawing on the narrowest page and, for labels of the CSS
# class `wide`, on a wide one.
LETTER, NARROW = 7.2, 312
ROOMS = {"": NARROW, "wide": 1040}


def element(name: str, *children: object, **attributes: object) -> Markup:
    """An SVG element, escaped; `_` in attribute names stands for `-`, a trailing one is dropped (`class_`)."""
    pairs = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    # All parts are escaped: `Markup.format` would look at each of them again, which is most of what a drawing costs.
    return Markup(f"<{name}{pairs}>{''.join(map(escape, children))}</{name}>")


def patterns() -> Markup:
    """The hatches, once per page; not `display: none`, which some browsers take the patterns away with."""
    return Markup('<svg width="0" height="0" class="defs" aria-hidden="true"><defs>{}</defs></svg>').format(
        Markup(svg_patterns())
    )


def swatch(name: str) -> Markup:
    """A small sample of a mark, with its letter."""
    mark = mark_of(name)
    letter = _letter(name, "50%") if mark.letter else ""
    return element("svg", _block(name, 0, 100, 0, 20), letter, class_="swatch", width=28, height=20, aria_hidden="true")


@dataclass(frozen=True)
class Timeline:
    """One drawing: an axis, a row per animal, then a thin row per camera.

    Attributes:
        axis: what it spans.
        ticks: its labels.
        nights: shaded, where the home's place is known.
    """

    axis: Axis
    ticks: list[Tick]
    nights: list[Span]

    def draw(self, day: Day, title: str) -> Markup:
        """The whole drawing; `title` is what a screen reader says of it."""
        parts: list[Markup] = []
        y = 0
        for animal in day.animals:
            parts.append(_row_label(animal.name, y))
            parts += [*self._flags(animal, y + NAME), self._animal(animal, day, y + NAME + FLAGS)]
            y += NAME + FLAGS + STRIP + SPACE
        for camera, row in day.coverage.items():
            parts.append(_row_label(f"{day.cameras[camera]}, camera", y, "camera"))
            parts += [self._stretch(part, y + NAME, CAMERA_STRIP, day) for part in self._inside(row)]
            y += NAME + CAMERA_STRIP + SPACE
        ground = [self._rect(night, 0, y, class_="night") for night in self.nights if night.overlap(self.axis.span)]
        changes = self._changes(y)
        drawing = [*ground, *grid(self.ticks, y), *parts, *changes]
        height = y + FOOT * (2 if changes else 1)
        return element("svg", *drawing, class_="timeline", height=height, role="group", aria_label=title)

    def _animal(self, animal: Animal, day: Day, y: int) -> Markup:
        """Unseen is the ground; footage that is missing, then bouts, are laid on it."""
        gaps = [self._stretch(part, y, STRIP, day) for part in self._inside(day.without_footage)]
        bouts = [self._bout(bout, day, y) for bout in animal.bouts if bout.span.overlap(self.axis.span)]
        unseen = subtract(
            self.axis.span, [part.span for part in day.without_footage] + [bout.span for bout in animal.bouts]
        )
        ground = []
        for span in unseen:
            title = element("title", self._words(mark_of("unseen").label, span, day))
            ground.append(self._rect(span, y, STRIP, title, fill="url(#hatch-unseen)"))
        frame = element("rect", x=0, y=y, width="100%", height=STRIP, class_="frame")
        return element("g", *ground, *gaps, *bouts, frame, class_="animal")

    def _bout(self, bout: Bout, day: Day, y: int) -> Markup:
        """A bout, which leads to its picture. Out of the tab order: every bout is reached from the table as well."""
        mark = mark_of(bout.behaviour)
        left, right = self.axis.at(bout.span.start), self.axis.at(bout.span.end)
        title = element("title", self._words(mark.label, bout.span, day))
        inside: list[object] = [title, _block(bout.behaviour, left, right, y, STRIP)]
        if mark.letter and _carries_letter(left, right):
            inside.append(_letter(bout.behaviour, f"{(left + right) / 2:.3f}%", y + STRIP / 2))
        return element("a", *inside, href=f"#{bout.anchor}", tabindex="-1")

    def _flags(self, animal: Animal, y: int) -> list[Markup]:
        """The letters of bouts too short to carry theirs, above them; a letter that would touch the last is left out."""
        flags, last = [], {"": -100.0, "wide": -100.0}
        for bout in animal.bouts:
            left, right = self.axis.at(bout.span.start), self.axis.at(bout.span.end)
            letter, middle = mark_of(bout.behaviour).letter, (left + right) / 2
            if not letter or _carries_letter(left, right) or not bout.span.overlap(self.axis.span):
                continue
            room = next((room for room, width in ROOMS.items() if middle - last[room] > 110 * LETTER / width), None)
            if room is not None:
                last |= {"": middle, "wide": middle} if room == "" else {"wide": middle}
                flags.append(
                    element("text", letter, x=f"{middle:.3f}%", y=y + FLAGS - 3, class_=f"flag {room}".strip())
                )
        return flags

    def _stretch(self, part: Stretch, y: int, height: int, day: Day) -> Markup:
        """A stretch without footage, or of a camera, with its reason written on it where it fits."""
        mark = mark_of(part.state)
        left, right = self.axis.at(part.span.start), self.axis.at(part.span.end)
        words = part.reason if height == STRIP else ""
        name = mark.label if not part.reason else f"{mark.label} ({part.reason})"
        inside = [element("title", self._words(name, part.span, day)), _block(part.state, left, right, y, height)]
        needed, place = len(words) * LETTER, f"{(left + right) / 2:.3f}%"
        room = next((room for room, width in ROOMS.items() if (right - left) / 100 * width > needed), None)
        if words and room is not None:
            inside.append(element("text", words, x=place, y=y + height / 2, class_=f"reason {room}".strip()))
        return element("g", *inside)

    def _changes(self, height: int) -> list[Markup]:
        """A line where the clocks change, and under the axis what they change to."""
        drawn = []
        for change in self.axis.changes():
            place, side = f"{change.at:.3f}%", "start" if change.at < 50 else "end"
            drawn.append(element("line", x1=place, x2=place, y1=0, y2=height, class_="change"))
            words, y = f"Clocks: {change.words}", height + FOOT + 12
            drawn.append(element("text", words, x=place, y=y, text_anchor=side, class_="changed"))
        return drawn

    def _inside(self, parts: list[Stretch] | tuple[Stretch, ...]) -> list[Stretch]:
        return [part for part in parts if part.span.overlap(self.axis.span)]

    def _rect(self, span: Span, y: int, height: int, *children: object, **attributes: object) -> Markup:
        left, right = self.axis.at(span.start), self.axis.at(span.end)
        sides = {"x": f"{left:.3f}%", "width": f"{right - left:.3f}%", "y": y, "height": height}
        return element("rect", *children, **sides, **attributes)

    def _words(self, name: str, span: Span, day: Day) -> str:
        return f"{name}, {day.from_to(span)}, {duration(span.seconds)}"


def grid(ticks: list[Tick], height: int) -> list[Markup]:
    """The labels of an axis under a drawing of that height, each with its line."""
    drawn = []
    for tick in ticks:
        place = f"{tick.at:.3f}%"
        side = "start" if tick.at < 3 else "end" if tick.at > 97 else "middle"
        minutes = element("tspan", tick.minutes, class_="wide") if tick.minutes else ""
        drawn.append(element("line", x1=place, x2=place, y1=0, y2=height, class_="grid"))
        drawn.append(element("text", tick.hour, minutes, x=place, y=height + 12, text_anchor=side, class_="tick"))
    return drawn


def bar(shares: list[Share], total_s: float, title: str, links: dict[str, str]) -> Markup:
    """Shares of a whole as one bar, side by side in the ethogram's order; each leads to its bouts if `links` knows it."""
    parts, left = [], 0.0
    for share in (share for share in shares if share.seconds > 0):
        right = left + 100 * share.seconds / total_s
        mark = mark_of(share.behaviour)
        words = f"{mark.label}, {duration(share.seconds)}, {100 * share.seconds / total_s:.0f} %"
        inside: list[object] = [element("title", words), _block(share.behaviour, left, right, 0, STRIP)]
        if mark.letter and _carries_letter(left, right):
            inside.append(_letter(share.behaviour, f"{(left + right) / 2:.3f}%", STRIP / 2))
        link = links.get(share.behaviour)
        parts.append(element("a", *inside, href=link, tabindex="-1") if link else element("g", *inside))
        left = right
    frame = element("rect", x=0, y=0, width="100%", height=STRIP, class_="frame")
    return element("svg", *parts, frame, class_="bar", height=STRIP, role="group", aria_label=title)


def _block(name: str, left: float, right: float, y: float, height: float) -> Markup:
    """A filled stretch. The outline in its own colour keeps one of seconds visible on the axis of a day."""
    return element(
        "rect",
        x=f"{left:.3f}%",
        width=f"{right - left:.3f}%",
        y=y,
        height=height,
        fill=f"url(#hatch-{drawn_as(name)})",
        class_=f"block on-{drawn_as(name)}",
    )


def _carries_letter(left: float, right: float) -> bool:
    """Whether a stretch is wide enough for its letter on the narrowest page."""
    return (right - left) / 100 * NARROW > LETTER * 1.8


def _letter(name: str, x: str, y: float = 10) -> Markup:
    return element("text", mark_of(name).letter, x=x, y=y, class_=f"letter on-{drawn_as(name)}")


def drawn_as(name: str) -> str:
    """The CSS name of the mark a name is drawn with; a behaviour of the home's own ethogram is drawn as `other`."""
    return css_name(name if name in MARKS else "other")


def _row_label(words: str, y: int, kind: str = "") -> Markup:
    return element("text", words, x=0, y=y + NAME - 6, class_=f"row {kind}".strip())
