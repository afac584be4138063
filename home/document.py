"""A YAML file as a validated model, every mistake told with file, line, value and what would be right.

Values are never shown with what looks like a credential in them (`redacted`): messages end up in logs.
"""

from __future__ import annotations

import datetime as dt
import difflib
import types
from pathlib import Path
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from home.errors import ConfigError, Problem, redacted
from home.yaml_file import parse_file

Model = TypeVar("Model", bound=BaseModel)

SET = "--set"
# What Pydantic calls a mistake, as a person would say it; {…} is filled from the mistake's context.
RIGHT = {
    "bool_parsing": "it must be true or false",
    "bool_type": "it must be true or false",
    "dict_type": "it must be `name: value` lines, indented below it",
    "finite_number": "it must be a finite number",
    "float_type": "it must be a number without quotes, e.g. 0.5",
    "greater_than": "it must be more than {gt:g}",
    "greater_than_equal": "it must be {ge:g} or more",
    "int_from_float": "it must be a whole number",
    "int_type": "it must be a whole number without quotes, e.g. 2",
    "less_than": "it must be less than {lt:g}",
    "less_than_equal": "it must be {le:g} or less",
    "list_type": "it must be a list: in brackets, or as lines that begin with `- `",
    "string_too_long": "it must be at most {max_length} characters long",
    "string_too_short": "it must not be empty",
    "string_type": "it must be text; if it is, put it in quotes",
    "too_short": "it needs at least {min_length} entry",
}
# What a key could be that has no default, where it is missing.
EXAMPLES = {"timezone": "Europe/Berlin", "name": "Miso", "latitude": "52.5", "longitude": "13.4"}


def load_document(
    path: Path, model: type[Model], overrides: dict[str, str] | None = None, *, may_be_missing: bool = False
) -> Model:
    """Read a YAML file into a Pydantic model.

    Args:
        path: the file; an empty one stands for all defaults.
        model: the type it is validated as.
        overrides: `--set` values by dotted path, each parsed as YAML; they win over the file.
        may_be_missing: no file stands for all defaults too.

    Raises:
        ConfigError: with every mistake found, each with its line.
    """
    tree = CommentedMap() if may_be_missing and not path.exists() else parse_file(path)
    overrides = overrides or {}
    for dotted, text in overrides.items():
        _override(tree, dotted, text)
    try:
        return model.model_validate(_plain(tree))
    except ValidationError as error:
        problems = [_problem(path, tree, model, item, overrides) for item in error.errors(include_url=False)]
        raise ConfigError(sorted(problems, key=lambda problem: problem.line or 0)) from None


def parse_value(text: str, where: str) -> Any:
    """The value of a `--set` option, read as YAML.

    Raises:
        ConfigError: if it is no YAML value.
    """
    try:
        return YAML(typ="safe").load(text)
    except YAMLError:
        raise ConfigError(
            [Problem(SET, None, where, repr(text), "it must be a YAML value, e.g. 0.3 or [cat]")]
        ) from None


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
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _problem(path: Path, tree: CommentedMap, model: type[BaseModel], item: Any, overrides: dict[str, str]) -> Problem:
    # Pydantic marks a wrong key of a mapping with a trailing "[key]": it is the key itself that is wrong.
    wrong_key = item["loc"][-1:] == ("[key]",)
    loc = tuple(part for part in item["loc"] if part != "[key]")
    # A validator of several values says which of them is wrong by `error.at`.
    loc += tuple(getattr((item.get("ctx") or {}).get("error"), "at", ()))
    line, node = _locate(tree, loc)
    dotted = ".".join(str(part) for part in loc)
    by_set = next(
        (name for name in overrides if f"{dotted}.".startswith(f"{name}.") or name.startswith(f"{dotted}.")), None
    )
    if item["type"] == "missing":
        found = "nothing"
    elif wrong_key or item["type"] == "extra_forbidden":
        found = f"the key {str(loc[-1])!r}"
    elif getattr((item.get("ctx") or {}).get("error"), "hidden", False):
        found = (
            f"an address of {str(node).partition('://')[0][:20]}://…" if "://" in str(node) else "what is no address"
        )
    else:
        found = _show(node)
    file, line = (SET, None) if by_set else (str(path), line)
    return Problem(file, line, _where(tree, loc), found, _right(item, model, loc, node))


def _where(node: Any, loc: tuple[Any, ...]) -> str:
    """`cameras.kitchen.zones.bed, entry 2`: people count from one."""
    text = ""
    for part in loc:
        in_list = isinstance(node, list) and isinstance(part, int)
        text += f", entry {part + 1}" if in_list else f".{part}"
        node = _locate(node, (part,))[1]
    return text.removeprefix(".")


def _locate(tree: Any, loc: tuple[Any, ...]) -> tuple[int | None, Any]:
    """The 1-based line of the deepest part of `loc` that stands in the file, and what stands there."""
    line, node = 1 if tree else None, tree
    for part in loc:
        inside = (
            isinstance(part, int) and part < len(node)
            if isinstance(node, list)
            else isinstance(node, dict) and part in node
        )
        if not inside:
            break
        lines = getattr(getattr(node, "lc", None), "data", None) or {}  # none for what `--set` brought
        line = lines[part][0] + 1 if part in lines else line
        node = node[part]
    return line, node


def _right(item: Any, model: type[BaseModel], loc: tuple[Any, ...], node: Any) -> str:
    context = item.get("ctx") or {}
    kind = item["type"]
    if kind == "value_error":
        return str(context["error"])
    if kind == "extra_forbidden":
        return _nearest(model, loc)
    if kind == "missing" or (node is None and loc[-1] in EXAMPLES):
        example = EXAMPLES.get(str(loc[-1]))
        return f"it must be given, e.g. `{loc[-1]}: {example}`" if example else "it must be given"
    if kind in ("model_type", "model_attributes_type"):
        return f"it must be `key: value` lines, indented below it; keys: {', '.join(_fields_at(model, loc))}"
    return RIGHT[kind].format(**context) if kind in RIGHT else f"it {item['msg'].removeprefix('Input ')}"


def _nearest(model: type[BaseModel], loc: tuple[Any, ...]) -> str:
    known = _fields_at(model, loc[:-1])
    close = difflib.get_close_matches(str(loc[-1]), known, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    # `--set confidence=0.3`: a key that stands one level further down.
    below = [f"{name}.{loc[-1]}" for name in known if loc[-1] in _fields_at(model, (*loc[:-1], name))]
    return f"did you mean `{below[0]}`?" if below else f"it is not known here; known: {', '.join(known) or 'nothing'}"


def _fields_at(model: Any, loc: tuple[Any, ...]) -> list[str]:
    """The keys that are allowed where `loc` points to, found by walking the annotations."""
    for part in loc:
        if _is_model(model):
            field = next((own for key, own in model.model_fields.items() if part in (key, own.alias)), None)
            model = _bare(field.annotation) if field else None
        else:  # a mapping or a list: the type of its values stands last
            model = _bare((get_args(model) or (None,))[-1])
    return [field.alias or key for key, field in model.model_fields.items()] if _is_model(model) else []


def _bare(annotation: Any) -> Any:
    """`X` of `X | None` and of `Annotated[X, …]`."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return _bare(next(arg for arg in get_args(annotation) if arg is not type(None)))
    return annotation


def _is_model(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, BaseModel)


def _show(value: Any) -> str:
    plain = _plain(value)
    if plain is None:
        return "nothing"
    text = plain.isoformat() if isinstance(plain, dt.date) else redacted(repr(plain))
    return text if len(text) <= 80 else f"{text[:77]}..."
