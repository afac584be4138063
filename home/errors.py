"""Every error CatML raises on purpose, as one tree.

    CatMLError                     exit 1
    ├── WrongUse                   exit 2   a command was called with something that cannot be
    │   └── ConfigError            exit 2   home.yaml or params.yaml: file, line, value, what would be right
    ├── StoreError                 exit 1   the store could not do it
    │   ├── StoreUnreachable                no answer: network, server down
    │   ├── StoreDenied                     wrong or missing credentials
    │   ├── StoreMissing                    no such bucket, folder or object
    │   └── StoreConflict                   the name is taken by something else
    ├── FootageError               exit 1   a picture, clip or chunk that cannot be read
    │   ├── UnknownStart                    nothing says when it was recorded
    │   └── OverlapError                    it claims a time that is already recorded
    ├── LogError                   exit 1   the log of a device that cannot be read: file, line, what would be right
    ├── TableError                 exit 1   a partition that cannot be read or written
    │   └── SchemaError                     its schema is older, newer or wrong
    ├── ModelError                 exit 1   weights that are missing, damaged or of another kind
    ├── ServeError                 exit 1   the API and the pages cannot be started
    ├── QualityError               exit 1   data that fails as a whole (rows that fail are quarantined instead)
    └── VersionError               exit 1   Git or DVC refused; the night goes on and says so

A message says what was found, where, and what would be right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


def redacted(text: str) -> str:
    """Text without what looks like a credential: `user:password@` of an address, and `password=…`."""
    text = re.sub(r"://[^\s'\"]*@", "://…@", text)
    return re.sub(r"(?i)((?:pass(?:word|wd)?|pwd|secret|token)[\"']?\s*[=:]\s*)[^&\s'\"$]+", r"\1…", text)


class CatMLError(Exception):
    """Root of the tree; `exit_status` is what the command line ends with."""

    exit_status = 1


class WrongUse(CatMLError):
    """The caller asked for something that cannot be: an unknown camera, a date in the future, a wrong option."""

    exit_status = 2


@dataclass(frozen=True)
class Problem:
    """One mistake in a configuration file.

    Attributes:
        file: path of the file as the user gave it.
        line: 1-based line, or None if the mistake is not on a line (a file that is missing).
        where: dotted path of the key, e.g. `cameras.kitchen.zones.food_bowl`; empty if it is the file as a whole.
        found: the value as it stands in the file, shown with `repr`.
        right: what would be right.
    """

    file: str
    line: int | None
    where: str
    found: str
    right: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        where = f"{self.where}: " if self.where else ""
        return f"{place}: {where}found {self.found}; {self.right}"


class ConfigError(WrongUse):
    """One or more mistakes in a configuration file, all of them told at once."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class StoreError(CatMLError):
    """The store could not do what was asked."""


class StoreUnreachable(StoreError):
    """No answer from the store; trying again later may help."""


class StoreDenied(StoreError):
    """The store refused the credentials."""


class StoreMissing(StoreError):
    """No such bucket, folder or object."""


class StoreConflict(StoreError):
    """The name is taken by something else; nothing was overwritten."""


class FootageError(CatMLError):
    """A picture, clip or chunk that cannot be read."""


class UnknownStart(FootageError):
    """Nothing says when this footage was recorded."""


class OverlapError(FootageError):
    """This footage claims a time of its camera that is already recorded."""


class LogError(CatMLError):
    """The log of a device (a feeder, a litter box) that cannot be read: every mistake with its file and line."""


class TableError(CatMLError):
    """A partition that cannot be read or written."""


class SchemaError(TableError):
    """A partition whose schema is older, newer or wrong; the message names the command that rebuilds it."""


class ModelError(CatMLError):
    """Weights that are missing, damaged or of another kind."""


class ServeError(CatMLError):
    """The API and the pages cannot be started: the port is taken, or may not be listened on."""


class QualityError(CatMLError):
    """A whole table that fails its expectations."""


class VersionError(CatMLError):
    """Git or DVC refused; tables are good, the snapshot is not."""
