"""TensorBoard on a home's logs: gathered in one folder, on this machine, for this machine alone.

data/cache/tensorboard/view/cats      a link to what the nights wrote, and so on for `house` and `weeks`
data/cache/tensorboard/view/training  a link to data/training, where there are runs
data/cache/tensorboard/logs/          what was copied from S3: TensorBoard itself reads that only with other packages
"""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from home.errors import WrongUse
from home.folder import Home
from home.look import counted
from home.store import Entry, Store, write_file
from tasks.tensorboard import FOLDER

__all__ = ["PORT", "gathered", "opened_board", "require_tensorboard"]

PORT = 6006
_INSTALL = "TensorBoard is not installed; pip install tensorboard"
_RUNS = ("cats", "house", "weeks")
_EVENTS = "*tfevents*"
_COPIED = "copied.json"
_AT_ONCE = 8  # files that are copied from S3 side by side
# How much is kept of each tag, the newest always: TensorBoard's own few would leave most of a year out.
_SAMPLES = "scalars=10000,histograms=400,images=60,text=1000"


def require_tensorboard() -> None:
    """Make sure that TensorBoard is there.

    Raises:
        WrongUse: if it is not; says what to install.
    """
    if importlib.util.find_spec("tensorboard") is None:
        raise WrongUse(_INSTALL)


def gathered(home: Home, note: Callable[[str], None]) -> Path | None:
    """The folder that TensorBoard is to show; None where nights and trainings have left nothing.

    Args:
        home: the home.
        note: is told what is copied from S3.

    Raises:
        StoreError: if the store cannot be read.
    """
    cache = (home.root / "data" / "cache" / FOLDER).absolute()
    store = home.tables.store
    logs = _copied(store, cache / "logs", note) if store.folder is None else store.folder / FOLDER
    wanted = {name: logs / name for name in _RUNS} | {"training": (home.root / "data" / "training").absolute()}
    found = {name: folder for name, folder in wanted.items() if next(folder.rglob(_EVENTS), None) is not None}
    view = cache / "view"
    view.mkdir(parents=True, exist_ok=True)
    for link in view.iterdir():
        if link.name not in found or link.readlink() != found[link.name]:
            link.unlink()
    for name, folder in found.items():
        if not (view / name).is_symlink():
            (view / name).symlink_to(folder, target_is_directory=True)
    return view if found else None


def opened_board(view: Path, port: int | None) -> str:
    """Start TensorBoard on 127.0.0.1 in the background of this process; it ends with it, its reader of files included.

    Args:
        view: of `gathered`.
        port: None: 6006, or the next one that is free.

    Returns:
        Its address.

    Raises:
        WrongUse: if the port is taken.
    """
    for name in ("http_proxy", "https_proxy", "grpc_proxy", "all_proxy"):
        for spelt in (name, name.upper()):
            os.environ.pop(spelt, None)  # it would ask a proxy for its own reader of files, on this machine
    from tensorboard import program

    board = program.TensorBoard()
    listening = ["--host", "127.0.0.1", *([] if port is None else ["--port", str(port)])]
    board.configure(
        ["tensorboard", "--logdir", str(view), *listening, "--samples_per_plugin", _SAMPLES, "--load_fast", _reader()]
    )
    try:
        return str(board.launch())
    except program.TensorBoardServerException as error:
        taken = "it is taken" if isinstance(error, program.TensorBoardPortInUseError) else error.msg
        where = f"{PORT} and the next ones" if port is None else str(port)
        raise WrongUse(f"--port {where}: {taken}; name another") from None


def _reader() -> str:
    """Whether TensorBoard's fast reader of files is there for this machine: `true`, or `false`. `auto` would advertise it."""
    from tensorboard.data.server_ingester import NoDataServerError, get_server_binary

    try:
        get_server_binary()
    except NoDataServerError:
        return "false"
    return "true"


def _copied(store: Store, folder: Path, note: Callable[[str], None]) -> Path:
    """Bring what is new or different on S3 into a folder, and take away what is gone there."""
    index = folder / _COPIED
    had = {key: tuple(told) for key, told in _read(index).items()}
    entries = {entry.key.removeprefix(f"{FOLDER}/"): entry for entry in store.list(f"{FOLDER}/")}
    new = [
        key for key, entry in entries.items() if had.get(key) != (entry.size, entry.tag) or not (folder / key).exists()
    ]
    gone = [path for path in folder.rglob(_EVENTS) if path.relative_to(folder).as_posix() not in entries]
    if new:
        note(f"{counted(len(new), 'file')} of {len(entries)} are new at {store.url}; copied to {folder}")

    def copy(key: str) -> Entry:
        write_file(folder / key, store.read(entries[key].key))
        return entries[key]

    with ThreadPoolExecutor(_AT_ONCE) as copiers:
        list(copiers.map(copy, new))
    for path in gone:
        path.unlink()
    told = {key: (entry.size, entry.tag) for key, entry in entries.items()}
    write_file(index, json.dumps(told, indent=0).encode())
    return folder


def _read(index: Path) -> dict[str, list[object]]:
    try:
        return dict(json.loads(index.read_bytes()))
    except (OSError, ValueError, TypeError):
        return {}
