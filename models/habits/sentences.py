"""A finding in plain English. A page in another language makes its own sentence from the same numbers."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["sentence"]

WHAT = {
    "eating": ("meal", "meals", "ate"),
    "using_litter_box": ("litter box visit", "litter box visits", "used the litter box"),
    "sleeping": ("sleep", "sleeps", "slept"),
    "playing": ("time of play", "times of play", "played"),
    "grooming": ("grooming", "groomings", "groomed"),
    "scratching": ("scratching", "scratchings", "scratched"),
    "hunting": ("hunt", "hunts", "hunted"),
}


def sentence(kind: str, of: str, numbers: Mapping[str, float]) -> str:
    """What was found, with its numbers, in one sentence.

    Args:
        kind: of the finding.
        of: the behaviour or series.
        numbers: those of the finding; one that is not known is left out.
    """
    one, many, did = WHAT.get(of, (of, of, f"did {of}"))
    seen, usual = numbers.get("seen", 0.0), numbers.get("usual")
    within = f"in {_length(numbers['hours'] * 3600)}" if "hours" in numbers else ""
    if kind != "up_often" and numbers.get("observed_h", 0) < 0.98 * numbers.get("hours", 0):
        within += f", {_length(numbers['observed_h'] * 3600)} of it observed"
    if numbers.get("possible"):
        within += f", {_number(numbers['possible'])} of an unknown cat counted in part"
    usually = "" if usual is None else f"; usual would be {_number(usual)}"
    if kind == "none":
        long = "" if usual is None else f"; nearly all waits of this cat are under {_length(usual)}"
        return f"No {one} for {_length(seen)} of observed time{long}."
    if kind in ("more_often", "less_often", "often_and_short", "seldom_and_short"):
        short = ", shorter than usual" if kind.endswith("short") else ""
        return f"{_number(seen)} {one if seen == 1 else many} {within}{short}{usually}."
    if kind == "less":
        usually = "" if usual is None else f"; usual would be {_length(usual)}"
        return f"It {did} for {_length(seen)} {within}{usually}."
    if kind in ("longer", "shorter"):
        usually = "" if usual is None else f", usually {_length(usual)}"
        return f"A {one} took {_length(seen)} on average {within}{usually}."
    if kind == "up_often":
        return f"Up {_number(seen)} times at night {within}{usually}."
    way = "higher" if kind == "drift_up" else "lower"
    usually = "" if usual is None else f", usually {usual:.3g}"
    return f"{of.replace('_', ' ').capitalize()} is {way} than usual: {seen:.3g}{usually}."


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _length(seconds: float) -> str:
    """As a person would say it: `45 s`, `12 min`, `26 h`, `3 days`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 96 * 3600 else f"{seconds / 86400:.0f} days"
