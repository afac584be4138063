"""The steps of prefect.yaml: what is asked of the home when it is deployed, and where a run begins.

A step is a function that Prefect calls by its dotted name. These read CATML_HOME themselves: a `{{ $CATML_HOME }}` in
prefect.yaml would be filled in, and kept, by the machine that deploys.
Source: https://docs.prefect.io/v3/how-to-guides/deployments/prefect-yaml
"""

from __future__ import annotations

import os
from pathlib import Path

from home.errors import WrongUse
from home.folder import open_home


def settings() -> dict[str, str]:
    """The home's time zone, so that the night is scheduled in it without being written down twice.

    Raises:
        WrongUse: if CATML_HOME names no folder.
        ConfigError: if the folder holds no home, or a wrong one.
    """
    return {"timezone": open_home(_folder()).config.timezone}


def enter() -> dict[str, str]:
    """Go to the home, so that a flow's `home` may be left at `.`, its default.

    Raises:
        WrongUse: if CATML_HOME names no folder of this machine.
    """
    folder = _folder()
    os.chdir(folder)
    return {"directory": str(folder)}


def _folder() -> Path:
    named = os.environ.get("CATML_HOME", "")
    folder = Path(named).expanduser().resolve()
    if not named or not folder.is_dir():
        raise WrongUse(
            f"CATML_HOME is {named!r}; it must name the home's folder on this machine, e.g. CATML_HOME=~/cats"
        )
    return folder
