"""A report as one HTML file that asks nothing of anybody."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from home import look
from home.folder import Home
from tasks.day_page import drawing
from tasks.day_page.page import TEMPLATES as DAY_TEMPLATES
from tasks.day_page.sentences import unbroken
from tasks.month_report.heat import heat_of
from tasks.month_report.month import parse_month
from tasks.month_report.numbers import Numbers
from tasks.month_report.speech import Speech

__all__ = ["render"]

TEMPLATES = Path(__file__).parent


def render(home: Home, numbers: Numbers) -> bytes:
    """The page of a cat or of the home as UTF-8. Same home, same numbers, same bytes."""
    speech = Speech(numbers.language, home.zone)
    month = parse_month(numbers.month)
    page = _environment().get_template("month.html").render(
        numbers=numbers,
        s=speech,
        month=month,
        css=Markup(_css()),
        patterns=drawing.patterns(),
        heats=[heat_of(each, speech) for each in numbers.heatmaps],
    )  # fmt: skip
    return page.encode()


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = unbroken
    environment.filters["duration"] = look.duration
    environment.globals["swatch"] = drawing.swatch
    return environment


def _css() -> str:
    names = [look.css_name(name) for name in look.MARKS]
    inks = "".join(f".on-{name}{{--fill:var(--{name});--ink:var(--{name}-ink)}}" for name in names)
    scale = "".join(f".v{step}{{background:{colour}}}" for step, colour in enumerate(look.SCALE))
    sheets = [
        (folder / name).read_text(encoding="utf-8")
        for folder, name in ((DAY_TEMPLATES, "day.css"), (TEMPLATES, "month.css"))
    ]
    return "".join([look.css_variables(), inks, scale, *sheets])
