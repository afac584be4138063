"""What `tasks/` does, under Prefect: schedules, retries, fan-out, artifacts."""

import os

# Nothing phones home. Prefect reads these when it is imported, so they are set before any flow can import it.
QUIET = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
os.environ.update(QUIET)
