"""Real server processes of the pages, and people at them through real sockets."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

from dispatch.config import PROJECT_ROOT

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
PATIENCE_S = 60.0
KILLING = PROJECT_ROOT / "tests" / "faults" / "killing.conf.py"


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Pages:
    """gunicorn with the configuration that is deployed, plus a switch that kills a process at its n-th write."""

    def __init__(self, database_url: str, folder: Path, *, workers: int = 2) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.switch, self.log = folder / "kill-at", folder / "pages.log"
        self.environment = {
            **os.environ, "DISPATCH_DATABASE_URL": database_url, "DISPATCH_BIND": f"127.0.0.1:{self.port}",
            "WEB_CONCURRENCY": str(workers), "PYTHONPATH": str(PROJECT_ROOT), "KILL_SWITCH": str(self.switch),
            "PROMETHEUS_MULTIPROC_DIR": str(folder / "figures"),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", str(KILLING)], env=self.environment, cwd=PROJECT_ROOT,
                stdout=log, stderr=log, start_new_session=True,
            )
        self.until_it_answers()

    def until_it_answers(self, path: str = "/healthz") -> None:
        """Wait for a good answer."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                if requests.get(self.address + path, timeout=10).status_code == 200:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.1)
        raise AssertionError(f"{path} did not answer: {self.log.read_text()[-2000:]}")

    def kill_at_write(self, number: int) -> None:
        """The process that makes its ``number``-th next write (0: has kept all of them, and not answered yet) is killed."""
        self.switch.write_text(str(number))

    @property
    def killed(self) -> bool:
        """True when the switch went off."""
        return not self.switch.exists()

    def kill(self) -> None:
        """All processes at once, without a word."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None



class Visitor:
    """A person at a browser: cookies, tokens, forms; an answer that never came is None."""

    def __init__(self, pages: Pages, name: str) -> None:
        self.pages = pages
        self.session = requests.Session()
        self.token = self._token("/login")
        came = self.post("/login", name=name, password="demo-2026")
        assert came is not None and came.status_code == 302, came and came.text[:500]
        self.token = self._token("/account") or self._token("/phone")

    def _token(self, path: str) -> str:
        found = TOKEN.search(self.session.get(self.pages.address + path, timeout=60).text)
        return found.group(1) if found else ""

    def get(self, path: str) -> requests.Response | None:
        """A page."""
        try:
            return self.session.get(self.pages.address + path, timeout=60)
        except requests.RequestException:
            return None

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> requests.Response | None:
        """A form."""
        try:
            return self.session.post(
                self.pages.address + path, data={**fields, "csrf_token": self.token}, timeout=60,
                allow_redirects=False, headers=headers,
            )
        except requests.RequestException:
            return None
