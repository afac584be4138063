"""A YAML file as a validated model, every mistake told with file, line, value and what would be right."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from home.errors import ConfigError, Problem

Model = TypeVar("Model", bound=BaseModel)


def load_document(path: Path, model: type[Model], overrides: dict[str, str] | None = None) -> Model:
    """Read a YAML file into a Pydantic model.

    Args:
        path: the file; an empty one stands for all defaults.
        model: the type it is validated as.
        overrides: `--set` values by dotted path, each parsed as YAML; they win over the file.

    Raises:
        ConfigError: with every mistake found, each with its line.
    """
    tree = _parse(path)
    for dotted, text in (overrides or {}).items():
        _override(tree, dotted, text)
    try:
        return model.model_validate(_plain(tree))
    except ValidationError as error:
        problems = [_problem(path, tree, model, item, overrides or {}) for item in error.errors(include_url=False)]
        raise ConfigError(problems) from None


def parse_value(text: str, where: str) -> Any:
    """The value of a `--set` option, read as YAML.

    Raises:
        ConfigError: if it is no YAML value.
    """
    try:
        return YAML(typ="safe").load(text)
    except YAMLError:
        raise ConfigError([Problem("--set", None, where, repr(text), "give a YAML value, e.g. 0.3")]) from None


def _parse(path: Path) -> CommentedMap:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        right = "run `catml init DIR` for a new home, or name one with --home DIR"
        raise ConfigError([Problem(str(path), None, "(file)", "no such file", right)]) from None
    except IsADirectoryError:
        raise ConfigError([Problem(str(path), None, "(file)", "a folder", "it must be a YAML file")]) from None
    except UnicodeDecodeError as error:
        right = "save it as UTF-8 text"
        raise ConfigError([Problem(str(path), None, "(file)", f"byte {error.start} is not UTF-8", right)]) from None
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        lines = text.splitlines()
        found = repr(lines[line - 1].strip()) if line and line <= len(lines) else "the end of the file"
        right = _syntax_hint(lines[line - 1] if line and line <= len(lines) else "", error)
        raise ConfigError([Problem(str(path), line, "(YAML)", found, right)]) from None
    except YAMLError as error:
        raise ConfigError([Problem(str(path), None, "(YAML)", str(error).splitlines()[0], "it must be YAML")]) from None
    if tree is None:
        return CommentedMap()
    if not isinstance(tree, CommentedMap):
        right = "the file must be `key: value` lines"
        raise ConfigError([Problem(str(path), 1, "(file)", f"a {_kind(tree)}", right)])
    return tree


def _syntax_hint(line: str, error: MarkedYAMLError) -> str:
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with spaces, not with tabs"
    if "duplicate key" in str(error):
        return "each key may stand once; join the two"
    return f"it must be YAML ({error.problem or error.context})"


def _override(tree: CommentedMap, dotted: str, text: str) -> None:
    *parents, last = dotted.split(".")
    node = tree
    for parent in parents:
        child = node.get(parent)
        if not isinstance(child, CommentedMap):
            child = node[parent] = CommentedMap()
        node = child
    node[last] = parse_value(text, dotted)


def _plain(node: Any) -> Any:
    """Comments and positions dropped: what Pydantic sees."""
    if isinstance(node, CommentedMap):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    return node


def _problem(path: Path, tree: CommentedMap, model: type[BaseModel], item: Any, overrides: dict[str, str]) -> Problem:
    # Pydantic marks a wrong key of a mapping with a trailing "[key]": it is the key itself that is wrong.
    loc = tuple(part for part in item["loc"] if part != "[key]")
    dotted = ".".join(str(part) for part in loc) or "(file)"
    line, node = _locate(tree, loc)
    missing = item["type"] == "missing"
    found = "nothing" if missing else _show(loc[-1] if item["loc"][-1:] == ("[key]",) else item.get("input", node))
    file = "--set" if dotted in overrides else str(path)
    return Problem(file, None if file == "--set" else line, dotted, found, _right(item, model, loc))


def _locate(tree: Any, loc: tuple[Any, ...]) -> tuple[int | None, Any]:
    """The 1-based line of the deepest part of `loc` that stands in the file, and what stands there."""
    line, node = 1 if tree else None, tree
    for part in loc:
        if (isinstance(node, CommentedMap) and part in node) or (isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node)):
            line, node = node.lc.data[part][0] + 1 if part in node.lc.data else line, node[part]
        elif not isinstance(node, CommentedMap | CommentedSeq):
            break
    return line, node


def _right(item: Any, model: type[BaseModel], loc: tuple[Any, ...]) -> str:
    context = item.get("ctx") or {}
    if item["type"] == "extra_forbidden":
        known = _fields_at(model, loc[:-1])
        close = difflib.get_close_matches(str(loc[-1]), known, n=1)
        return f"did you mean `{close[0]}`?" if close else f"known keys here: {', '.join(known) or 'none'}"
    if item["type"] == "value_error":
        return str(context.get("error", item["msg"]))
    message = item["msg"].removeprefix("Input ").removeprefix("Value error, ")
    return message[:1].lower() + message[1:] if message.startswith(("Field", "String")) else f"it {message}"


def _fields_at(model: Any, loc: tuple[Any, ...]) -> list[str]:
    """The keys that are allowed where `loc` points to, found by walking the annotations."""
    for part in loc:
        if isinstance(model, type) and issubclass(model, BaseModel) and part in model.model_fields:
            model = model.model_fields[part].annotation
        model = next((arg for arg in _arguments(model) if _arguments(arg) or _is_model(arg)), model)
    models = [arg for arg in (model, *_arguments(model)) if _is_model(arg)]
    return [name for found in models[:1] for name in found.model_fields]


def _is_model(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, BaseModel)


def _arguments(annotation: Any) -> tuple[Any, ...]:
    return tuple(getattr(annotation, "__args__", ()))


def _kind(node: Any) -> str:
    return {"CommentedSeq": "list", "str": "text"}.get(type(node).__name__, type(node).__name__)


def _show(value: Any) -> str:
    text = repr(_plain(value))
    return text if len(text) <= 80 else f"{text[:77]}..."
