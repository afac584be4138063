"""What a candidate has learned as plain numbers, and back: so that a model can be kept and asked again weeks later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from models.habits.hazard import AGES, Hazard
from models.habits.next_event import Candidate, Fitted
from models.habits.next_event_blend import CANDIDATES, Blend, Blended
from models.habits.next_event_habit import FittedHabit, Habit
from models.habits.next_event_simple import SLOTS, HourProfile, Profile, SameTime, SeasonalNaive

__all__ = ["Numbers", "numbers_of", "restored"]

Numbers = dict[str, list[float]]
_DIGITS = 9  # that are kept: far more than a rate is known to


def numbers_of(fitted: Fitted) -> Numbers:
    """What has been learned, by name; `restored` takes it. Rates are events a second, of a hazard events an hour.

    Raises:
        TypeError: of what does not come from one of `CANDIDATES`.
    """
    if isinstance(fitted, Blended):
        parts = [numbers_of(part) for part in fitted.parts]
        return {f"{place}.{name}": values for place, part in enumerate(parts) for name, values in part.items()}
    if isinstance(fitted, SameTime):
        return {"flat": _plain(fitted.flat.rate[:1])}
    if isinstance(fitted, Profile):
        return {"rate": _plain(fitted.rate)}
    if isinstance(fitted, FittedHabit):
        hazard = fitted.hazard
        rest = {"recent": _plain([hazard.recent]), "usual": _plain([fitted.usual])}
        return {"day": _plain(hazard.day), "age": _plain(hazard.age), **rest}
    raise TypeError(
        f"{type(fitted).__name__} is no candidate of models.habits.next_event_blend.CANDIDATES that learned"
    )


def restored(model: str, numbers: Mapping[str, Sequence[float]]) -> Fitted | None:
    """The model as it was when it was kept; None where there is no candidate of that name any more.

    Raises:
        ValueError: if the numbers are not those of such a model.
    """
    way = next((one for one in CANDIDATES if one.name == model), None)
    return None if way is None else _restored(way, numbers)


def _restored(way: Candidate, numbers: Mapping[str, Sequence[float]]) -> Fitted:
    if isinstance(way, Blend):
        own = [
            {name.partition(".")[2]: values for name, values in numbers.items() if name.startswith(f"{place}.")}
            for place in range(len(way.parts))
        ]
        return Blended(way, [_restored(part, each) for part, each in zip(way.parts, own, strict=True)])
    if isinstance(way, SeasonalNaive):
        return SameTime(way, Profile(np.full(SLOTS, _array(numbers, "flat", 1)[0])))
    if isinstance(way, HourProfile):
        return Profile(_array(numbers, "rate", SLOTS))
    if isinstance(way, Habit):
        recent, usual = (float(_array(numbers, name, 1)[0]) for name in ("recent", "usual"))
        day, age = _array(numbers, "day", SLOTS), _array(numbers, "age", AGES + 1)
        return FittedHabit(Hazard(day, age, recent, np.empty(0)), way.fade_h, usual)
    raise ValueError(f"{way.name}: nobody knows how to keep such a model")


def _array(numbers: Mapping[str, Sequence[float]], name: str, length: int) -> np.ndarray:
    values = np.asarray(numbers.get(name, ()), np.float64)
    if values.shape != (length,) or not np.isfinite(values).all():
        raise ValueError(f"{name}: found {len(values)} numbers, or some that are none; {length} would be right")
    return values


def _plain(values: Sequence[float] | np.ndarray) -> list[float]:
    return [float(f"{value:.{_DIGITS}g}") for value in values]
