"""What `tasks/` does, under Prefect: schedules, retries, fan-out, artifacts."""

import os

# Nothing phones home. Libraries read these when they are imported, so they are set before any flow can import one.
QUIET = {
    "DO_NOT_TRACK": "1",
    "DVC_NO_ANALYTICS": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "ORT_DISABLE_TELEMETRY": "1",  # `disable_telemetry_events()` comes too late: the import itself makes an event
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}
os.environ.update(QUIET)
