"""What people see, in one place: colours, marks, hatches and the way numbers are said.

The day page, the web pages and TensorBoard's pictures draw with these. Colours are Okabe and Ito's, safe for
colour-blind eyes (https://jfly.uni-koeln.de/color/); a letter and a hatch say the same again, so that a grey print reads.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Hatch:
    """What is drawn over a fill, as a square tile that repeats.

    Attributes:
        size: edge of the tile, pixels.
        lines: x1, y1, x2, y2 of each stroke; they may leave the tile, so that the corners close.
        circles: x, y, radius of each circle.
        filled: circles are dots, not rings.
    """

    size: int = 8
    lines: tuple[tuple[float, float, float, float], ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()
    filled: bool = False


PLAIN = Hatch()
_SLASHES = ((-2, 2, 2, -2), (-2, 10, 10, -2), (6, 10, 10, 6))
_BACK_SLASHES = ((-2, 6, 2, 10), (-2, -2, 10, 10), (6, -2, 10, 2))
DOTS = Hatch(circles=((2, 2, 1.2), (6, 6, 1.2)), filled=True)
SLASHES = Hatch(lines=_SLASHES)
BACK_SLASHES = Hatch(lines=_BACK_SLASHES)
CROSSES = Hatch(10, lines=((3, 3, 7, 7), (3, 7, 7, 3)))
GRID = Hatch(6, lines=((3, 0, 3, 6), (0, 3, 6, 3)))
RINGS = Hatch(10, circles=((5, 5, 2.8),))
WIDE_DIAGONAL = Hatch(10, lines=((-3, 3, 3, -3), (-3, 13, 13, -3), (7, 13, 13, 7)))
BARS = Hatch(6, lines=((0, 3, 6, 3),))


@dataclass(frozen=True)
class Mark:
    """How one behaviour, or one state of the footage, looks everywhere.

    Attributes:
        label: its name on a page.
        letter: one capital, empty for what is no behaviour of its own.
        light, dark: fill as #RRGGBB on a light and on a dark page.
        hatch: what is drawn over the fill.
        stroke: colours of hatch and outline on light and dark; None for ink that reads on the fill.
    """

    label: str
    letter: str
    light: str
    dark: str
    hatch: Hatch = PLAIN
    stroke: tuple[str, str] | None = None


BEHAVIOURS = {
    "sleeping": Mark("Sleeping", "S", "#0072B2", "#4FA3D9"),
    "eating": Mark("Eating", "E", "#D55E00", "#FF8A4C", DOTS),
    "playing": Mark("Playing", "P", "#009E73", "#3CCFA4", SLASHES),
    "grooming": Mark("Grooming", "G", "#CC79A7", "#E6A3C8", CROSSES),
    "scratching": Mark("Scratching", "C", "#E69F00", "#FFC04D", BACK_SLASHES),
    "hunting": Mark("Hunting", "H", "#8B6F47", "#B89A6E", GRID),
    "using_litter_box": Mark("Using the litter box", "L", "#56B4E9", "#8CD0F5", RINGS),
    "other": Mark("Something else", "", "#8C8C8C", "#A6A6A6"),
}
UNSEEN = Mark("Out of sight", "", "#FFFFFF", "#14171A", stroke=("#8B949E", "#6E7681"))
GAP = Mark("No footage", "", "#F3F4F6", "#23282E", WIDE_DIAGONAL, ("#AEB6BF", "#5E6771"))
STATES = {
    "recorded": Mark("Recorded", "", "#4B5563", "#7D8896"),
    "gap": GAP,
    "private": Mark("Private hours", "", "#F3F4F6", "#23282E", BARS, ("#8B949E", "#6E7681")),
    "off": Mark("Not meant to record", "", "#FFFFFF", "#14171A", stroke=("#C9D1D9", "#3D444D")),
}
MARKS = {**BEHAVIOURS, "unseen": UNSEEN, **STATES}

# From little to much, as far apart for the eye at each step and for colour-blind eyes: cividis (Nuñez et al. 2018,
# https://doi.org/10.1371/journal.pone.0199239) at ten places.
SCALE = (
    "#00224E", "#123570", "#3B496C", "#575D6D", "#707173", "#8A8678", "#A59C74", "#C3B369", "#E1CC55", "#FEE838",
)  # fmt: skip

# How a cat holds itself, in words that say what is seen and not what is wrong.
POSTURES = {
    "relaxed": "Relaxed",
    "alert": "Alert",
    "playful": "Playful",
    "stressed": "Looks stressed",
    "in_pain": "Looks in pain",
}

# Of the page itself, light and dark. Text, muted text and accent reach 4.5:1 on page and surface (WCAG 2.2, 1.4.3).
THEME = {
    "page": ("#FFFFFF", "#14171A"),
    "surface": ("#F6F7F9", "#1D2125"),
    "text": ("#1B1F24", "#E9ECEF"),
    "muted": ("#566069", "#A7B0B9"),
    "line": ("#D3D9DF", "#3A4149"),
    "night": ("#E6EAF2", "#0A0C10"),
    "accent": ("#0072B2", "#4FA3D9"),
}


def mark_of(name: str) -> Mark:
    """The mark of a behaviour or state; a behaviour of the home's own ethogram looks like `other`, with its own name."""
    if name in MARKS:
        return MARKS[name]
    other = BEHAVIOURS["other"]
    return Mark(name.replace("_", " ").capitalize(), "", other.light, other.dark)


def rgb(colour: str) -> tuple[int, int, int]:
    """`#RRGGBB` as three numbers 0..255, for drawing into pictures."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(first: str, second: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""

    def luminance(colour: str) -> float:
        shares = [value / 255 for value in rgb(colour)]
        linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on a colour; the better one always reaches 4.5:1."""
    return max(("#000000", "#FFFFFF"), key=lambda ink: contrast(ink, colour))


def css_name(name: str) -> str:
    """A behaviour or state as part of a CSS or SVG name: `using_litter_box` is `using-litter-box`."""
    return "".join(letter if letter.isalnum() else "-" for letter in name)


def css_variables() -> str:
    """Every colour as a CSS custom property, light and dark: `--page`, `--sleeping`, `--sleeping-ink` (hatch, letter) …

    Dark is for screens only: a print is light whatever the screen was.
    """
    sides = [";".join(f"--{name}:{value}" for name, value in _properties(side)) for side in (0, 1)]
    return f":root{{color-scheme:light dark;{sides[0]}}}@media screen and (prefers-color-scheme:dark){{:root{{{sides[1]}}}}}"


def _properties(side: int) -> Iterator[tuple[str, str]]:
    for name, pair in THEME.items():
        yield name, pair[side]
    for name, mark in MARKS.items():
        fill = (mark.light, mark.dark)[side]
        yield css_name(name), fill
        yield f"{css_name(name)}-ink", mark.stroke[side] if mark.stroke else ink_on(fill)


def svg_patterns() -> str:
    """One `<pattern id="hatch-…">` per mark, in the page's CSS variables: a shape is filled with `url(#hatch-eating)`."""
    return "".join(_pattern(css_name(name), mark) for name, mark in MARKS.items())


def _pattern(name: str, mark: Mark) -> str:
    size, ink = mark.hatch.size, f"var(--{name}-ink)"
    strength = "1" if mark.stroke else ".6"
    lines = "".join(f'<path d="M{x1} {y1}L{x2} {y2}"/>' for x1, y1, x2, y2 in mark.hatch.lines)
    circles = "".join(f'<circle cx="{x}" cy="{y}" r="{radius}"/>' for x, y, radius in mark.hatch.circles)
    inside = f'fill="{ink}"' if mark.hatch.filled else f'fill="none" stroke="{ink}" stroke-width="1.3"'
    return (
        f'<pattern id="hatch-{name}" width="{size}" height="{size}" patternUnits="userSpaceOnUse">'
        f'<rect width="{size}" height="{size}" fill="var(--{name})"/>'
        f'<g {inside} opacity="{strength}">{lines}{circles}</g></pattern>'
    )


def duration(seconds: float) -> str:
    """A length of time as people say it: `45 s`, `3 min 20 s`, `12 min`, `15 h 10 min`. Never more digits than are known."""
    if seconds < 59.5:
        return f"{round(seconds)} s"
    if seconds < 595:
        minutes, rest = divmod(round(seconds / 10) * 10, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def times(count: int) -> str:
    """How often: `once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number and its noun: `1 camera`, `3 cameras`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def listed(parts: Iterable[str]) -> str:
    """Parts of a sentence: `a`, `a and b`, `a, b and c`."""
    *first, last = list(parts)
    return f"{', '.join(first)} and {last}" if first else last


def clock_time(moment: dt.datetime, zone: ZoneInfo, seconds: bool = False) -> str:
    """Local time of day: `18:40`, or `18:40:05`."""
    return moment.astimezone(zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def about(moment: dt.datetime, low: dt.datetime, high: dt.datetime, zone: ZoneInfo) -> str:
    """A time that is not known exactly: `about 18:40 (17:55 to 19:30)`."""
    return f"about {clock_time(moment, zone)} ({clock_time(low, zone)} to {clock_time(high, zone)})"


def footage_offset(seconds: float) -> str:
    """A place in a video, to type into a player: `00:03:12`. Cut, not rounded: the frame is on screen from then on."""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def day_name(date: dt.date) -> str:
    """`Sunday 1 March 2026`, whatever the machine's locale."""
    return f"{_DAYS[date.weekday()]} {date.day} {_MONTHS[date.month - 1]} {date.year}"


def short_day(date: dt.date) -> str:
    """`Sun 1 March`, where the year is known from what stands around it."""
    return f"{_DAYS[date.weekday()][:3]} {date.day} {_MONTHS[date.month - 1]}"


def near_day(date: dt.date, today: dt.date) -> str:
    """A day as one says it today: `today`, `tomorrow`, `yesterday`, else `Sun 1 March`."""
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    return near.get((date - today).days) or short_day(date)


def sureness(confidence: float) -> str:
    """A confidence in words with its figure: `sure (0.91)`, `fairly sure (0.72)`, `unsure (0.48)`."""
    word = "sure" if confidence >= 0.8 else "fairly sure" if confidence >= 0.6 else "unsure"
    return f"{word} ({confidence:.2f})"
