"""One replay in a process of its own: ``python -m dispatch.drills.play CODE FOLDER`` (see ``dispatch.drills.shelf``)."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from dispatch.clock import SystemClock, to_local
from dispatch.drills.library import load_scenario, shipped_names
from dispatch.drills.run import DrillRoom, run
from dispatch.drills.shelf import finish, keep_score
from dispatch.errors import DispatchError


def play(code: str, folder: Path) -> None:
    """Replay, keep the score; whatever goes wrong is written down for the page."""
    try:
        scenario = load_scenario(code, shipped_names())
        with DrillRoom() as room:
            score, names = run(scenario, room), room.names
        keep_score(folder, scenario, (score, None), (names, to_local(SystemClock().now()).date()))
    except DispatchError as error:
        finish(folder, code, f"{error.message_zh} {error.message}")
    except Exception:
        finish(folder, code, traceback.format_exc(limit=3))
        raise
    else:
        finish(folder, code)


if __name__ == "__main__":
    play(sys.argv[1], Path(sys.argv[2]))
