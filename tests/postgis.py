"""A throw-away PostgreSQL + PostGIS server for the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

import psycopg

BIN = Path("/usr/lib/postgresql/15/bin")
CONTROL = Path("/usr/share/postgresql/15/extension/postgis.control")
TEMPLATE = "dispatch_template"
# nothing here outlives the run, so nothing is made safe against a crash
SETTINGS = (
    "listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal",
    "max_wal_senders=0", "max_wal_size=4GB", "checkpoint_timeout=1h", "max_connections=300",
)


def is_available() -> bool:
    """True where the server programs and PostGIS are installed and may be run."""
    installed = (BIN / "initdb").exists() and CONTROL.exists() and bool(shutil.which("runuser"))
    return installed and os.geteuid() == 0


class PostgisServer:
    """One server for all processes of a run, on a socket in ``folder``; each test gets its own database."""

    def __init__(self, folder: Path, owner: str) -> None:
        self.folder, self.owner = folder, owner
        self.count = 0
        self.port = 5432  # only the name of the socket

    def options(self) -> str:
        """What the server is started with."""
        return " ".join([f"-k {self.folder}", *(f"-c {setting}" for setting in SETTINGS)])

    def run(self, program: str, *arguments: str) -> None:
        """Call one of the server's programs as its user."""
        subprocess.run(
            ["runuser", "-u", "postgres", "--", str(BIN / program), *arguments],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        )

    def start(self) -> None:
        """Make the cluster and a template database with PostGIS."""
        self.folder.mkdir()
        user = pwd.getpwnam("postgres")
        shutil.chown(self.folder, user.pw_uid, user.pw_gid)
        data = str(self.folder / "data")
        self.run("initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--no-sync")
        self.run("pg_ctl", "-D", data, "-w", "-l", str(self.folder / "log"), "-o", self.options(), "start")
        self._sql(f"CREATE DATABASE {TEMPLATE}")
        with psycopg.connect(self._address(TEMPLATE), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION postgis")

    def _address(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}&port={self.port}"

    def _sql(self, text: str) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(text)

    def new_database(self, template: str = TEMPLATE) -> str:
        """The name of a fresh database, a copy of ``template``."""
        self.count += 1
        name = f"dispatch_{self.owner}_{self.count}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop_database(self, name: str) -> None:
        """Throw a database away, also when something still holds a connection to it."""
        self._sql(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        """The SQLAlchemy address of a database."""
        return self._address(name).replace("postgresql://", "postgresql+psycopg://")
