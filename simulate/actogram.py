"""A month of one cat at a glance: a row a day, each day drawn twice, as SVG in the house's colours and marks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape
from zoneinfo import ZoneInfo

from home.look import css_name, mark_of
from simulate.rhythm import Rhythm
from simulate.routine import Episode

__all__ = ["DRAWN", "actogram", "key"]

# In this order, the later over the earlier: what is short lies on top. Something else is the ground.
DRAWN = ("sleeping", "grooming", "playing", "hunting", "scratching", "using_litter_box", "eating")
DAY_S = 86_400
LEFT, TOP, WIDTH, ROW, GAP, FOOT = 120, 22, 1104, 15, 3, 8
# Seconds on a double plot are narrower than a line: what people look for stays visible all the same, in plain colour
# because a hatch needs room.
LEAST = {"eating": 2.2, "using_litter_box": 2.6}
EVERY_H = 6


def actogram(episodes: Sequence[Episode], dates: Sequence[dt.date], zone: ZoneInfo, rhythm: Rhythm, title: str) -> str:
    """Draw the days of one cat.

    Across runs the clock of the home, over two days: the right half of a row is the left half of the next. The newest day
    is at the bottom, night is shaded. Fills are the house's hatches (`home.look.svg_patterns` and its CSS variables must be
    on the page).

    Args:
        episodes: of one cat, in order.
        dates: local dates, in order, without holes.
        zone: of the home.
        rhythm: the home's days, for sunrise and sunset.
        title: what a screen reader says.
    """
    top = {date: TOP + number * (ROW + GAP) for number, date in enumerate(dates)}
    height = TOP + len(dates) * (ROW + GAP) + FOOT
    parts = [_row(date, y, rhythm) for date, y in top.items()]
    for behaviour in DRAWN:
        own = [e for e in episodes if e.behaviour == behaviour]
        blocks = "".join(_block(e, top, zone) for e in own)
        name = css_name(behaviour)
        fill = f"var(--{name})" if behaviour in LEAST else f"url(#hatch-{name})"
        parts.append(f'<g fill="{fill}">{blocks}</g>')
    parts.append(_axis(height))
    return (
        f'<svg class="actogram" viewBox="0 0 {LEFT + WIDTH + 12} {height}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _x(seconds: float) -> float:
    """Place of a wall-clock second counted from the row's first midnight."""
    return LEFT + WIDTH * seconds / (2 * DAY_S)


def _clock_s(moment: dt.datetime, date: dt.date, zone: ZoneInfo) -> float:
    """What the home's clocks show, in seconds from the midnight that begins `date`."""
    return (moment.astimezone(zone).replace(tzinfo=None) - dt.datetime.combine(date, dt.time())).total_seconds()


def _block(episode: Episode, top: dict[dt.date, int], zone: ZoneInfo) -> str:
    """An episode on every row that shows its time: as today on one, as tomorrow on the one above."""
    first = episode.start.astimezone(zone).date()
    drawn = []
    for back in (1, 0, -1):
        date = first - dt.timedelta(days=back)
        if date not in top:
            continue
        begin, end = (_clock_s(edge, date, zone) for edge in (episode.start, episode.end))
        left, right = max(begin, 0), min(end, 2 * DAY_S)
        if right > left:
            width = max(_x(right) - _x(left), LEAST.get(episode.behaviour, 0.4))
            drawn.append(f'<rect x="{_x(left):.1f}" y="{top[date]}" width="{width:.1f}" height="{ROW}"/>')
    return "".join(drawn)


def _row(date: dt.date, y: float, rhythm: Rhythm) -> str:
    """The ground of a day: its date, its nights, and what the clocks did."""
    day, after = rhythm.day(date), rhythm.day(date + dt.timedelta(days=1))
    nights = []
    for number, shown in enumerate((day, after)):
        if shown.sunrise is not None and shown.sunset is not None:
            rise, fall = (
                _clock_s(dt.datetime.fromtimestamp(sun, dt.UTC), shown.date, rhythm.zone) + number * DAY_S
                for sun in (shown.sunrise, shown.sunset)
            )
            nights += [(number * DAY_S, rise), (fall, (number + 1) * DAY_S)]
    shades = "".join(
        f'<rect x="{_x(a):.1f}" y="{y}" width="{_x(b) - _x(a):.1f}" height="{ROW}" class="night"/>' for a, b in nights
    )
    label = f"{date:%a} {date.day} {date:%b}"
    hours = (day.end - day.start) // 3600
    change = f", {hours} h" if hours != 24 else ""
    return (
        f'<rect x="{LEFT}" y="{y}" width="{WIDTH}" height="{ROW}" class="ground"/>{shades}'
        f'<text x="{LEFT - 6}" y="{y + ROW - 4}" class="{"free" if day.weekend else "day"}">{label}{change}</text>'
    )


def _axis(height: int) -> str:
    lines = []
    for hour in range(0, 49, EVERY_H):
        x = _x(hour * 3600)
        lines.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 4}" y2="{height - FOOT}" class="grid"/>')
        lines.append(f'<text x="{x:.1f}" y="{TOP - 8}" class="tick">{hour % 24 if hour < 48 else 24:02d}</text>')
    return "".join(lines)


def key() -> str:
    """What the colours mean, as HTML."""
    items = []
    for behaviour in DRAWN:
        mark, name = mark_of(behaviour), css_name(behaviour)
        swatch = f'<svg width="20" height="14" aria-hidden="true"><rect width="20" height="14" fill="url(#hatch-{name})"/></svg>'
        items.append(f"<li>{swatch} {escape(mark.label)}</li>")
    return f'<ul class="key">{"".join(items)}</ul>'
