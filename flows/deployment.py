"""The steps of prefect.yaml: what is asked of a home when it is deployed, and when a run begins.

A step is a function that Prefect calls by its dotted name and whose results go on by name.
Source: https://docs.prefect.io/v3/how-to-guides/deployments/prefect-yaml
"""

from __future__ import annotations

import os
from pathlib import Path

from home.errors import WrongUse
from home.folder import open_home


def settings_of(folder: str) -> dict[str, str]:
    """The home's time zone, so that the night is scheduled in it without being written down twice.

    Raises:
        WrongUse: if no folder is named.
        ConfigError: if it holds no home, or a wrong one.
    """
    return {"timezone": open_home(_home(folder)).config.timezone}


def enter(folder: str) -> dict[str, str]:
    """Go to the home, so that a flow's `home` may be left at `.`, its default.

    Raises:
        WrongUse: if no folder is named, or if there is none.
    """
    home = _home(folder)
    if not home.is_dir():
        raise WrongUse(f"CATML_HOME={folder}: there is no such folder on this machine; it must be the home's")
    os.chdir(home)
    return {"directory": str(home)}


def _home(folder: str) -> Path:
    if not folder:
        raise WrongUse("set CATML_HOME to the home's folder, e.g. CATML_HOME=~/cats, and start this again")
    return Path(folder).expanduser().resolve()
