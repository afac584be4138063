"""What is said of a clip is what most of its moments say."""

import pytest

from models.glance import of_most
from models.posture import NOT_READ

UPRIGHT, LAID_OUT, NOT_YET, HIDDEN = "sitting", "laid out", "not yet compared", f"{NOT_READ}hidden"


@pytest.mark.parametrize(
    ("moments", "said"),
    [
        ([], []),
        ([[UPRIGHT, NOT_YET], [UPRIGHT, NOT_YET], [LAID_OUT, NOT_YET]], [UPRIGHT, NOT_YET]),
        ([[UPRIGHT], [LAID_OUT], [NOT_YET]], [UPRIGHT, LAID_OUT, NOT_YET]),
        ([[UPRIGHT], [HIDDEN], [HIDDEN], [HIDDEN]], [UPRIGHT]),
        ([[UPRIGHT], [], []], [UPRIGHT]),
    ],
)
def test_a_reason_is_told_that_most_moments_share(moments: list[list[str]], said: list[str]) -> None:
    assert of_most(moments, read=True) == said


def test_why_nothing_was_read_is_told_where_nothing_was() -> None:
    assert of_most([[HIDDEN], [HIDDEN]], read=False) == [HIDDEN]
