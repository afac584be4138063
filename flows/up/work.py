"""Becomes the worker of a home: `python -m flows.up.work --home DIR`, with PREFECT_API_URL of its server.

Before that, what a killed worker left is put right and the deployments are written: after whatever ended the worker,
the next one begins with a record that is true.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from flows.up.api import Api
from flows.up.parts import POOL, WORKER
from flows.up.unended import put_right
from home.errors import CatMLError
from home.folder import open_home

_SERVER_WITHIN_S = 300.0


def prepare(home: Path, api: Api) -> None:
    """Wait for the server, and make its record true.

    Raises:
        CatMLError: if the server does not answer, or the home is wrong.
    """
    until = time.monotonic() + _SERVER_WITHIN_S
    while not api.answers():
        if time.monotonic() > until:
            raise CatMLError(f"{api.url}: Prefect's server has not answered for {_SERVER_WITHIN_S:g} s; see its log")
        time.sleep(0.5)
    for run in put_right(api, POOL):
        print(f"the run {run} was killed: Prefect shows it as crashed now", flush=True)
    from flows.plan import deploy

    print(f"deployed: {', '.join(deploy(open_home(home), POOL))}", flush=True)


def main() -> None:
    """The command line; never returns."""
    parser = argparse.ArgumentParser(prog="python -m flows.up.work", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path())
    home = parser.parse_args().home.resolve()
    try:
        prepare(home, Api(os.environ["PREFECT_API_URL"]))
    except CatMLError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(error.exit_status) from None
    command = ["prefect", "worker", "start", "--pool", POOL, "--type", "process", "--name", WORKER]
    os.execv(sys.executable, [sys.executable, "-m", *command])


if __name__ == "__main__":
    main()
