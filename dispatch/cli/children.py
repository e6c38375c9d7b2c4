"""A child process that is started again when it dies, and ends with its parent."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Sequence

RESTART_AFTER_S = 2.0
GRACE_S = 10.0


def keep_worker(command: Sequence[str]) -> Callable[[], None]:
    """Run a command beside us, again whenever it ends; the answer stops it for good."""
    ending = threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def watch() -> None:
        while not ending.is_set():
            child = subprocess.Popen(command)
            running[:] = [child]
            child.wait()
            ending.wait(RESTART_AFTER_S)

    def stop() -> None:
        ending.set()
        for child in running:
            child.terminate()
            try:
                child.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                child.kill()

    threading.Thread(target=watch, daemon=True).start()
    return stop
