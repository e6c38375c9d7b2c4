"""What the processes of one test run share: a folder, and whatever is started in it.

The folder belongs to the first process (the only one, or the one that hands tests to workers).
A keeper waits beside it for the end of a pipe, which comes also when that process is killed;
it then stops the database server by the pid in its folder and removes everything.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SHARED = "DISPATCH_TEST_RUN"
SERVER = "postgis"
KEEPER = """
cat >/dev/null
if [ -s "$1/data/postmaster.pid" ]; then runuser -u postgres -- "$2/pg_ctl" -D "$1/data" -m immediate -w stop; fi
rm -rf "$0"
"""


class Run:
    """The folder of this run, and its keeper."""

    def __init__(self, programs: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dispatch-test-"))
        self.folder.chmod(0o711)  # the server runs as another user and has its folder in it
        self.keeper = subprocess.Popen(
            ["sh", "-c", KEEPER, str(self.folder), str(self.folder / SERVER), str(programs)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd="/", start_new_session=True,
        )
        os.environ[SHARED] = str(self.folder)

    def end(self) -> None:
        """Let the keeper clear up and wait for it."""
        del os.environ[SHARED]
        self.keeper.communicate()


def shared_folder() -> Path:
    """The folder of the run that this process is part of."""
    return Path(os.environ[SHARED])


@contextmanager
def alone(name: str) -> Iterator[Path]:
    """Keep the other processes of the run out of what ``name`` stands for; its file."""
    path = shared_folder() / name
    with path.with_suffix(".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield path


def made_once(name: str, make: Callable[[], str]) -> str:
    """What ``make`` answered in whichever process of the run asked first."""
    with alone(name) as path:
        if not path.exists():
            path.write_text(make(), "utf-8")
        return path.read_text("utf-8")
