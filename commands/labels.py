"""`catml labels export`, `import`, `agree`: what people saw in the footage, to and from the programs they label in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.options import DateOption, HomeOption, JsonOption, QuietOption, SetOption, not_to_come, opened
from home.errors import WrongUse

if TYPE_CHECKING:
    import datetime as dt

ObserverOption = Annotated[str, typer.Option("--observer", metavar="NAME", help="Who labelled it.")]


def export(
    boris: Annotated[
        Path | None, typer.Option("--boris", metavar="FILE", help="For BORIS: .boris to label in, or .tsv, .csv.")
    ] = None,
    coco: Annotated[
        Path | None, typer.Option("--coco", metavar="FILE", help="For a COCO program: .json, pictures beside it.")
    ] = None,
    date: DateOption = None,
    camera: Annotated[
        list[str] | None, typer.Option("--camera", metavar="ID", help="Only this camera; may be given again.")
    ] = None,
    observer: Annotated[
        str | None, typer.Option("--observer", metavar="NAME", help="Whose labels.", show_default="the house's bouts")
    ] = None,
    empty: Annotated[
        bool, typer.Option("--empty", metavar="", help="Only the footage, nothing labelled in it.")
    ] = False,
    most: Annotated[int, typer.Option("--most", metavar="N", min=1, help="Of COCO: so many pictures at most.")] = 200,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write footage and what was seen in it for a labelling program; without a date of every day there is."""
    from dataclasses import asdict

    from home.look import counted
    from home.terminal import Terminal
    from tasks.labels.exchange import export_boris
    from tasks.labels.stills import export_coco

    if (boris is None) == (coco is None):
        raise WrongUse("say for what: --boris FILE or --coco FILE")
    if empty and (observer is not None or coco):
        raise WrongUse("--empty is for --boris, without --observer")
    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    not_to_come(date, house)
    dates = [date] if date else []
    if coco:
        drawn = export_coco(house, coco, dates, camera or [], observer, most)
        if drawn.unread:
            terminal.warn(f"the footage of {counted(drawn.unread, 'picture')} cannot be read; left out")
        terminal.say(f"{drawn.file}: {counted(drawn.pictures, 'picture')} with {counted(drawn.marks, 'animal')}.")
        terminal.result(asdict(drawn))
    elif boris:
        done = export_boris(house, boris, dates, camera or [], "" if empty else observer)
        if done.outside:
            terminal.warn(f"{counted(done.outside, 'bout')} of which there is no footage are left out")
        terminal.say(
            f"{done.file}: {counted(done.observations, 'observation')} with {counted(done.states, 'behaviour')}."
        )
        terminal.result(asdict(done))


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="BORIS: .boris, .tsv or .csv; COCO: .json.")],
    observer: ObserverOption,
    same: Annotated[
        list[str] | None,
        typer.Option(
            "--as", metavar="THEIRS=OURS", help="A behaviour or cat that is called otherwise; may be given again."
        ),
    ] = None,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Take in what somebody labelled: all of the file, or nothing of it.

    Labels of a person, beside those of others and of the house. Taken in again, an observation stands for what it was
    before.
    """
    from dataclasses import asdict

    from home.look import counted
    from home.terminal import Terminal
    from tasks.labels.exchange import import_boris
    from tasks.labels.stills import import_coco

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    take_in = import_coco if file.suffix.lower() == ".json" else import_boris
    done = take_in(house, file, observer, dict(map(_renamed, same or [])), _now())
    told = f"{counted(done.new, 'label')} of {observer} taken in"
    more = [
        f"{done.there} were there already" if done.there else "",
        f"{done.withdrawn} withdrawn" if done.withdrawn else "",
    ]
    terminal.say(f"{', '.join([told, *filter(None, more)])}.")
    terminal.result(asdict(done))


def agree(
    first: Annotated[str, typer.Argument(metavar="A", help="An observer.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """How far two observers agree: Cohen's kappa over the seconds that both watched, with its interval."""
    from home.terminal import Terminal
    from tasks.labels.agree import agree as compare
    from tasks.labels.agree import tell_agreement

    tell_agreement(Terminal(as_json, quiet), compare(opened(home, set_), first, second))


def _renamed(text: str) -> tuple[str, str]:
    theirs, equals, ours = text.partition("=")
    if not (equals and theirs.strip() and ours.strip()):
        raise WrongUse(f"--as {text!r}: it must be THEIRS=OURS, e.g. --as licking=grooming")
    return theirs.strip(), ours.strip()


def _now() -> dt.datetime:
    import datetime as dt

    return dt.datetime.now(dt.UTC)
