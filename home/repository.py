"""A home's own Git repository and DVC project. What is not rooted in the home's folder itself is somebody else's.

Git and DVC run as programs: without prompts, hooks, signatures and telemetry, and not longer than they may.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from home.errors import VersionError, redacted
from home.store import write_file

PROJECT = Path(__file__).resolve().parent.parent

# What a home keeps out of Git: footage is pinned by manifests, tables by DVC, pages hold pictures.
GITIGNORE = "# Footage is pinned by manifests, tables by DVC; only the small files that say so go into Git.\n/data/*\n!/data/manifests/\n!/data/snapshots/\n"
# DVC walks every folder that is not named here, whenever it is called.
DVCIGNORE = "# What DVC need not look through.\n/data/footage/\n/data/spool/\n/data/cache/\n/data/run/\n__pycache__/\n"
DVC_CONFIG = "[core]\n    analytics = false\n    check_update = false\n"
DVC_GITIGNORE = "/config.local\n/tmp\n/cache\n"
FILES = {".gitignore": GITIGNORE, ".dvcignore": DVCIGNORE, ".dvc/.gitignore": DVC_GITIGNORE, ".dvc/config": DVC_CONFIG}

# Variables that would lead Git to another repository, as they are set inside a hook or `git rebase --exec`.
_LEADING_AWAY = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "DVC_ROOT",
]
_QUIET = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
    "DO_NOT_TRACK": "1",
    "DVC_NO_ANALYTICS": "1",
    "DVC_STUDIO_OFFLINE": "1",
}
_GIT = ["git", "-c", f"core.hooksPath={os.devnull}", "-c", "commit.gpgSign=false", "-c", "core.fsmonitor=false"]
GIT_S, DVC_S, PUSH_S = 60.0, 1800.0, 1800.0


class Repository:
    """Git and DVC of one home.

    Args:
        root: the home's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def require_own(self) -> None:
        """Make sure that the repository is the home's own.

        Raises:
            VersionError: if there is none, or the home lies inside somebody else's.
        """
        if self.root == PROJECT:
            raise VersionError(
                "this folder is CatML's own source, whose repository is not a home's; a home is made by `catml init DIR`"
            )
        try:
            top = Path(self.git("rev-parse", "--show-toplevel").rstrip("\n"))
        except VersionError as error:
            if "not a git repository" not in str(error):
                raise
            raise VersionError(f"{self.root} has no Git repository; `catml init` makes one") from None
        if top.resolve() != self.root:
            raise VersionError(
                f"{self.root} lies inside the repository {top}, which is not the home's own; `catml init` makes one"
            )

    def git(self, *arguments: str, paths: Sequence[str] | None = None, timeout_s: float = GIT_S) -> str:
        """Run Git in the home's folder.

        Args:
            arguments: after `git`.
            paths: files the command is about, relative to the home, taken literally.
            timeout_s: seconds it may take.

        Returns:
            Standard output.

        Raises:
            VersionError: if Git is missing, refuses, or takes too long.
        """
        listed = "" if paths is None else "\0".join(paths)
        more = [] if paths is None else ["--pathspec-from-file=-", "--pathspec-file-nul"]
        return self._run([*_GIT, *arguments, *more], listed, timeout_s)

    def dvc(self, *arguments: str, timeout_s: float = DVC_S) -> str:
        """Run DVC in the home's folder, in a process of its own: it takes a second to import.

        Raises:
            VersionError: if the home is no DVC project, or DVC is missing, refuses, or takes too long.
        """
        if not (self.root / ".dvc").is_dir():
            raise VersionError(f"{self.root} is no DVC project; `catml init` makes it one")
        return self._run([sys.executable, "-m", "dvc", *arguments], "", timeout_s)

    def commit(self, paths: Sequence[str], message: str) -> bool:
        """Commit these files, as they are, and nothing else: what is staged besides them stays staged.

        Args:
            paths: files relative to the home, those that were deleted included.
            message: the commit's message.

        Returns:
            False if none of them has changed.

        Raises:
            VersionError: if Git refuses, e.g. in the middle of a merge.
        """
        if not paths:
            return False
        # They are ours by name, so that an owner's .gitignore does not keep them out.
        self.git("add", "--force", "--all", paths=paths)
        staged = set(self.git("diff", "--cached", "--name-only", "--no-ext-diff", "--no-renames", "-z").split("\0"))
        changed = [path for path in paths if path in staged]
        if changed:
            self.git(
                *self._identity(), "commit", "--quiet", "--no-verify", "--only", f"--message={message}", paths=changed
            )
        return bool(changed)

    def head(self) -> str:
        """The commit that is checked out, empty before the first."""
        try:
            return self.git("rev-parse", "--quiet", "--verify", "HEAD").strip()
        except VersionError:
            return ""

    def push(self) -> None:
        """Push the present branch to the home's remote, `origin` where there are several.

        Raises:
            VersionError: if there is no remote, or it cannot be reached or refuses.
        """
        remotes = self.git("remote").split()
        if not remotes:
            raise VersionError("there is no Git remote to push to; `git remote add origin ADDRESS` names one")
        remote = "origin" if "origin" in remotes else remotes[0]
        self.git("push", "--quiet", "--no-verify", remote, "HEAD", timeout_s=PUSH_S)

    def _identity(self) -> list[str]:
        """Who commits: the owner, or CatML where Git knows no name or address."""
        told = []
        for key, fallback in (("user.name", "CatML"), ("user.email", "catml@localhost")):
            try:
                known = self.git("config", "--get", key).strip()
            except VersionError:
                known = ""
            told += [] if known else ["-c", f"{key}={fallback}"]
        return told

    def _run(self, command: list[str], text: str, timeout_s: float) -> str:
        environment = {name: value for name, value in os.environ.items() if name not in _LEADING_AWAY}
        environment |= {**_QUIET, "GIT_SSH_COMMAND": environment.get("GIT_SSH_COMMAND", "ssh -o BatchMode=yes")}
        name = "Git" if command[0] == "git" else "DVC"
        try:
            process = subprocess.Popen(
                command, cwd=self.root, env=environment, text=True, encoding="utf-8", errors="replace",
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            )  # fmt: skip
        except FileNotFoundError:
            raise VersionError(f"{name} is not installed") from None
        try:
            out, err = process.communicate(text, timeout_s)
        except subprocess.TimeoutExpired:
            raise VersionError(f"{name} took more than {timeout_s:g} s and was stopped") from None
        finally:
            # Stopped with its children: a push waits on an ssh of its own.
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
        if process.returncode:
            raise VersionError(f"{name} refused: {_last_words(err or out)}")
        return out


def set_up(root: Path, also: Sequence[str] = ()) -> list[str]:
    """Give a new home its own Git repository and DVC project, and commit what was made.

    A repository that is rooted there already is kept as it is, and so is every file that is there.

    Args:
        root: the home's folder.
        also: files to commit with them, relative to `root`, e.g. a home.yaml that was just written.

    Returns:
        What could not be done, for people; empty if all went well.
    """
    repository = Repository(root)
    try:
        if repository.root == PROJECT:
            repository.require_own()  # says why not
        if not (repository.root / ".git").exists():
            repository.git("-c", "init.defaultBranch=main", "init", "--quiet", "--template=")
        made = [name for name in FILES if not (root / name).exists()]
        for name in made:
            write_file(root / name, FILES[name].encode())
        repository.require_own()
        repository.commit([*made, *also], "A home for CatML")
    except VersionError as error:
        return [f"this home keeps no history: {error}"]
    return []


def _last_words(text: str) -> str:
    """The reason a program gave, on one line and without credentials: what it calls an error, else how it ended."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("fatal:", "error:"))]
    return redacted(" / ".join((errors or lines)[-3:]))[:400] or "it gave no reason"
