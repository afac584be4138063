"""When a behaviour of a cat could have been seen on a local day: by the cameras that show its place, or by its devices."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from home.clock import Span, local_day, merge
from home.device_coverage import Witness, observed_by_devices, witnesses
from home.ethogram import NEEDS_ZONE
from home.folder import Home
from home.manifest import read_manifest
from home.tables import BOUTS, DEVICE_COVERAGE
from tasks.labelling import Grid, recorded_seconds
from tasks.laying import told_apart

__all__ = ["Eyes", "read_eyes"]


@dataclass(frozen=True)
class Eyes:
    """What watched on a local day.

    Attributes:
        day: its span.
        cameras: recorded spans by camera; none where bouts were never read from them.
        devices: every device of the home that tells of a behaviour.
        ledger: of the devices, rows of `device_coverage`.
    """

    day: Span
    cameras: dict[str, list[Span]]
    devices: list[Witness]
    ledger: pd.DataFrame

    def observed(self, home: Home, behaviour: str, cat: str) -> list[Span]:
        """When it could have been seen.

        For eating, those cameras count that show a food bowl; any one of them is enough, as in the time budget. Of devices all
        that serve this cat must have reported. What happened is not asked: a time that counted as observed because something
        was seen in it, and only then, would make everything look more frequent than it is.

        Args:
            home: the home.
            behaviour: of the ethogram.
            cat: its id, or `unknown`.

        Returns:
            UTC spans within the day, merged.
        """
        zone = NEEDS_ZONE.get(behaviour)
        told = behaviour in told_apart(home)
        recorded = [
            span
            for camera, spans in self.cameras.items()
            if told and (zone is None or home.config.cameras[camera].zones_of(zone))
            for span in spans
        ]
        reported = observed_by_devices(home.config, self.devices, self.ledger, behaviour, cat, self.day)
        return merge([*recorded, *reported])


def read_eyes(home: Home, date: dt.date) -> Eyes:
    """What watched on a local date.

    Raises:
        StoreError, TableError: if manifest or ledger cannot be read.
    """
    day = local_day(date, home.zone)
    cameras: dict[str, list[Span]] = {}
    if home.tables.fingerprint(BOUTS, date) is not None:
        grid = Grid(day)
        masks = recorded_seconds(home, [read_manifest(home.data, date)], grid)
        for camera, mask in masks.items():
            edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
            pairs = zip(edges[::2], edges[1::2], strict=True)
            cameras[camera] = [Span(grid.moment(int(first)), grid.moment(int(last))) for first, last in pairs]
    return Eyes(day, cameras, witnesses(home.tables), home.tables.read(DEVICE_COVERAGE, date))
