"""`catml serve`: the API and the pages of a home."""

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
    home: HomeOption = Path(),
    set_: SetOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Answer programs and people, until Ctrl-C.

    Only this machine can ask, unless --host says otherwise; then put a reverse proxy with TLS before it (docs/serve.md).
    """
    from home.terminal import Terminal
    from serve.app import create_app
    from serve.server import listen, run

    terminal, house = Terminal(as_json, quiet), opened(home, set_)
    listener = listen(host, port)
    name, number = listener.getsockname()[:2]
    url = f"http://[{name}]:{number}" if ":" in name else f"http://{name}:{number}"

    def ready() -> None:
        terminal.say(f"{url} answers; Ctrl-C ends it.")
        terminal.result({"url": url})

    run(create_app(house), listener, house.params, ready)
    terminal.note("stopped")
