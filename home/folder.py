"""A home, opened: its two files, validated, and the stores they name."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from home.config import Camera, HomeConfig
from home.document import load_document
from home.errors import WrongUse
from home.params import Params
from home.store import Store

if TYPE_CHECKING:
    from home.database import Database
    from home.partitions import Tables

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Home:
    """A folder with home.yaml and params.yaml.

    Attributes:
        root: the folder.
        config: what the owner says.
        params: what a researcher turns.
    """

    root: Path
    config: HomeConfig
    params: Params

    @property
    def zone(self) -> ZoneInfo:
        """The home's time zone."""
        return self.config.zone

    @cached_property
    def footage(self) -> Store:
        """Where chunks are kept."""
        return Store(self.config.store.footage, self.root, self.config.store.endpoint_url)

    @cached_property
    def tables(self) -> Tables:
        """Where tables are kept."""
        # Imported here: a recorder has no use for tables, and pandas would double its memory.
        from home.partitions import Tables

        return Tables(Store(self.config.store.tables, self.root, self.config.store.endpoint_url))

    @cached_property
    def database(self) -> Database:
        """Where rows are kept: what people say."""
        from home.database import Database

        return Database(self.config.store.database, self.root)

    @cached_property
    def data(self) -> Store:
        """What stays in the home's own folder whatever the store: manifests, reports, quarantine, quality pages."""
        return Store("data", self.root)

    def camera(self, camera: str) -> Camera:
        """The settings of a camera.

        Raises:
            WrongUse: if home.yaml has no such camera.
        """
        if camera not in self.config.cameras:
            known = ", ".join(self.config.cameras) or "none; add one under `cameras:`"
            raise WrongUse(f"no camera {camera!r} in {self.root / 'home.yaml'}; it has: {known}")
        return self.config.cameras[camera]

    def file(self, name: str) -> Path:
        """A file the parameters name: in the home if it is there, else in the installed project."""
        own = self.root / name
        return own if own.exists() else PROJECT / name


def open_home(root: Path, overrides: dict[str, str] | None = None) -> Home:
    """Open a home.

    Args:
        root: folder with home.yaml and, if a researcher turned something, params.yaml.
        overrides: `--set` values by dotted path.

    Raises:
        ConfigError: if a file is missing or wrong.
    """
    config = load_document(root / "home.yaml", HomeConfig)
    params = load_document(root / "params.yaml", Params, overrides, may_be_missing=True)
    return Home(root, config, params)


def today(home: Home) -> dt.date:
    """The home's local date now; CATML_TODAY stands in for it in tests and demonstrations."""
    return moment_now(home).date()


def moment_now(home: Home) -> dt.datetime:
    """This moment; where CATML_TODAY stands in for the date, that day's beginning: all of it is still to come."""
    fixed = os.environ.get("CATML_TODAY")
    return (
        dt.datetime.combine(dt.date.fromisoformat(fixed), dt.time(), home.zone) if fixed else dt.datetime.now(home.zone)
    )
