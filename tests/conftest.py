"""Databases, a demo filled once per kind of database, and the clock."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import Engine

from dispatch.clock import FixedClock
from dispatch.config import Settings
from dispatch.db import make_engine
from dispatch.reference.setup import initialise
from tests import postgis

NOW = datetime(2021, 11, 8, 15, 0, tzinfo=UTC)
# how long an example takes is a matter of the machine's load, not of the code
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


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


class Databases:
    """Empty databases and copies of templates that are filled once per session."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path) -> None:
        self.request, self.folder = request, folder
        self.templates: dict[tuple[str, bool], str] = {}
        self.count = 0

    def empty(self, kind: str) -> str:
        self.count += 1
        if kind == "sqlite":
            return f"sqlite:///{self.folder}/{self.count}.sqlite"
        server: postgis.PostgisServer = self.request.getfixturevalue("postgis_server")
        return server.new_database()

    def filled(self, kind: str, *, demo: bool) -> str:
        """A fresh copy of a database with reference data (and the demo)."""
        if (kind, demo) not in self.templates:
            url = self.empty(kind)
            engine = make_engine(url)
            initialise(engine, Settings(url, testing=True), demo=demo)
            engine.dispose()
            self.templates[kind, demo] = url
        return self._copy(kind, self.templates[kind, demo])

    def _copy(self, kind: str, template: str) -> str:
        if kind == "postgis":
            server: postgis.PostgisServer = self.request.getfixturevalue("postgis_server")
            return server.new_database(template.rpartition("/")[2])
        source = Path(template.removeprefix("sqlite:///"))
        with sqlite3.connect(source) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        url = self.empty(kind)
        shutil.copy(source, url.removeprefix("sqlite:///"))
        return url


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Databases:
    return Databases(request, tmp_path_factory.mktemp("databases"))


@pytest.fixture(params=["sqlite", "postgis"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(kind: str, databases: Databases) -> Settings:
    """Settings of an empty database."""
    return Settings(databases.empty(kind), testing=True)


@pytest.fixture
def bare(kind: str, databases: Databases) -> Iterator[Engine]:
    """An engine on a database with reference data alone: no stock, no accounts."""
    yield from _engine(databases.filled(kind, demo=False))


@pytest.fixture
def demo(kind: str, databases: Databases) -> Iterator[Engine]:
    """An engine on a database with reference data, demo stock and the example situation."""
    yield from _engine(databases.filled(kind, demo=True))


@pytest.fixture
def demo_file(databases: Databases) -> Settings:
    """Settings of a demo database in an SQLite file of its own."""
    return Settings(databases.filled("sqlite", demo=True), testing=True)


def _engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    yield engine
    engine.dispose()


def settings_of(engine: Engine) -> Settings:
    """Test settings for the database an engine is on."""
    return Settings(engine.url.render_as_string(hide_password=False), testing=True)
