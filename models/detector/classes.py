"""What a folder of pictures calls its classes, and what the detector that learns from it calls them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from home.errors import WrongUse

__all__ = ["ClassMap", "class_maps", "names_of", "read_classes", "write_classes"]

ANY = "*"


@dataclass(frozen=True)
class ClassMap:
    """From a folder's own names or numbers to the classes that are learned.

    Attributes:
        classes: what is learned, in order.
        rename: own name or number to class; `*` stands for all that is not named.
    """

    classes: tuple[str, ...] = ("cat",)
    rename: Mapping[str, str] = field(default_factory=dict)

    def of(self, own: str, *, named: bool) -> str | None:
        """The class of a label, None where it is of something else and gives no box.

        A folder that names its classes is taken at its word, in capitals or not. One that only numbers them counts
        `classes`; where one class is learned, every number is it.

        Args:
            own: the folder's name, or its number where it has none.
            named: the folder names its classes.
        """
        for key in (own, ANY):
            if key in self.rename:
                return self.rename[key] or None
        if named:
            return next((name for name in self.classes if name.lower() == own.lower()), None)
        if len(self.classes) == 1:
            return self.classes[0]
        return self.classes[int(own)] if own.isdigit() and int(own) < len(self.classes) else None


def class_maps(classes: Sequence[str], rename: Sequence[str], sources: Sequence[str]) -> dict[str, ClassMap]:
    """The map of each source, read from `prepare.classes` and `prepare.rename`.

    Raises:
        WrongUse: a line of `rename` is of another form, or names a source or class that is not there.
    """
    maps: dict[str, dict[str, str]] = {source: {} for source in sources}
    for line in rename:
        source, colon, pairs = (part.strip() for part in line.partition(":"))
        entries = [pair.partition("=") for pair in pairs.split(",")]
        if not colon or not all(equals and own.strip() for own, equals, _ in entries):
            raise WrongUse(f"prepare.rename: found {line!r}; it must be `folder: theirs=ours, theirs=ours`")
        if source not in maps:
            raise WrongUse(f"prepare.rename: found {line!r}; there is no folder {source!r} but {', '.join(sources)}")
        for own, _, name in entries:
            if name.strip() and name.strip() not in classes:
                raise WrongUse(
                    f"prepare.rename: found {line!r}; {name.strip()!r} is not among prepare.classes ({', '.join(classes)})"
                )
            maps[source][own.strip()] = name.strip()
    return {source: ClassMap(tuple(classes), entries) for source, entries in maps.items()}


def names_of(folder: Path) -> list[str]:
    """The class names that a folder in YOLO format states: `names` of its data.yaml, or the lines of classes.txt.

    Returns:
        In the order of their numbers; empty where it states none.

    Raises:
        WrongUse: its data.yaml cannot be read, or its names are not a list or a mapping of numbers to names.
    """
    for path in (folder / "data.yaml", folder / "data.yml"):
        if path.is_file():
            return _yaml_names(path)
    for path in (folder / "classes.txt", folder / "labels" / "classes.txt", folder / "obj.names"):
        if path.is_file():
            return [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    return []


def _yaml_names(path: Path) -> list[str]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        names = (YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}).get("names", [])
    except (YAMLError, AttributeError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        told = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise WrongUse(f"{place}: {told}; it must hold the classes, e.g. `names: [cat, dog]`") from error
    if isinstance(names, dict) and sorted(names) == list(range(len(names))):
        names = [names[number] for number in range(len(names))]
    if not isinstance(names, list):
        raise WrongUse(f"{path}: found names {names!r}; they must be a list, or `0: name` lines without a gap")
    return [str(name).strip() for name in names]


def write_classes(classes: Sequence[str], path: Path) -> None:
    """Write the classes that are learned, one a line in their order."""
    path.write_text("".join(f"{name}\n" for name in classes), encoding="utf-8")


def read_classes(pictures: Path) -> list[str]:
    """The classes that go with a list of pictures: `classes.txt` beside it; `cat` for a list of old that has none."""
    path = pictures.with_name("classes.txt")
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else ["cat"]
