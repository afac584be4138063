"""How pytest's workers share the tests: what must keep time goes to one of them, what is costly to set up stays together.

A file is one worker's, so that what its tests share is made once. There is a worker more than the machine has cores: the
tests of `KEEPS_TIME` play films, stop cameras and wait, one after the other on one worker, while the others compute.
Two of them beside each other would take each other's time, and a machine that is late looks like a fault.
"""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

KEEPS_TIME = (
    "tests/faults/",
    "tests/flows/up/",
    "tests/flows/test_watch.py",
    "tests/ingest/record/test_all_day.py",
    "tests/ingest/record/test_recorder.py",
    "tests/ingest/record/test_stream.py",
    "tests/ingest/record/test_supervisor.py",
)
TOGETHER = {
    "what keeps time": KEEPS_TIME,
    "what needs Prefect's server": ("tests/flows/test_",),
    "what needs PostgreSQL": ("tests/home/", "tests/serve/test_events_api.py"),
    "what looks at pages": ("tests/serve/pages/",),
    "what trains": ("tests/tasks/test_train", "tests/tasks/test_export.py", "tests/tasks/test_own_detector.py"),
}
"""Each begins at once, in this order, whatever the number of its tests; files are then taken by theirs, most first."""


class Together(LoadFileScheduling):
    """Shares out files, and those of `TOGETHER` at once."""

    def _split_scope(self, nodeid: str) -> str:
        """What of the tests goes to one worker as a whole."""
        file = super()._split_scope(nodeid)
        return next((name for name, files in TOGETHER.items() if file.startswith(files)), file)

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Give a worker what takes longest of what is left: nobody is to end alone with it."""
        first = next((name for name in TOGETHER if name in self.workqueue), None)
        if first is not None:
            self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)
