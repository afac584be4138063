"""A new home: commented files to fill in, and a history of its own. Nothing that is there is ever changed."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from home.errors import WrongUse
from home.params import as_yaml
from home.repository import set_up
from home.store import write_file

TEMPLATE = Path(__file__).with_name("template.yaml")


@dataclass(frozen=True)
class NewHome:
    """What `init` did.

    Attributes:
        root: the folder.
        timezone: that home.yaml was written with; empty if it was there already.
        written: names of the files that were written.
        there: names of those that were there already, untouched.
        warnings: what could not be done.
    """

    root: Path
    timezone: str
    written: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def init(root: Path) -> NewHome:
    """Make a folder a home: home.yaml, params.yaml, a Git repository and a DVC project of its own.

    Raises:
        WrongUse: if `root` is a file, or may not be written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise WrongUse(f"{root} is a file; a home is a folder, name another one") from None
    except OSError as error:
        raise WrongUse(f"{root} cannot be made ({error.strerror}); name another folder") from None
    zone = system_zone()
    texts = {
        "home.yaml": TEMPLATE.read_text("utf-8").replace("timezone: UTC", f"timezone: {zone}"),
        "params.yaml": as_yaml(),
    }
    there = [name for name in texts if (root / name).exists()]
    written = [name for name in texts if name not in there]
    try:
        for name in written:
            write_file(root / name, texts[name].encode())
    except OSError as error:
        raise WrongUse(f"{root} cannot be written ({error.strerror}); name another folder") from None
    warnings = set_up(root, also=written)
    return NewHome(root, zone if "home.yaml" in written else "", written, there, warnings)


def system_zone() -> str:
    """The machine's time zone as its IANA name; UTC if it does not tell."""
    candidates = [os.environ.get("TZ", "").removeprefix(":")]
    for path in (Path("/etc/timezone"), Path("/etc/localtime")):
        try:
            candidates.append(path.read_text("utf-8").strip() if path.name == "timezone" else str(path.readlink()))
        except (OSError, UnicodeDecodeError):
            continue
    for candidate in candidates:
        name = candidate.rpartition("zoneinfo/")[2]
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            continue
        return name.removeprefix("posix/")
    return "UTC"
