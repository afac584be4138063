"""What is simulated into a home: read off the section `simulate` of params.yaml, and the folder it goes into."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from home.clock import UTC, Span, local_date, local_day, parse_moment
from home.errors import WrongUse
from home.folder import Home
from home.new import init
from home.params import Params, SimulateParams, as_yaml
from home.store import write_file
from simulate.home import CAT_NAMES, seen_places
from simulate.illness import parse_illness
from simulate.living import Household, clipped, lived_diary, liveliest
from simulate.outages import outages
from simulate.routine import Episode
from simulate.truth import Truth

__all__ = ["MARK", "Plan", "keep_params", "planned", "simulated_home"]

MARK = "# Written by the simulation (`simulate` in params.yaml). Take this line away to keep the file as your own."
ZONE_AND_PLACE = "timezone: Europe/Berlin\nplace:\n  latitude: 52.5\n  longitude: 13.4\n"
NEW = SimulateParams(days=30, cats=2, cameras=3)  # what a home that is new holds unless something else is asked for


@dataclass(frozen=True)
class Plan:
    """What is to be filmed, and the truth it is filmed from; None: the scripted round of `simulate.routine`."""

    footage: Span
    truth: Truth | None

    @property
    def diary(self) -> list[Episode] | None:
        """The truth of the footage alone."""
        return clipped(self.truth.diary, self.footage.start, self.footage.end) if self.truth else None


def planned(home: Home) -> Plan:
    """What the parameters of a home ask for.

    Raises:
        WrongUse: if `footage` or `illnesses` cannot be read, or lie outside of the diary.
    """
    params = home.params.simulate
    start = dt.datetime.fromisoformat(params.start).astimezone(UTC)
    if not params.days:
        return Plan(Span(start, start + dt.timedelta(minutes=params.minutes)), None)
    first = local_date(start, home.zone)
    last = first + dt.timedelta(days=params.days - 1)
    whole = Span(local_day(first, home.zone).start, local_day(last, home.zone).end)
    cats = CAT_NAMES[: params.cats]
    household = Household(seen_places(params.cameras), cats, home.zone, params.seed, home.config.place)
    try:
        illnesses = [parse_illness(text, cats, home.zone) for text in params.illnesses]
    except ValueError as error:
        raise WrongUse(f"simulate.illnesses: {error}") from None
    wanted = _wanted(params.footage, home, whole) if params.footage else None
    diary = lived_diary(household, whole.start, whole.end, illnesses)
    footage = wanted or liveliest(diary, local_day(first, home.zone), params.minutes)
    lost = outages(list(household.cameras), whole, household.seed)
    return Plan(footage, Truth(household, whole, diary, illnesses, lost, [footage]))


def _wanted(text: str, home: Home, whole: Span) -> Span:
    """The stretch that `START/MINUTES` names."""
    begin, _, minutes = text.rpartition("/")
    try:
        start, length = parse_moment(begin, home.zone), int(minutes)
    except ValueError:
        raise WrongUse(
            f"simulate.footage: {text!r} is no START/MINUTES, e.g. 2026-03-05T18:00/30 (local time)"
        ) from None
    if not 1 <= length <= 1440:
        raise WrongUse(f"simulate.footage: {text!r}: {length} minutes; 1 to 1440 can be filmed")
    span = Span(start, start + dt.timedelta(minutes=length))
    if span.start < whole.start or span.end > whole.end:
        edges = " to ".join(f"{edge.astimezone(home.zone):%Y-%m-%dT%H:%M}" for edge in (whole.start, whole.end))
        raise WrongUse(f"simulate.footage: {text!r} is not within the diary, {edges} (local time)")
    return span


def simulated_home(root: Path) -> None:
    """Make a folder a home to simulate into, if it is not one already.

    Raises:
        WrongUse: if the folder holds something that is no home, or a home that is somebody's own.
    """
    settings = root / "home.yaml"
    if settings.exists():
        if not settings.read_text(encoding="utf-8").startswith(MARK):
            raise WrongUse(f"{settings} is your own: nothing is simulated into this home; name another with --home")
        return
    if root.is_file() or (root.is_dir() and any(root.iterdir())):
        raise WrongUse(f"{root} holds something that is no home; name an empty folder, or one that is not there yet")
    root.mkdir(parents=True, exist_ok=True)
    write_file(settings, f"{MARK}\n{ZONE_AND_PLACE}".encode())
    write_file(root / "params.yaml", as_yaml(Params(simulate=NEW)).encode())
    init(root)


def keep_params(home: Home) -> None:
    """Write what was asked for into the params.yaml of a new home, so that the next run finds nothing to change.

    One that is not as `simulated_home` wrote it is somebody's and stays.
    """
    path = home.root / "params.yaml"
    if path.read_text(encoding="utf-8") == as_yaml(Params(simulate=NEW)):
        write_file(path, as_yaml(home.params).encode())
