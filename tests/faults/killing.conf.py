"""The deployed configuration of gunicorn, and a switch: the process that makes the n-th write since then kills itself."""

import os
import runpy
import signal
from pathlib import Path

from sqlalchemy import event

globals().update(runpy.run_path(str(Path(__file__).resolve().parents[2] / "deploy" / "gunicorn.conf.py")))
SWITCH = Path(os.environ["KILL_SWITCH"])
WRITES = ("INSERT", "UPDATE", "DELETE")


def post_worker_init(worker):
    """Look at every write of this process."""
    engine = worker.wsgi.extensions["dispatch"].engine
    wrote = {"count": 0}

    def wanted():
        try:
            return int(SWITCH.read_text() or -1)
        except FileNotFoundError:
            return -1

    def die():
        SWITCH.unlink(missing_ok=True)
        os.kill(os.getpid(), signal.SIGKILL)

    def after(_connection, _cursor, statement, *_rest):
        number = wanted()
        if number < 0:
            wrote["count"] = 0
        elif statement.lstrip().upper().startswith(WRITES):
            wrote["count"] += 1
            if number and wrote["count"] >= number:
                die()

    def back(*_anything):
        # the connection comes back after the work was kept
        if wanted() == 0 and wrote["count"]:
            die()

    event.listen(engine, "after_cursor_execute", after)
    event.listen(engine, "checkin", back)
