"""A throw-away PostgreSQL + PostGIS server for the tests."""

from __future__ import annotations

import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg

BIN = Path("/usr/lib/postgresql/15/bin")
CONTROL = Path("/usr/share/postgresql/15/extension/postgis.control")


def is_available() -> bool:
    """True where the server programs and PostGIS are installed and may be run."""
    return (BIN / "initdb").exists() and CONTROL.exists() and bool(shutil.which("runuser"))


class PostgisServer:
    """One server in a temporary folder; each test gets its own database."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dispatch-pg-"))
        user = pwd.getpwnam("postgres")
        shutil.chown(self.folder, user.pw_uid, user.pw_gid)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.count = 0

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            ["runuser", "-u", "postgres", "--", str(BIN / program), *arguments],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        )

    def start(self) -> None:
        """Make the cluster and a template database with PostGIS."""
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self.folder}"
        self._run("pg_ctl", "-D", data, "-w", "-l", str(self.folder / "log"), "-o", options, "start")
        self._sql("CREATE DATABASE dispatch_template")
        with psycopg.connect(self._address("dispatch_template"), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION postgis")

    def _address(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def _sql(self, text: str) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(text)

    def new_database(self, template: str = "dispatch_template") -> str:
        """The SQLAlchemy address of a fresh database, a copy of ``template``."""
        self.count += 1
        name = f"dispatch_{self.count}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._address(name).replace("postgresql://", "postgresql+psycopg://")

    def stop(self) -> None:
        """Stop by the pid in its own folder and remove the folder."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)
