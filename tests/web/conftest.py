"""The application on a demo database, and people logged in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from dispatch.app import create_app
from dispatch.clock import FixedClock
from tests.conftest import settings_of
from tests.person import TOKEN, Person

__all__ = ["TOKEN", "Person"]

@pytest.fixture
def log_in(demo: Engine, clock: FixedClock) -> Callable[[str], Person]:
    app = create_app(settings_of(demo), demo, clock)
    return lambda name: Person(app.test_client(), name)
