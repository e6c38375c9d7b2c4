"""Databases, a demo filled once per kind of database, and the clock."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from dispatch.accounts import store as accounts
from dispatch.clock import FixedClock
from dispatch.config import Settings
from dispatch.db import make_engine
from dispatch.reference.setup import initialise
from tests import postgis, tour
from tests.run import SERVER, Run, made_once, shared_folder

NOW = datetime(2021, 11, 8, 15, 0, tzinfo=UTC)
RUN = pytest.StashKey[Run]()
# minutes or many seconds in one piece: begun first, so that no worker is left with one at the end
LONG = (
    "tests/test_architecture.py", "tests/operations/test_machine.py", "tests/inventory/test_concurrency.py",
    "tests/web/test_rights.py",
)
# how long an example takes is a matter of the machine's load, not of the code
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[RUN] = Run(postgis.BIN)


def pytest_unconfigure(config: pytest.Config) -> None:
    if RUN in config.stash:
        config.stash[RUN].end()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(scope="session", autouse=True)
def quick_start() -> Iterator[None]:
    """Password hashes made and checked at once (tests/accounts looks at the real ones), and page
    templates compiled once a run instead of once for each application."""
    templates = shared_folder() / "templates"
    templates.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        patch.setitem(Flask.jinja_options, "bytecode_cache", FileSystemBytecodeCache(str(templates)))
        yield


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture(scope="session")
def postgis_server() -> postgis.PostgisServer:
    """The server of this run, started by the first process that needs it."""
    if not postgis.is_available():
        if os.environ.get("REQUIRE_POSTGIS"):
            pytest.fail("PostGIS is required here and not installed, or this user may not run it")
        pytest.skip("PostGIS is not installed: apt-get install postgresql-15-postgis-3")
    server = postgis.PostgisServer(shared_folder() / SERVER, os.environ.get("PYTEST_XDIST_WORKER", "one"))

    def start() -> str:
        server.start()
        # the first database is filled here and alone: its migration makes the role of the whole server
        return fill_on(server, demo=False)

    made_once("postgis-bare", start)
    return server


def fill(url: str, *, demo: bool) -> None:
    """Fill a database and let go of it, so that it can be copied."""
    engine = make_engine(url)
    initialise(engine, Settings(url, testing=True), demo=demo)
    engine.dispose()


def fill_on(server: postgis.PostgisServer, *, demo: bool) -> str:
    """The name of a filled database of the server."""
    name = server.new_database()
    fill(server.url(name), demo=demo)
    return name


def fill_file(path: Path, *, demo: bool) -> str:
    """The path of a filled SQLite file, whole in itself."""
    fill(f"sqlite:///{path}", demo=demo)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return str(path)


class Databases:
    """Empty databases and copies of templates that are filled once per run."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path) -> None:
        self.request, self.folder = request, folder
        self.count = 0

    def _server(self) -> postgis.PostgisServer:
        return self.request.getfixturevalue("postgis_server")  # type: ignore[no-any-return]

    def empty(self, kind: str) -> str:
        if kind == "sqlite":
            self.count += 1
            return f"sqlite:///{self.folder}/{self.count}.sqlite"
        return self._server().url(self._server().new_database())

    def filled(self, kind: str, *, demo: bool) -> str:
        """A fresh copy of a database with reference data (and the demo)."""
        name = f"{kind}-{'demo' if demo else 'bare'}"
        if kind == "postgis":
            server = self._server()
            template = made_once(name, lambda: fill_on(server, demo=demo))
            return server.url(server.new_database(template))
        template = made_once(name, lambda: fill_file(shared_folder() / f"{name}.sqlite", demo=demo))
        url = self.empty(kind)
        shutil.copy(template, url.removeprefix("sqlite:///"))
        return url

    @contextmanager
    def lent(self, kind: str, *, demo: bool) -> Iterator[str]:
        """A filled database that is thrown away afterwards."""
        url = self.filled(kind, demo=demo)
        yield url
        name = str(make_url(url).database)
        if kind == "postgis":
            self._server().drop_database(name)
        else:
            for path in self.folder.glob(f"{Path(name).name}*"):
                path.unlink()


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
    with databases.lent(kind, demo=False) as url:
        yield from _engine(url)


@pytest.fixture
def demo(kind: str, databases: Databases) -> Iterator[Engine]:
    """An engine on a database with reference data, demo stock and the example situation."""
    with databases.lent(kind, demo=True) as url:
        yield from _engine(url)


@pytest.fixture
def demo_file(databases: Databases) -> Iterator[Settings]:
    """Settings of a demo database in an SQLite file of its own."""
    with databases.lent("sqlite", demo=True) as url:
        yield Settings(url, testing=True)


@pytest.fixture(scope="session")
def worked_file(databases: Databases) -> str:
    """An SQLite file with a demo on which a night's work was done, made once a run; its stops lie beside it."""

    def make() -> str:
        path = shared_folder() / "worked.sqlite"
        shutil.copy(databases.filled("sqlite", demo=True).removeprefix("sqlite:///"), path)
        app = tour.application(Settings(f"sqlite:///{path}", testing=True, drills_folder=shared_folder() / "drills"), FixedClock(NOW))
        tour.save_stops(path.with_suffix(".json"), tour.tour(app, furnished=True))
        app.extensions["dispatch"].engine.dispose()
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return str(path)

    return made_once("worked", make)


@pytest.fixture(scope="session")
def stops(worked_file: str) -> list[tour.Stop]:
    """Every page of the worked demo."""
    return tour.read_stops(Path(worked_file).with_suffix(".json"))


@pytest.fixture
def worked(worked_file: str, tmp_path: Path) -> Flask:
    """The desk on a copy of the worked demo."""
    copy = tmp_path / "worked.sqlite"
    shutil.copy(worked_file, copy)
    return tour.application(Settings(f"sqlite:///{copy}", testing=True, drills_folder=shared_folder() / "drills"), FixedClock(NOW))


def _engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    yield engine
    engine.dispose()


def settings_of(engine: Engine) -> Settings:
    """Test settings for the database an engine is on."""
    return Settings(engine.url.render_as_string(hide_password=False), testing=True)
