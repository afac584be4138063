"""What is asked of a home's Prefect server, plainly over HTTP: its client would triple what a small program weighs."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from home.errors import CatMLError

# What has begun and not ended, in Prefect's words.
UNENDED = ("PENDING", "RUNNING", "CANCELLING")
_WITHIN_S = 10.0
_AT_MOST = 200


def answers(url: str) -> bool:
    """Whether something on this machine answers a plain question with success, whatever proxy the machine has for the web."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=_WITHIN_S):
            return True
    except (OSError, http.client.HTTPException):
        return False


@dataclass(frozen=True)
class Api:
    """A server's API.

    Attributes:
        url: ends with `/api`.
    """

    url: str

    def answers(self) -> bool:
        """Whether the server is up."""
        try:
            return self._ask("health", None) is True
        except CatMLError:
            return False

    def worker_seen(self, pool: str, worker: str) -> dt.datetime | None:
        """When a worker last told that it is there; None if it is not.

        Raises:
            CatMLError: if the server does not answer.
        """
        found = self._ask(f"work_pools/{pool}/workers/filter", {"limit": _AT_MOST})
        seen = [each["last_heartbeat_time"] for each in found if (each["name"], each["status"]) == (worker, "ONLINE")]
        return dt.datetime.fromisoformat(seen[0]) if seen else None

    def deployments(self) -> list[str]:
        """Names of all deployments, sorted.

        Raises:
            CatMLError: if the server does not answer.
        """
        found = self._ask("deployments/filter", {"sort": "NAME_ASC", "limit": _AT_MOST})
        return sorted(str(each["name"]) for each in found)

    def unended(self, pool: str) -> list[dict[str, Any]]:
        """Runs of a pool that have begun and not ended: `id`, `infrastructure_pid` and much more.

        Raises:
            CatMLError: if the server does not answer.
        """
        state = {"type": {"any_": list(UNENDED)}}
        return self._runs({"flow_runs": {"state": state}, "work_pools": {"name": {"any_": [pool]}}})

    def late(self, flow: str, before: dt.datetime) -> list[dict[str, Any]]:
        """Runs of a flow that should have begun before a moment, and have not.

        Raises:
            CatMLError: if the server does not answer.
        """
        waiting = {
            "state": {"type": {"any_": ["SCHEDULED"]}},
            "next_scheduled_start_time": {"before_": before.isoformat()},
        }
        return self._runs({"flow_runs": waiting, "flows": {"name": {"any_": [flow]}}})

    def end(self, run: str, state: str, message: str) -> None:
        """Say how a run ended that cannot say it itself.

        Args:
            run: its id.
            state: CRASHED or CANCELLED.
            message: why.

        Raises:
            CatMLError: if the server does not answer.
        """
        self._ask(f"flow_runs/{run}/set_state", {"state": {"type": state, "message": message}, "force": True})

    def _runs(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = self._ask("flow_runs/filter", asked | {"limit": _AT_MOST, "offset": len(found)})
            found += page
            if len(page) < _AT_MOST:
                return found

    def _ask(self, path: str, asked: dict[str, Any] | None) -> Any:
        data = None if asked is None else json.dumps(asked).encode()
        request = urllib.request.Request(f"{self.url}/{path}", data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=_WITHIN_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404:  # no such pool yet, or the run was deleted
                return []
            raise CatMLError(f"{request.full_url}: Prefect's server answered {error.code} {error.reason}") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise CatMLError(f"{request.full_url}: Prefect's server does not answer ({error})") from None
