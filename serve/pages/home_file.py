"""home.yaml as an owner changes it here: checked first, written whole, and what it was given back for an undo."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from home.config import HomeConfig
from home.document import load_document
from home.errors import ConfigError, WrongUse
from home.folder import Home
from home.store import write_file

__all__ = ["change", "checked", "edited", "text_of"]

NAME = "home.yaml"


def text_of(home: Home) -> str:
    """The file as it is."""
    return (home.root / NAME).read_text(encoding="utf-8-sig")


def checked(text: str) -> HomeConfig:
    """What the file would say.

    Raises:
        ConfigError: with every mistake, each with its line.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        path.write_text(text, encoding="utf-8")
        try:
            return load_document(path, HomeConfig)
        except ConfigError as error:
            raise ConfigError([replace(each, file=NAME) for each in error.problems]) from None


def change(app: FastAPI, was: str, text: str) -> None:
    """Write the file, and let the application go on with what it says. Recorders and watchers read it when they start.

    Args:
        app: whose home it is.
        was: the file as the owner saw it; one that was changed meanwhile is left alone.
        text: the new one.

    Raises:
        ConfigError: it is wrong; nothing was written.
        WrongUse: the file was changed meanwhile.
    """
    config, home = checked(text), app.state.home
    if text_of(home) != was:
        raise WrongUse(f"{NAME} was changed meanwhile by somebody else; load this page again, then change it")
    write_file(home.root / NAME, text.encode())
    app.state.home = replace(home, config=config)


def edited(text: str, edit: Callable[[Any], None]) -> str:
    """The text of the file after one change, its comments kept.

    Args:
        text: the file.
        edit: changes the tree that it holds.

    Raises:
        ConfigError: it holds none.
    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    try:
        tree = yaml.load(text) or {}
    except YAMLError:
        checked(text)  # says where
        raise
    edit(tree)
    sink = io.StringIO()
    yaml.dump(tree, sink)
    return sink.getvalue()
