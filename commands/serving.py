"""`catml serve`: the API and the pages of a home; `keys` and `password`: who may ask it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.options import HomeOption, JsonOption, QuietOption, SetOption, opened


def serve(
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Address of this machine to listen on; 0.0.0.0: all.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="0: any that is free.")] = 8000,
    no_password: Annotated[
        bool,
        typer.Option("--no-password", metavar="", help="Make up none for the owner: `catml password owner` sets one."),
    ] = False,
    log: Annotated[
        str | None,
        typer.Option("--log", metavar="KIND", help="plain, or json: a line each.", show_default="serve.log"),
    ] = None,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Answer programs and people, until Ctrl-C.

    Only this machine can ask, unless --host says otherwise; then put a reverse proxy with TLS before it (docs/serving.md).
    """
    import logging
    import threading
    from typing import cast, get_args

    from home.ethogram import known
    from home.log import Kind, open_log
    from home.terminal import Terminal
    from serve.app import create_app
    from serve.login import first_password
    from serve.pages.mount import mount
    from serve.server import listen, run

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    kind = cast(Kind, known("log", log or house.params.serve.log, get_args(Kind)))
    listener = listen(host, port)
    name, number = listener.getsockname()[:2]
    url = f"http://[{name}]:{number}" if ":" in name else f"http://{name}:{number}"

    password = first_password(house, make=not no_password)

    def ready() -> None:
        terminal.say(f"{url} answers; Ctrl-C ends it.")
        if password is not None:
            terminal.say(f"Log in as owner with the password {password}")
            terminal.say("It is shown this once; `catml password owner` sets another one.")
        terminal.result({"url": url, "password": password})

    with open_log(kind, quiet=quiet):
        app = create_app(house)
        told = logging.getLogger("catml.serve").warning if kind == "json" else terminal.warn
        threading.Thread(target=app.state.looker.warm, args=(told,), daemon=True).start()
        mount(app)
        run(app, listener, house.params, ready)
    terminal.note("stopped")


_Days = Annotated[
    float | None,
    typer.Option("--days", metavar="N", min=0, help="It opens nothing after so many.", show_default="for ever"),
]


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for, in your words.")],
    scope: Annotated[
        list[str], typer.Option("--scope", metavar="SCOPE", help="read, predict, write or admin; may be given again.")
    ],
    days: _Days = None,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a key for a program. It is shown once, and kept as a digest only."""
    import datetime as dt

    from home.ethogram import known
    from home.terminal import Terminal
    from home.users import SCOPES, ApiKey, add_key
    from serve.secrets_kept import digest, new_key

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    wanted = {known("scope", each, SCOPES) for each in scope}
    scopes = tuple(each for each in SCOPES if each in wanted)
    now, key = dt.datetime.now(dt.UTC), new_key()
    ends = None if days is None else now + dt.timedelta(days=days)
    kept = add_key(house.database, ApiKey(name, digest(key), scopes, now, ends))
    terminal.say(key)
    terminal.note(f"This is key {kept.id}; it is shown this once. Send it as `Authorization: Bearer KEY`.")
    terminal.result({"id": kept.id, "key": key, "scopes": scopes, "ends_at": ends})


def list_(
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List the keys there are."""
    import datetime as dt

    from home.terminal import Terminal
    from home.users import keys

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    there, now = keys(house.database), dt.datetime.now(dt.UTC)
    if not there:
        terminal.say("No program has a key yet: catml keys add NAME --scope read")
    day = "%Y-%m-%d"
    terminal.table(
        ["key", "name", "may", "made", "ends"],
        [
            [
                str(each.id), each.name, " ".join(each.scopes), each.made_at.astimezone(house.zone).strftime(day),
                ("never" if each.ends_at is None else each.ends_at.astimezone(house.zone).strftime(day))
                + ("" if each.holds(now) else ", has ended"),
            ]
            for each in there
        ],
    )  # fmt: skip
    shown = [{name: value for name, value in vars(each).items() if name != "digest"} for each in there]
    terminal.result({"keys": shown})


def remove(
    number: Annotated[int, typer.Argument(metavar="KEY", help="Its number; `catml keys list` has it.")],
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Take a key back. A server that runs knows it within seconds."""
    import datetime as dt

    from home.terminal import Terminal
    from home.users import remove_key

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    gone = remove_key(house.database, number, dt.datetime.now(dt.UTC))
    terminal.say(f"Key {gone.id}, {gone.name}, opens nothing any more.")
    terminal.result({"id": gone.id, "removed_at": gone.removed_at})


def password(
    user: Annotated[str, typer.Argument(metavar="USER", help="owner, or guest who may read only.")],
    ask: Annotated[bool, typer.Option("--ask", metavar="", help="Type one, instead of one that is made up.")] = False,
    remove_: Annotated[
        bool, typer.Option("--remove", metavar="", help="Of the guest: none may log in any more.")
    ] = False,
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Give the owner or the guest a new password; who is logged in with the old one is logged out."""
    import datetime as dt

    from home.errors import WrongUse
    from home.ethogram import known
    from home.terminal import Terminal
    from home.users import GUEST, OWNER, User, remove_user, set_password
    from serve.secrets_kept import hashed, made_up

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    name = known("user", user, (OWNER, GUEST))
    if remove_:
        if name == OWNER:
            raise WrongUse("a home has an owner; `catml password owner` sets a new password")
        there = remove_user(house.database, name)
        terminal.say("Guests cannot log in any more." if there else "There was no guest.")
        return terminal.result({"user": name, "removed": there})
    new = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True) if ask else made_up()
    set_password(house.database, User(name, hashed(new), dt.datetime.now(dt.UTC)))
    terminal.say(f"The {name} has a new password." if ask else new)
    terminal.result({"user": name, **({} if ask else {"password": new})})
    return None
