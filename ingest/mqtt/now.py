"""What Home Assistant is told now: what the watcher sees, else what is known from before, else that it is not known.

What was not seen is never told as not happening: a zone is empty only while a camera sees it, and a cat whose behaviour
nobody reads has none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from home.clock import Span, local_date
from home.config import HomeConfig
from home.folder import Home
from home.live import LiveCamera, LiveTrack
from ingest.mqtt.facts import CatFacts, Coverage, Facts, Meal, Oddity, Sighting, Visit
from ingest.mqtt.meals import Meals
from models.behaviour.rules import grown, lower_half, zone_cover

__all__ = ["Now", "Told"]

FRESH_S = 10.0  # a watcher writes a few times a second: an older state is of one that is gone, or hangs
STEP = dt.timedelta(
    minutes=1
)  # of a cat that stays in view `last seen` grows by so much: one message a minute, not one a second
KIND = "cat"
LONGEST = 255  # characters of a state, by Home Assistant


class Told(NamedTuple):
    """A state, None where it is unknown, and its attributes."""

    state: str | None
    attributes: Mapping[str, Any] = {}


class InView(NamedTuple):
    """A track of a cat that is followed now, and where."""

    camera: LiveCamera
    track: LiveTrack


class Now:
    """What is told, from moment to moment; it remembers what the watcher has shown since it began."""

    def __init__(self) -> None:
        self._seen: dict[str, Sighting] = {}
        self._shown: dict[str, Sighting] = {}
        self._meals = Meals()

    def tell(self, facts: Facts, live: Iterable[LiveCamera], now: dt.datetime) -> dict[tuple[str, ...], Told]:
        """The state of every entity, by its path.

        Args:
            facts: what is known from before.
            live: what is shown of the cameras.
            now: UTC.
        """
        config = facts.home.config
        fresh = {each.camera: each for each in live if _is_fresh(each, now)}
        watched = {name: each for name, each in fresh.items() if each.online}
        told: dict[tuple[str, ...], Told] = {("house", "fault"): _fault(facts)}
        for cat in config.cats:
            known = facts.cats.get(cat, CatFacts())
            for name, each in self._cat(cat, known, _in_view(cat, watched), facts.home, now):
                told["cat", cat, name] = each
        for camera in config.recorded_cameras:
            told["camera", camera, "coverage"] = _coverage(facts.coverage.get(camera), facts.home, now)
            private = _is_private(camera, config, now)
            told["camera", camera, "online"] = _online(fresh.get(camera), facts.recording.get(camera), private)
            for zone in config.cameras[camera].zones:
                told["camera", camera, "zone", zone] = _occupied(camera, zone, watched.get(camera), config, private)
        return told

    def _cat(
        self, cat: str, known: CatFacts, views: list[InView], home: Home, now: dt.datetime
    ) -> Iterator[tuple[str, Told]]:
        view = self._chosen(cat, views)
        seen = self._sighting(cat, view, known)
        config = home.config
        place = Told(None) if seen is None else _place(seen, view is not None, config)
        yield "last_seen_in", place
        yield "last_seen", Told(None) if seen is None else Told(_moment(seen.at), place.attributes)
        doing = next((each for each in [view, *views] if each is not None and each.track.behaviour), None)
        yield "behaviour", Told(None) if doing is None else Told(doing.track.behaviour, {"camera": doing.camera.camera})
        eating = next((each for each in views if each.track.behaviour == "eating"), None)
        at, camera = (now, None) if eating is None else (eating.camera.at or now, eating.camera.camera)
        rules = home.params.bouts
        live = self._meals.look(cat, at, camera, rules.zone_after_s, rules.merge_gap_s)
        yield "last_meal", _meal(_newest(live, known.meal, now), config)
        yield "next_litter_visit", _visit(known.visit, now)
        yield "comfort", _comfort(known)
        yield "unusual", _unusual(known.oddity)

    def _chosen(self, cat: str, views: list[InView]) -> InView | None:
        """Of several cameras that see it the one that saw it before: where a cat is does not change with who sees it best."""
        last = self._seen.get(cat)
        stays = [each for each in views if last is not None and each.camera.camera == last.camera]
        return next(iter(stays or views), None)

    def _sighting(self, cat: str, view: InView | None, known: CatFacts) -> Sighting | None:
        if view is not None and view.camera.at is not None:
            self._seen[cat] = Sighting(view.camera.at, view.camera.camera, "live")
        there = [each for each in (self._seen.get(cat), known.seen) if each is not None]
        newest, shown = max(there, key=lambda each: each.at, default=None), self._shown.get(cat)
        if newest is None or (
            view is not None and shown and shown.camera == newest.camera and abs(newest.at - shown.at) < STEP
        ):
            return shown if newest is not None else None
        self._shown[cat] = newest
        return newest


def _is_fresh(camera: LiveCamera, now: dt.datetime) -> bool:
    return abs((now - camera.written_at).total_seconds()) < FRESH_S


def _in_view(cat: str, watched: Mapping[str, LiveCamera]) -> list[InView]:
    """The surest first."""
    found = [InView(camera, track) for camera in watched.values() for track in camera.tracks if track.cat == cat]
    return sorted(found, key=lambda each: -each.track.confidence)


def _place(seen: Sighting, now: bool, config: HomeConfig) -> Told:
    settings = config.cameras.get(seen.camera)
    name, room = (settings.name, settings.room) if settings else (None, "")
    told = {"camera": name or seen.camera, "room": room or None, "in_view": now, "source": seen.source}
    return Told((room or name or seen.camera)[:LONGEST], told)


def _meal(meal: Meal | None, config: HomeConfig) -> Told:
    if meal is None:
        return Told(None)
    names = {key: each.name or key for key, each in config.devices.items()}
    names |= {key: each.name or key for key, each in config.cameras.items()}
    told = {"end": meal.end and _moment(meal.end), "seen_by": [names.get(each, each) for each in meal.sources]}
    return Told(_moment(meal.start), told)


def _newest(live: Meal | None, known: Meal | None, now: dt.datetime) -> Meal | None:
    """Of what is seen live and what is known from elsewhere; an event in the middle of a meal is that meal."""
    if live is None or known is None:
        return live or known
    return live if known.start <= (live.end or now) else known


def _visit(visit: Visit | None, now: dt.datetime) -> Told:
    if visit is None:
        return Told(None, {"why": "there is no forecast yet"})
    told = {"made_at": _moment(visit.made_at), "skill": None if visit.skill is None else round(visit.skill, 2)}
    if visit.at is None or visit.low is None or visit.high is None:
        return Told(None, {**told, "why": "no forecast was surely better than guessing"})
    told = {**told, "earliest": _moment(visit.low), "latest": _moment(visit.high), "chance": "80 %"}
    if visit.came is not None:
        return Told(None, {**told, "why": "the visit that was forecast has come"})
    if visit.high < now:
        return Told(None, {**told, "why": "the time it was forecast for is over"})
    return Told(_moment(visit.at), told)


def _comfort(known: CatFacts) -> Told:
    found = known.comfort
    if found is None:
        return Told(None)
    told = {"date": found.date.isoformat(), "moments": found.moments, "note": "an indicator, not a diagnosis"}
    return Told(None if found.score is None else f"{found.score:.2f}", told)


def _unusual(found: Oddity | None) -> Told:
    if found is None:
        return Told(None)
    about = {"date": found.date.isoformat(), "judged": list(found.judged), "note": "an indicator, not a diagnosis"}
    if not found.told:
        return Told("OFF" if found.judged else None, about)
    severity, sentence, since = found.told[0]
    sentences = [each for _, each, _ in found.told]
    return Told("ON", {**about, "severity": severity, "sentence": sentence, "since": _moment(since), "all": sentences})


def _coverage(found: Coverage | None, home: Home, now: dt.datetime) -> Told:
    """The recorded share of the day so far, of what was meant to be recorded."""
    if found is None or local_date(found.until, home.zone) != local_date(now, home.zone):
        return Told(None)  # it cannot be read now, or is of yesterday
    meant = sum(each for state, each in found.seconds.items() if state not in ("private", "off"))
    seconds = {f"{state}_s": round(each) for state, each in sorted(found.seconds.items())}
    told = {**seconds, "until": _moment(found.until)}
    return Told(f"{100 * found.seconds.get('recorded', 0.0) / meant:.1f}" if meant >= 1 else None, told)


def _is_private(camera: str, config: HomeConfig, now: dt.datetime) -> bool:
    return bool(config.cameras[camera].private_spans(Span(now, now + dt.timedelta(seconds=1)), config.zone))


def _online(live: LiveCamera | None, recording: bool | None, private: bool) -> Told:
    """On where watcher or recorder gets its picture; unknown where neither is at work, or its owner wants it left alone."""
    said = {"watcher": None if live is None else live.online, "recorder": recording, "private": private}
    if private:
        return Told(None, said)
    there = [each for each in (said["watcher"], recording) if each is not None]
    return Told(_on(any(there)) if there else None, said)


def _occupied(camera: str, zone: str, live: LiveCamera | None, config: HomeConfig, private: bool) -> Told:
    if private or live is None:
        return Told(None, {"cats": None, "why": "private hours" if private else "no camera sees it now"})
    corners = config.cameras[camera].zones[zone]
    inside = [track for track in live.tracks if track.kind == KIND and _is_in(zone, corners, track)]
    names = [config.cats[each.cat].name if each.cat in config.cats else "unknown" for each in inside]
    return Told(_on(bool(inside)), {"cats": sorted(names), "why": None})


def _is_in(zone: str, corners: list[tuple[float, float]], track: LiveTrack) -> bool:
    """As the night has it (`models.behaviour.rules`): who eats covers some of the bowl, who is elsewhere stands in it."""
    box = np.asarray([track.bbox], np.float32)
    if re.sub(r"_\d+$", "", zone) == "food_bowl":
        return bool(zone_cover(grown(box, 0.1), [corners]).zone[0] >= 0.3)
    return bool(zone_cover(lower_half(box), [corners]).box[0] >= 0.5)


def _fault(facts: Facts) -> Told:
    if facts.faults is None:
        return Told(None)
    told = sorted(facts.faults, key=lambda each: each.start)
    return Told(_on(bool(told)), {"sentences": [each.sentence for each in told], "kinds": [each.kind for each in told]})


def _on(yes: bool) -> str:
    return "ON" if yes else "OFF"


def _moment(moment: dt.datetime) -> str:
    """ISO 8601 with an offset, as Home Assistant wants a timestamp; nothing here is known to less than a second."""
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")
