"""`catml init`, `cameras discover`, `mediamtx`, `check`, `snapshot`: a home is made, looked at, its zones read off."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from commands.options import HomeOption, JsonOption, QuietOption, SetOption, opened
from home.errors import WrongUse


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that becomes a home.")],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a new home: commented files to fill in."""
    from home.new import init as make
    from home.terminal import Terminal

    terminal, new = Terminal(as_json, quiet), make(folder)
    for warning in new.warnings:
        terminal.warn(warning)
    if new.written:
        zone = f", in the time zone {new.timezone}" if new.timezone else ""
        terminal.say(f"{folder} is a home now{zone}.")
    else:
        terminal.say(f"{folder} is a home already; nothing was changed.")
    files = [(name, "written" if name in new.written else "was there") for name in ("home.yaml", "params.yaml")]
    terminal.table(("file", ""), files)
    terminal.say(f"\nNext: write your cameras into {folder / 'home.yaml'}, then: catml check --home {folder}")
    terminal.result(asdict(new))


def check(
    send: Annotated[bool, typer.Option("--send", metavar="", help="Send a test on each channel of alerts.")] = False,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Look whether all is in reach and right."""
    from home.terminal import Terminal
    from ingest.check import check as look_at
    from ingest.check import verdict

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    terminal.note("Looking; a camera that does not answer takes some seconds …")
    findings = list(look_at(house, send))
    for finding in findings if quiet else []:
        if finding.state != "ok":
            terminal.warn(f"{finding.what}: {finding.found}; {finding.right}")
    terminal.say(f"{verdict(findings)}\n")
    told = [f"{finding.found}\n→ {finding.right}" if finding.right else finding.found for finding in findings]
    rows = [(finding.what, finding.state, text) for finding, text in zip(findings, told, strict=True)]
    terminal.table(("what", "state", "found, and what to do"), rows)
    failed = any(finding.state == "fail" for finding in findings)
    terminal.result({"ok": not failed, "findings": [asdict(finding) for finding in findings]})
    raise typer.Exit(1 if failed else 0)


def snapshot(
    camera: Annotated[str, typer.Argument(metavar="CAMERA", help="A camera of home.yaml.")],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where to save it (PNG).")] = None,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Save a still with a grid, to read off the corners of zones."""
    from home.folder import today
    from home.store import write_file
    from home.terminal import Terminal
    from ingest.snapshot import as_png, take, with_grid

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    taken = take(house, camera, today(house))
    file = out or Path(f"{camera}-snapshot.png")
    settings = house.camera(camera)
    try:
        write_file(file, as_png(with_grid(taken.picture, settings)))
    except OSError as error:
        raise WrongUse(f"{file} cannot be written ({error.strerror}); name another with --out") from None
    if taken.warning:
        terminal.warn(taken.warning)
    height, width = taken.picture.shape[:2]
    terminal.say(f"A still of {camera}, {width} x {height}, from {taken.source}: {file}")
    if settings.zones:
        terminal.say(f"Its zones are drawn: {', '.join(settings.zones)}.")
    terminal.say("\nA zone is written into home.yaml as its corners [x, y], in order around it:\n")
    terminal.say(f"cameras:\n  {camera}:\n    zones:\n      food_bowl: [[0.12, 0.70], [0.25, 0.70], [0.25, 0.85]]")
    terminal.result({"camera": camera, "file": file, "width": width, "height": height, "source": taken.source})


def mediamtx(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write it.", show_default="data/mediamtx.yml")
    ] = None,
    lan: Annotated[
        bool, typer.Option("--lan", metavar="", help="Viewers on other machines of this network too.")
    ] = False,
    home: HomeOption = Path(),
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write the configuration of a MediaMTX relay, which asks each camera once for everybody."""
    from home.terminal import Terminal
    from ingest.mediamtx import mediamtx as write

    write(opened(home), out, lan, Terminal(as_json, quiet))


def discover(
    hosts: Annotated[
        list[str] | None, typer.Argument(metavar="[HOST[:PORT]]…", help="Ask these, not the network.")
    ] = None,
    user: Annotated[
        str | None,
        typer.Option("--user", metavar="NAME", help="Ask for streams; CAMERA_PASSWORD is in the environment."),
    ] = None,
    wait: Annotated[float, typer.Option("--wait", min=0.5, max=60, metavar="SECONDS", help="For answers.")] = 4.0,
    home: HomeOption = Path(),
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find ONVIF cameras in this network, as entries for home.yaml."""
    from home.terminal import Terminal
    from ingest.new_cameras import discover_cameras

    config = opened(home).config if (home / "home.yaml").exists() else None
    raise typer.Exit(discover_cameras(config, hosts or [], user, wait, Terminal(as_json, quiet)))
