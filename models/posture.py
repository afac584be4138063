"""How a cat holds itself, and how comfortable that looks: an indicator for its people, never a diagnosis.

Five scores and a comfort score from the evidence of moments (`models.behaviour.evidence`), each from signs that stand for
items of published scales; `models.posture_scales` lists all items, those that keypoints cannot tell too. How signs combine,
and all bounds, are our choice, set on the drawn cats of `simulate/`; no cat whose pain or stress is known was measured.

A sign of discomfort counts as far as it holds both by itself and against the cat's own usual on that camera (`Usual`): an old
cat that always carries its head low, or a camera from which every head looks low, says nothing. What is wrong with a cat all
the time is therefore not seen here. Where too little of the cat is seen, or its posture serves what it does (it eats,
digs, washes), nothing is said; comfort is read of cats at rest and awake, as the Feline Grimace Scale is: a head that
sinks in sleep is no sign.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from home.ethogram import BEHAVIOURS, OTHER, POSTURES
from models.behaviour.evidence import Evidence

__all__ = ["NOTE", "NOT_READ", "Posture", "Usual", "posture", "signs", "usual_of"]

Array = NDArray[np.float64]

RELAXED, STRESSED, IN_PAIN, ALERT, PLAYFUL = range(len(POSTURES))
NOTE = "An indicator of how the cat holds itself, not a diagnosis. If it lasts or worries you, ask a vet."

NOT_READ = "not read: "
"""How the one reason of a moment begins of which nothing is said."""

MEASURES = ("head_over_back", "leg_height")
FEWEST = 30  # moments that make a usual; our choice
LEAST_SPREAD = 0.03  # body sizes: a reader's own scatter
CLEAR = 0.5  # from here on a sign or score is put into words
STRESS_WEIGHS = 0.7  # against pain, in the comfort score; our choice

_AT_REST = (BEHAVIOURS.index("sleeping"), OTHER)
_AT_PLAY = (BEHAVIOURS.index("playing"), BEHAVIOURS.index("hunting"))

WORDS = {
    "head_below": "the head is held below the line of the back (Feline Grimace Scale: head position)",
    "crouched": "crouched low on all four paws, the head level with the body (Cat Stress Score: body, legs, head)",
    "curled": "curled up",
    "laid_out": "laid out, the legs away from the body (Cat Stress Score: body, legs)",
    "folded": "resting with the paws close under the body, the head up",
    "upright": "sitting or standing, the head up",
    "strikes": "strikes with a forepaw",
    "dashes": "dashes",
}

LOWER = {STRESSED: "the body is held", IN_PAIN: "the head is held"}


@dataclass(frozen=True)
class Usual:
    """How one cat holds itself at rest on one camera, by MEASURES: `centre [2]`, `spread [2]`, of `count` moments."""

    centre: Array
    spread: Array
    count: int
    cat: str = "this cat"

    def blended(self, night: Usual, nights: int = 14) -> Usual:
        """With another night, which weighs at least one in `nights`, and more while there are few moments."""
        weight = max(night.count / max(self.count + night.count, 1), 1 / nights)
        centre = self.centre + weight * (night.centre - self.centre)
        return Usual(centre, self.spread + weight * (night.spread - self.spread), self.count + night.count, self.cat)


@dataclass(frozen=True)
class Posture:
    """N moments.

    Attributes:
        scores: `[N,5]` of POSTURES, 0..1, each by itself; NaN where nothing is said.
        comfort: 0..1 `[N]`, 1 is no sign of discomfort; NaN where nothing is said, asleep and at play.
        reasons: in words `[N]`: the signs behind what is said, or why nothing is.
    """

    scores: Array
    comfort: Array
    reasons: tuple[tuple[str, ...], ...]

    def names(self) -> list[str | None]:
        """The highest score's name, None where nothing is said or nothing is clear."""
        top = np.nan_to_num(self.scores, nan=0)
        return [POSTURES[row.argmax()] if row.max() >= CLEAR else None for row in top]


def usual_of(own: Evidence, at_rest: NDArray[np.bool_], cat: str = "this cat") -> Usual | None:
    """The usual of a cat from its moments of one camera.

    Args:
        own: evidence of N moments.
        at_rest: moments to learn from `[N]`: awake or asleep at rest, days on which nothing was wrong if that is known.
        cat: what it is called in reasons.

    Returns:
        Median and spread (1.48 times the median absolute deviation); None if fewer than FEWEST moments can be read.
    """
    found = signs(own)
    lying = np.fmax(found["curled"], found["laid_out"]) > CLEAR  # where a head lies says nothing of how it is held
    values = np.column_stack([_measure(own, name) for name in MEASURES])[at_rest & ~lying]
    values = values[np.isfinite(values).all(axis=1)]
    if len(values) < FEWEST:
        return None
    centre = np.median(values, axis=0)
    spread = 1.4826 * np.median(np.abs(values - centre), axis=0)
    return Usual(centre, np.maximum(spread, LEAST_SPREAD), len(values), cat)


def posture(own: Evidence, behaviour: NDArray[np.int8] | None = None, usual: Usual | None = None) -> Posture:
    """Scores, comfort and reasons of N moments.

    Args:
        own: their evidence.
        behaviour: what the cat does, indices into BEHAVIOURS `[N]`, negative where unknown. Without it a cat that laps from a bowl
            may seem hunched, and one that stalks stressed.
        usual: of this cat on this camera.
    """
    found = signs(own, usual)
    doing = np.full(len(own.values), -1, np.int8) if behaviour is None else behaviour
    scores = _scores(found)
    at_play, asleep = np.isin(doing, _AT_PLAY), doing == _AT_REST[0]
    scores[at_play, RELAXED : IN_PAIN + 1] = 0
    scores[asleep, STRESSED:] = 0
    serves = (doing >= 0) & ~at_play & ~np.isin(doing, _AT_REST)
    unread = np.isnan(scores).any(axis=1)
    scores[serves | unread] = np.nan
    comfort = 1 - np.maximum(scores[:, IN_PAIN], STRESS_WEIGHS * scores[:, STRESSED])
    comfort = np.where(at_play | asleep, np.nan, comfort)
    reasons = tuple(
        (_why_not(found, row, bool(serves[row])),) if np.isnan(scores[row, 0]) else _why(found, scores, row, usual)
        for row in range(len(scores))
    )
    return Posture(scores, comfort, reasons)


def signs(own: Evidence, usual: Usual | None = None) -> dict[str, Array]:
    """The signs of N moments, each 0..1 `[N]`, NaN where it cannot be read. Bounds in body sizes; our choice."""
    head, leg_height = (_measure(own, name) for name in MEASURES)
    stance, hips = own.column("stance"), own.column("hip_height")
    speed = own.column("body_speed")
    curled = _ramp(own.column("neck"), 0.0, 0.5)
    laid_out = np.maximum(_ramp(stance, 0.62, 0.74), _ramp(stance, 0.55, 0.65) * _ramp(leg_height, 0.55, 0.35))
    head_below = _ramp(head, -0.08, -0.18)
    low = _ramp(leg_height, 0.95, 0.80)
    if usual is not None:
        lower = _ramp((np.stack([head, leg_height]) - usual.centre[:, None]) / usual.spread[:, None], -1.0, -2.5)
        head_below, low = np.minimum(head_below, lower[0]), np.minimum(low, lower[1])
    upright = np.maximum(_ramp(own.column("withers_over_rump"), 0.15, 0.30), _ramp(hips, 0.36, 0.45))
    beats = np.fmax(_ramp(_beats(own, "head"), 0.020, 0.032), _ramp(_beats(own, "forepaw"), 0.04, 0.08))
    return {
        "head_below": head_below,
        "head_above": _ramp(head, -0.02, 0.03),
        "curled": curled,
        "laid_out": laid_out,
        "crouched": low * _ramp(stance, 0.40, 0.50) * (1 - laid_out) * _ramp(head, 0.03, -0.02),
        "feet_under": _ramp(stance, 0.60, 0.50),
        "folded": _ramp(stance, 0.52, 0.42) * _ramp(hips, 0.42, 0.34),
        "upright": upright,
        "still": np.where(np.isnan(speed), _in_place(own), _ramp(speed, 0.40, 0.15)),
        "busy": np.nan_to_num(beats, nan=0.0),
        "strikes": np.nan_to_num(_ramp(own.column("forepaw_speed") - speed, 0.28, 0.42), nan=0.0),
        "dashes": np.nan_to_num(_ramp(speed, 1.5, 2.5), nan=0.0),
    }  # fmt: skip


def _scores(found: dict[str, Array]) -> Array:
    lying = np.maximum(found["curled"], found["laid_out"])
    calm = found["still"] * (1 - found["busy"])
    in_pain = calm * found["head_below"] * (1 - lying) * found["feet_under"]
    at_ease = np.maximum(lying, found["folded"] * (1 - found["upright"]) * (1 - found["head_below"]))
    stressed = calm * found["crouched"] * (1 - found["curled"]) * (1 - found["head_below"])
    alert = found["head_above"] * found["upright"] * (1 - found["curled"]) * (1 - found["busy"]) * (1 - found["dashes"])
    playful = np.maximum(found["strikes"], found["dashes"]) + 0 * calm
    return np.column_stack([calm * at_ease, stressed, in_pain, alert, playful])


def _measure(own: Evidence, name: str) -> Array:
    """A measure of the usual: the head over the line of the back, or withers and rump over the paws together."""
    if name == "leg_height":
        return np.asarray(own.column("shoulder_height") + own.column("hip_height"))
    return own.column(name)


def _ramp(values: Array, none: float, full: float) -> Array:
    """0 up to `none`, 1 from `full` on, straight in between; NaN stays."""
    return np.clip((values - none) / (full - none), 0, 1)


def _beats(own: Evidence, part: str) -> Array:
    """The strongest strokes of a part from one a second on, body sizes."""
    return np.max([own.column(f"{part}_{frequency}_hz") for frequency in ("1", "1.5", "2", "2.5")], axis=0)


def _in_place(own: Evidence) -> Array:
    """Where no burst was read: 1 if the box stays where the moments before and after have it, NaN if there are none."""
    return _ramp(np.fmin(own.column("overlap_before"), own.column("overlap_after")), 0.5, 0.8)


def _why(found: dict[str, Array], scores: Array, row: int, usual: Usual | None) -> tuple[str, ...]:
    said = [words for name, words in WORDS.items() if found[name][row] * _matters(name, found, row) >= CLEAR]
    low = [words for score, words in LOWER.items() if scores[row, score] >= CLEAR]
    if usual is None:
        return (*said, *(["not yet compared with this cat's own usual"] if low else []))
    return (*said, *(f"{words} lower than usual for {usual.cat}" for words in low))


def _matters(name: str, found: dict[str, Array], row: int) -> float:
    """A head that lies, or a paw that walks, is no reason for anything."""
    lying = max(found["curled"][row], found["laid_out"][row])
    if name in ("head_below", "crouched"):
        return float((1 - lying) * found["still"][row])
    if name == "folded":  # "the head up": said of no head that is held low
        return float((1 - lying) * found["still"][row] * (1 - found["head_below"][row]))
    return float(found["head_above"][row] if name == "upright" else 1.0)


def _why_not(found: dict[str, Array], row: int, serves: bool) -> str:
    if serves:
        return f"{NOT_READ}its posture serves what it does"
    if np.isnan(found["still"][row]):
        return f"{NOT_READ}a single picture, nothing says whether the cat is still"
    return f"{NOT_READ}head, back and paws are not all in sight"
