"""A local day read from the home's tables."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from home.clock import Span, local_day
from home.config import Camera, HomeConfig
from home.coverage import complete, reason_words
from home.day.day import NOT_BEHAVIOURS, Animal, Bout, Day, Fixture, Known, Share, Stretch
from home.day.unusual import read_unusual
from home.folder import Home
from home.look import BEHAVIOURS, css_name
from home.manifest import Manifest, Rejected, read_manifest
from home.tables import BOUTS, BUDGET, COVERAGE, DETECTIONS, DRIFT, FIXTURES, FRAMES, IDENTITIES, MOMENTS


def read_day(home: Home, date: dt.date) -> Day:
    """Read a day. Absent tables are a day that was not analysed, not an error."""
    bouts, budget = home.tables.read(BOUTS, date), home.tables.read(BUDGET, date)
    cameras, manifest = _cameras(home, date), read_manifest(home.data, date)
    animals = tuple(_animals(bouts, budget, home.config))
    detected = [home.tables.notes(DETECTIONS, date, camera) for camera in cameras]
    return Day(
        date=date,
        zone=home.zone,
        span=local_day(date, home.zone),
        analysed=home.tables.fingerprint(BUDGET, date) is not None,
        animals=animals,
        cameras={camera: settings.name or camera for camera, settings in cameras.items()},
        coverage={
            camera: tuple(
                Stretch(_span(row), row.state, reason_words(row.reason))
                for row in complete(home.tables, camera, settings, date, home.zone).itertuples()
            )
            for camera, settings in cameras.items()
        },
        fixtures=tuple(
            Fixture(
                row.camera, (row.x1, row.y1, row.x2, row.y2), Span(row.first.to_pydatetime(), row.last.to_pydatetime())
            )
            for row in home.tables.read(FIXTURES, date).sort_values(["camera", "x1", "y1"]).itertuples()
        ),
        manifest=manifest,
        unread=tuple(_unread(home, date, list(cameras), manifest)),
        quarantined=sum(notes.get("rejected", 0) for notes in [*detected, home.tables.notes(BOUTS, date)]),
        detector=_model(detected),
        reader=_model(
            [home.tables.notes(MOMENTS, date, camera) for camera in cameras] if home.params.behave.model else []
        ),
        known=_known(home, date),
        drifted=tuple(home.tables.notes(DRIFT, date).get("told", ()) if home.params.behave.model else ()),
        unusual=read_unusual(home, date, animals),
    )


def _model(notes: list[dict[str, Any]]) -> str:
    return ", ".join(sorted({note["model"] for note in notes if "model" in note}))


def _known(home: Home, date: dt.date) -> Known | None:
    notes = home.tables.notes(IDENTITIES, date) if home.params.pose.model else {}
    return Known(notes["tracks"], notes["named"], notes["said"]) if notes else None


def _cameras(home: Home, date: dt.date) -> dict[str, Camera]:
    """Those of home.yaml, then those that recorded once and are no longer in it."""
    gone = [camera for camera in home.tables.cameras(COVERAGE, date) if camera not in home.config.cameras]
    return {**home.config.cameras, **{camera: Camera() for camera in gone}}


def _unread(home: Home, date: dt.date, cameras: list[str], manifest: Manifest) -> Iterator[Rejected]:
    """Chunks that could not be opened, then those that broke while they were decoded."""
    for camera in cameras:
        yield from manifest.cameras[camera].rejected if camera in manifest.cameras else ()
        damaged = home.tables.notes(FRAMES, date, camera).get("damaged", {})
        yield from (Rejected(key, reason) for key, reason in sorted(damaged.items()))


def _animals(bouts: pd.DataFrame, budget: pd.DataFrame, config: HomeConfig) -> list[Animal]:
    keys = {(str(row.cat), int(row.animal)) for frame in (bouts, budget) for row in frame.itertuples()}
    seen = {
        (str(row.cat), int(row.animal))
        for row in budget.itertuples()
        if row.behaviour not in NOT_BEHAVIOURS and row.seconds
    }
    # A named cat that was not seen has its row; a numbered one is only there because it was seen, or stands for "none was".
    keys = {key for key in keys if key[0] in config.cats or key in seen} or set(sorted(keys)[:1])
    order = [*config.cats, *sorted({cat for cat, _ in keys} - set(config.cats))]
    strangers = sum(cat not in config.cats for cat, _ in keys)
    animals: list[Animal] = []
    anchors: Counter[str] = Counter()
    for cat, number in sorted(keys, key=lambda key: (order.index(key[0]), key[1])):
        name, subject = _called(cat, number, config, strangers, len(keys))
        mine = [frame[(frame["cat"] == cat) & (frame["animal"] == number)] for frame in (bouts, budget)]
        rows = mine[0].sort_values(["start", "end", "behaviour", "bout_id"]).itertuples()
        shares = sorted((_share(row) for row in mine[1].itertuples()), key=_ethogram_order)
        animals.append(Animal(cat, number, name, subject, tuple(shares), tuple(_bout(row, anchors) for row in rows)))
    return animals


def _called(cat: str, number: int, config: HomeConfig, strangers: int, animals: int) -> tuple[str, str]:
    """Name and subject of an animal. One that was not recognised gets a number, never a guess."""
    if cat in config.cats:
        return config.cats[cat].name, config.cats[cat].name
    if strangers > 1:
        return f"Cat {number}", f"Cat {number}"
    if animals > 1:
        return "Another cat", "Another cat, not recognised,"
    return "Cat", "A cat"


def _ethogram_order(share: Share) -> tuple[int, str]:
    order: Sequence[str] = [*BEHAVIOURS, *NOT_BEHAVIOURS]
    # A home's own behaviour stands before `other`, which stays the last of what was seen.
    return (order.index(share.behaviour) if share.behaviour in order else order.index("other") - 1, share.behaviour)


def _share(row: Any) -> Share:
    return Share(row.behaviour, float(row.seconds), int(row.bouts), float(row.observed_s))


def _bout(row: Any, anchors: Counter[str]) -> Bout:
    """A bout; `anchors` counts the ones given away, for two animals that begin the same thing in the same second."""
    anchor = f"bout-{css_name(str(row.bout_id))}"
    anchors[anchor] += 1
    box = (float(row.x1), float(row.y1), float(row.x2), float(row.y2))
    return Bout(
        id=str(row.bout_id),
        anchor=anchor if anchors[anchor] == 1 else f"{anchor}-{anchors[anchor]}",
        behaviour=row.behaviour,
        span=_span(row),
        duration_s=float(row.duration_s),
        confidence=float(row.confidence),
        cameras=tuple(row.cameras),
        camera=row.camera,
        chunk=row.chunk,
        offset_s=float(row.offset_s),
        box=box if np.isfinite(box).all() else None,
        evidence=row.evidence,
        continues_before=bool(row.continues_before),
        continues_after=bool(row.continues_after),
    )


def _span(row: Any) -> Span:
    return Span(row.start.to_pydatetime(), row.end.to_pydatetime())
