"""A room for drills, made once a process."""

from collections.abc import Iterator

import pytest

from dispatch.drills.run import DrillRoom


@pytest.fixture(scope="session")
def room() -> Iterator[DrillRoom]:
    with DrillRoom() as made:
        yield made
