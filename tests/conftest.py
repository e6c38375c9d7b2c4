"""Databases, a demo filled once per kind of database, and the clock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from dispatch.clock import FixedClock
from dispatch.config import Settings
from dispatch.db import make_engine
from dispatch.reference.setup import initialise
from tests import postgis

NOW = datetime(2021, 11, 8, 15, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture(scope="session")
def postgis_server() -> Iterator[postgis.PostgisServer]:
    if not postgis.is_available():
        if os.environ.get("REQUIRE_POSTGIS"):
            pytest.fail("PostGIS is required here and not installed")
        pytest.skip("PostGIS is not installed: apt-get install postgresql-15-postgis-3")
    server = postgis.PostgisServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgis"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/test.sqlite"
    else:
        url = request.getfixturevalue("postgis_server").new_database()
    return Settings(url, testing=True)


@pytest.fixture
def demo(settings: Settings, clock: FixedClock) -> Iterator[Engine]:
    """An engine on a database with reference data, demo stock and the example situation."""
    engine = make_engine(settings.database_url)
    initialise(engine, clock, settings, demo=True)
    yield engine
    engine.dispose()
