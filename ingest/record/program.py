"""How the recorder's processes end: what they say of a failure carries no password."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

from home.errors import CatMLError, redacted

__all__ = ["exit_status"]


def exit_status(work: Callable[[], int]) -> int:
    """Do the work of a process, tell on standard error what ended it, and give its exit status.

    Args:
        work: gives 0 where all was done.

    Returns:
        What `work` gave; of one of our own errors its status; 1 for anything else.
    """
    try:
        return work()
    except CatMLError as error:
        print(redacted(str(error)), file=sys.stderr)
        return error.exit_status
    except Exception:
        print(redacted(traceback.format_exc()), file=sys.stderr)
        return 1
