"""What was done, said where it was asked for, with a way back; and home.yaml, which every page changes in the same way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from nicegui import ui

from home.errors import CatMLError, ConfigError, redacted
from serve.pages.frame import read
from serve.pages.home_file import change, text_of

__all__ = ["keep", "say", "status"]


def status() -> ui.element:
    """Where `say` speaks: a screen reader tells what comes there."""
    return ui.element("div").props('role=status aria-live="polite"')


def say(said: ui.element, lines: list[str] | str, undo: Any = None, wrong: bool = False, on: str = "") -> None:
    """Say it, in place of what was said before.

    Args:
        said: from `status`.
        lines: the words; nothing that looks like a credential is shown.
        undo: what takes it back.
        wrong: it was not done.
        on: address of a page that shows what has changed.
    """
    said.clear()
    with said, ui.element("div").classes("tell wrong" if wrong else "tell"):
        for line in [lines] if isinstance(lines, str) else lines:
            ui.label(redacted(line))
        if undo or on:
            with ui.element("div").classes("row-of"):
                if undo:
                    ui.button("Undo", on_click=undo).props("outline")
                if on:
                    ui.html(f'<a class="button" href="{on}">Show it as it is now</a>', sanitize=False)


async def keep(
    app: FastAPI,
    said: ui.element,
    edit: Callable[[str], str],
    words: str,
    then: Callable[[], Any] = lambda: None,
    *,
    seen: str | None = None,
    on: str = "",
) -> bool:
    """Keep a new home.yaml and say so, with a way back; or say what is wrong with it, mistake by mistake.

    Args:
        app: whose home it is.
        said: from `status`.
        edit: the new text of the old one.
        words: what was done.
        then: draws what has changed, after it was kept and after it was taken back.
        seen: the text that the owner changed, where it was shown; else the file as it is.
        on: address of a page that shows it.

    Returns:
        whether it was kept.
    """
    try:
        was = await read(text_of, app.state.home) if seen is None else seen
        text = edit(was)
        await read(change, app, was, text)
    except ConfigError as error:
        say(said, [f"Not kept: {each}" for each in error.problems], wrong=True)
        return False
    except CatMLError as error:
        say(said, f"Not kept: {error}", wrong=True)
        return False

    async def undo() -> None:
        try:
            await read(change, app, text, was)
        except CatMLError as error:
            return say(said, str(error), wrong=True)
        then()
        return say(said, "Taken back: home.yaml is as it was.", on=on)

    then()
    say(said, words, undo, on=on)
    return True
