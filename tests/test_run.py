"""What the processes of a run share is made once and gone with it."""

import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.run import made_once

BEGIN = "import time; from pathlib import Path; from tests.run import Run; print(Run(Path('/none')).folder, flush=True); time.sleep(600)"


def test_a_killed_run_leaves_nothing_behind() -> None:
    with subprocess.Popen([sys.executable, "-c", BEGIN], cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True) as begun:
        assert begun.stdout is not None
        folder = Path(begun.stdout.readline().strip())
        assert folder.name.startswith("dispatch-test-") and folder.is_dir()
        begun.kill()
    for _ in range(600):
        if not folder.exists():
            return
        time.sleep(0.1)
    raise AssertionError(f"{folder} is still there")


def test_what_many_ask_for_is_made_once() -> None:
    made: list[int] = []
    found: list[str] = []

    def make() -> str:
        time.sleep(0.05)  # long enough for the others to come
        made.append(1)
        return "made"

    threads = [threading.Thread(target=lambda: found.append(made_once("asked-by-many", make))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made), found) == (1, ["made"] * 4)
