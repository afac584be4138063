"""A home with two cameras that only get imports."""

from __future__ import annotations

import pytest

from home.folder import Home
from tests.conftest import HomeFactory


@pytest.fixture
def cats_home(home_factory: HomeFactory) -> Home:
    """A home in Berlin with the cameras `kitchen` and `hall`."""
    return home_factory(cameras="  kitchen: {}\n  hall: {}\n")
