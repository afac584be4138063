"""What is deployed: every flow of a home, with its schedule. `python -m flows.plan --home DIR` writes it to a server.

`catml up` does that by itself. prefect.yaml says the same of night and week, for a Prefect that is run in another way; a
deployment for each camera cannot stand there, because the cameras stand in home.yaml.
"""

from __future__ import annotations

import argparse
import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flows
from home.folder import Home, open_home

TAG = "catml"
PULL: list[dict[str, Any]] = [{"flows.deployment.enter": {}}]


@dataclass(frozen=True)
class Planned:
    """One deployment.

    Attributes:
        flow: name of the flow; its function has the same name, in a module of that name.
        name: of the deployment.
        description: what it does, for its page.
        slug, cron: of its schedule, in the home's time zone; empty: it is run by hand.
        parameters: that are fixed.
    """

    flow: str
    name: str
    description: str
    slug: str = ""
    cron: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def entrypoint(self) -> str:
        """Where the flow is found."""
        return f"flows.{self.flow}.{self.flow}"


def plan(home: Home) -> list[Planned]:
    """All deployments of a home."""
    night = Planned(
        flow="nightly",
        name="nightly",
        description="What the cats did: every day of the look-back that has new footage, from the footage store to "
        "bouts and day pages. Runs every night; a run by hand takes days and cameras.",
        slug="every-night",
        cron="15 4 * * *",  # once on every date in every time zone, see prefect.yaml
    )
    week = Planned(
        flow="weekly",
        name="weekly",
        description="What comes next: each cat's habits learned anew from the counts of its days, and when it will likely "
        "eat, use the litter box and nap. Runs on Sundays; a run by hand takes dates.",
        slug="every-sunday",
        cron="15 6 * * 0",  # after the night, for whose end it waits
    )
    of_month = Planned(
        flow="report",
        name="report",
        description="What the cats did in the last month: a habit report of each cat and one of the home, as HTML, PDF and "
        "JSON. Runs on the first of the month; a run by hand takes months.",
        slug="every-month",
        cron="45 6 1 * *",  # after night and week, for whose end it waits
    )
    ship = Planned(
        flow="export",
        name="export",
        description="The trained detector as files that ship: measured, written as ONNX in every precision, and held "
        "against PyTorch. Runs on Sundays where a training is newer than its export; by hand always.",
        slug="every-sunday-later",
        cron="15 7 * * 0",  # after the week's learning
        parameters={"only_new": True},
    )
    return [
        night,
        week,
        of_month,
        ship,
        *(_ingest(camera, place) for place, camera in enumerate(home.config.recorded_cameras)),
        *(_watch(camera, place) for place, camera in enumerate(home.config.recorded_cameras)),
    ]


def _ingest(camera: str, place: int) -> Planned:
    return Planned(
        flow="ingest",
        name=camera,
        description=f"Sees that {camera} is recorded, and tells what was. The recorder itself needs no Prefect.",
        slug="every-hour",
        # Spread over the hour: a run takes 100 MB for the five minutes it lasts, and there may be sixty cameras.
        cron=f"{(2 + 7 * place) % 60} * * * *",
        parameters={"camera": camera},
    )


def _watch(camera: str, place: int) -> Planned:
    return Planned(
        flow="watch",
        name=camera,
        description=f"Sees that {camera} is watched live, where home.yaml has rules, and tells what was seen. The watcher "
        "itself needs no Prefect.",
        slug="every-hour",
        cron=f"{(5 + 7 * place) % 60} * * * *",  # between the runs of `ingest`
        parameters={"camera": camera},
    )


def deploy(home: Home, pool: str) -> list[str]:
    """Write all deployments to the server of PREFECT_API_URL, and remove those of cameras that are gone.

    A schedule that somebody has paused stays paused.

    Args:
        home: the home.
        pool: work pool of the kind `process`; made if it is missing.

    Returns:
        Names of what is deployed, each with its flow's: `ingest/kitchen`.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
    from prefect.exceptions import ObjectAlreadyExists

    with get_client(sync_client=True) as client:
        with contextlib.suppress(ObjectAlreadyExists):
            client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
        ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
        before = {deployment.id: deployment for deployment in client.read_deployments(deployment_filter=ours)}
        paused = {
            (deployment.entrypoint, deployment.name, schedule.slug)
            for deployment in before.values()
            for schedule in deployment.schedules
            if not schedule.active
        }
        written = {_write(client, home, each, pool, paused): each for each in plan(home)}
        for gone in before.keys() - written.keys():
            client.delete_deployment(gone)
    return [f"{each.flow}/{each.name}" for each in written.values()]


def _write(client: Any, home: Home, planned: Planned, pool: str, paused: set[tuple[Any, ...]]) -> Any:
    """Write one deployment; its id."""
    from prefect.utilities.callables import parameter_schema
    from prefect.utilities.importtools import import_object

    return client.create_deployment(
        client.create_flow_from_name(planned.flow),
        planned.name,
        description=planned.description,
        entrypoint=planned.entrypoint,
        parameters=planned.parameters,
        parameter_openapi_schema=parameter_schema(import_object(planned.entrypoint)).model_dump(),
        schedules=_schedules(home, planned, paused),
        pull_steps=PULL,
        tags=[TAG],
        work_pool_name=pool,
        job_variables={"env": flows.QUIET},
    )


def _schedules(home: Home, planned: Planned, paused: set[tuple[Any, ...]]) -> list[Any]:
    """Its schedule, in the home's time zone; none for what is run by hand."""
    from prefect.client.schemas.actions import DeploymentScheduleCreate
    from prefect.client.schemas.schedules import CronSchedule

    if not planned.cron:
        return []
    schedule = CronSchedule(cron=planned.cron, timezone=home.config.timezone)
    active = (planned.entrypoint, planned.name, planned.slug) not in paused
    return [DeploymentScheduleCreate(slug=planned.slug, schedule=schedule, active=active)]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m flows.plan", description="Write a home's deployments to a server.")
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("CATML_HOME", ".")))
    parser.add_argument("--pool", default="home")
    given = parser.parse_args()
    print("\n".join(deploy(open_home(given.home), given.pool)))


if __name__ == "__main__":
    main()
