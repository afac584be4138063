"""A YAML file as a tree that knows its lines, every mistake of syntax told with its line and in plain words."""

from __future__ import annotations

import re
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from home.errors import ConfigError, Problem, redacted


def parse_file(path: Path) -> CommentedMap:
    """Read a YAML file whose top is `key: value` lines; an empty one is an empty mapping.

    Raises:
        ConfigError: if it cannot be read, is not UTF-8, or is not such a file.
    """
    text = _text(path)
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        # An unclosed bracket, quote or key is noticed further down: its mistake is where it began.
        began = "flow" in (error.context or "") or "scanning" in (error.context or "")
        mark = (began and error.context_mark) or error.problem_mark
        lines = text.splitlines()
        line = min(mark.line + 1, len(lines)) if mark else None
        if line and line > 1 and "mapping values" in (error.problem or "") and _without_key(lines[line - 2]):
            line -= 1  # `timezone:Europe/Berlin` is read as text that goes on below
        written = lines[line - 1] if line else ""
        found = repr(redacted(written.strip())) if written.strip() else "the end of the file"
        raise _file_error(path, line, found, _syntax_hint(written, error)) from None
    except YAMLError as error:
        position = getattr(error, "position", None)  # of a character that YAML does not allow
        line = text[:position].count("\n") + 1 if isinstance(position, int) else None
        right = "retype that line: copied text often carries such characters"
        raise _file_error(path, line, "a character that cannot be seen", right) from None
    if tree is None:
        return CommentedMap()
    if not isinstance(tree, CommentedMap):
        kind = "a list" if isinstance(tree, CommentedSeq) else repr(redacted(str(tree)[:60]))
        line = next(
            n for n, row in enumerate(text.splitlines(), 1) if row.strip() and not row.startswith(("#", "-" * 3))
        )
        raise _file_error(path, line, kind, "the file must be `key: value` lines, e.g. `timezone: Europe/Berlin`")
    return tree


def _without_key(line: str) -> bool:
    """Text that is neither a comment, nor an entry of a list, nor `key: value`."""
    return bool(line.strip()) and not re.match(r"\s*(#|- |[^#]*?:(\s|$))", line)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        right = "`catml init DIR` makes a new home, --home DIR names one"
        raise _file_error(path, None, "no such file", right) from None
    except IsADirectoryError:
        raise _file_error(path, None, "a folder", "it must be a file of `key: value` lines") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        byte = f"a byte that is not UTF-8 (0x{error.object[error.start]:02x})"
        raise _file_error(path, line, byte, "save the file as UTF-8 text") from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise _file_error(path, None, reason, "the file must be readable by you") from None


def _file_error(path: Path, line: int | None, found: str, right: str) -> ConfigError:
    return ConfigError([Problem(str(path), line, "", found, right)])


def _syntax_hint(line: str, error: MarkedYAMLError) -> str:
    problem = str(error.problem or error.context)
    stripped = line.strip()
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with spaces, not with tabs"
    if "duplicate key" in problem:
        return f"`{stripped.partition(':')[0]}` stands here twice; join the two"
    if "undefined alias" in problem:
        return "text that begins with * needs quotes"
    if "single document" in str(error):
        return "one file holds one home: remove the second `---`"
    if "cannot start any token" in problem:
        return "text that begins with @, ` or % needs quotes"
    if "':'" in problem or "mapping values" in problem:
        return "each line must be `key: value`, with a space after the colon; text with a colon needs quotes"
    if "expected ',' or" in problem:
        return "a bracket or a comma is missing"
    if stripped.count('"') % 2 or stripped.count("'") % 2:
        return "a quote is missing"
    return "it must be indented like its neighbours: each level two spaces more"
