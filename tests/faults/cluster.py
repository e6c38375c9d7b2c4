"""A PostgreSQL server of a test's own, to be stopped, cut off and filled up."""

from __future__ import annotations

import select
import shutil
import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

from tests.faults.pages import free_port
from tests.postgis import BIN, PostgisServer


class Cluster(PostgisServer):
    """A server on a port of 127.0.0.1 that keeps what it said it kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "faults")
        self.port = free_port()

    settings = ("fsync=on", "synchronous_commit=on", "max_connections=100", "restart_after_crash=on")

    def options(self) -> str:
        """As the common server's, with a port."""
        every = (f"listen_addresses=127.0.0.1 -c port={self.port}", *self.settings)
        return " ".join([f"-k {self.folder}", *(f"-c {one}" for one in every)])

    def again(self, mode: str = "immediate") -> None:
        """Stop it (``immediate``: as a crash would) and start it anew."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", mode, "-w", "stop")
        self.up()

    def up(self) -> None:
        """Start it."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", self.options(), "start")

    def end(self) -> None:
        """Stop it for good, whatever state it is in."""
        subprocess.run(
            ["runuser", "-u", "postgres", "--", str(BIN / "pg_ctl"), "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop"],
            check=False, capture_output=True, cwd="/",
        )

    def is_up(self) -> bool:
        """True where it answers."""
        return subprocess.run(
            [str(BIN / "pg_isready"), "-h", "127.0.0.1", "-p", str(self.port)], check=False, capture_output=True,
        ).returncode == 0

    def url_over_net(self, name: str, port: int | None = None) -> str:
        """The address by which another machine would come."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{port or self.port}/{name}"


class Wire:
    """The network between the pages and the database: passes bytes on until it is cut."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.is_cut = False
        self.open: set[socket.socket] = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if self.is_cut:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.target))
            self.open |= {near, far}
            threading.Thread(target=self._pass_on, args=(near, far), daemon=True).start()

    def _pass_on(self, near: socket.socket, far: socket.socket) -> None:
        try:
            while True:
                ready, _, _ = select.select([near, far], [], [])
                for one in ready:
                    data = one.recv(65536)
                    if not data:
                        return
                    (far if one is near else near).sendall(data)
        except (OSError, ValueError):
            return
        finally:
            for one in (near, far):
                self.open.discard(one)
                one.close()

    def cut(self) -> None:
        """No byte more, and nobody new."""
        self.is_cut = True
        for one in list(self.open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """As before."""
        self.is_cut = False

    def end(self) -> None:
        """Take it away."""
        self.cut()
        self.listener.close()


def fill_up(folder: Path) -> Path:
    """Take all the room there is; the file to remove to give it back."""
    big = folder / "filler"
    with big.open("wb", buffering=0) as out:
        for size in (1 << 20, 1 << 12):
            block = b"\0" * size
            try:
                while True:
                    out.write(block)
            except OSError:
                continue
    return big


def mount_small(folder: Path, megabytes: int) -> bool:
    """A small disk at ``folder``; False where this user may not."""
    folder.mkdir(exist_ok=True)
    return subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "dispatch-test", str(folder)], check=False, capture_output=True,
    ).returncode == 0


def unmount(folder: Path) -> None:
    """Take the small disk away."""
    subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)
