"""How pytest's workers share the tests: what must keep time goes to one of them, what is costly to set up stays together.

A file is one worker's, so that what its tests share is made once. There is a worker more than the machine has cores: the
tests of `KEEPS_TIME` play films, stop cameras and wait, one after the other on one worker, while the others compute.
Two of them beside each other would take each other's time, and a machine that is late looks like a fault.
"""

from __future__ import annotations

import os

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

KEEPS_TIME = (
    "tests/faults/",
    "tests/flows/up/",
    "tests/ingest/record/test_all_day.py",
    "tests/ingest/record/test_recorder.py",
    "tests/ingest/record/test_stream.py",
    "tests/ingest/record/test_supervisor.py",
)
TRAINS = (
    "tests/models/behaviour/test_classifier.py",
    "tests/models/detector/test_start.py",
    "tests/models/detector/test_teaching.py",
    "tests/tasks/test_behaviour_training.py",
    "tests/tasks/test_export.py",
    "tests/tasks/test_own_",
    "tests/tasks/test_pose_training.py",
    "tests/tasks/test_train",
)
TOGETHER = {
    "keeps time": KEEPS_TIME,
    "needs Prefect's server": ("tests/flows/test_",),
    "trains, and imports PyTorch": TRAINS,
    "needs PostgreSQL": ("tests/home/", "tests/serve/test_events_api.py"),
    "opens a browser": ("tests/serve/pages/",),
}
"""What goes to one worker as a whole, longest first; then come single files, the one with most tests first."""


TIMEKEEPER = "gw0"
"""The worker of what keeps time; the others leave it the processor when it wants it."""


def give_way() -> None:
    """Called in each worker, before it does anything."""
    if os.environ.get("PYTEST_XDIST_WORKER", TIMEKEEPER) != TIMEKEEPER:
        os.nice(10)


class Together(LoadFileScheduling):
    """Shares out files, and those of `TOGETHER` at once."""

    def _split_scope(self, nodeid: str) -> str:
        """The name of what a test goes with."""
        file = super()._split_scope(nodeid)
        return next((name for name, files in TOGETHER.items() if file.startswith(files)), file)

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Give a worker what takes longest of what is left: none is to end alone with it; what keeps time is TIMEKEEPER's."""
        mine = [name for name in TOGETHER if name != "keeps time" or node.gateway.id == TIMEKEEPER]
        first = next((name for name in mine if name in self.workqueue), None)
        if first is not None:
            self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)
