"""A solving process whose search behaves as a test asks: `python -m tests.flow.solver_child MODE URL NOW LOG`.

Each slice leaves a line "slice MODE K" in the log, so that a test sees where a search went on.
"""

from __future__ import annotations

import argparse
import os
import signal
import threading
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from dispatch.clock import FixedClock
from dispatch.config import Settings
from dispatch.db import make_engine
from dispatch.flow import solve, solver_process
from dispatch.flow.decide import Prepared
from dispatch.flow.solve import Solver
from dispatch.routing.plan import RoutePlan
from dispatch.routing.problem import RoutingParams

SLICES = 4
MEMORY_MB = 1500


def steady(plan: RoutePlan, slice_no: int, cancel: threading.Event) -> RoutePlan:
    """A moment of search that can be cancelled, and a better plan each time."""
    cancel.wait(0.3)
    return replace(plan, slices=slice_no, bound=slice_no)


def patient(plan: RoutePlan, slice_no: int, cancel: threading.Event) -> RoutePlan:
    """A first slice as usual; then as long as nobody cancels."""
    if slice_no > 1:
        cancel.wait()
    return steady(plan, slice_no, cancel)


def hang(plan: RoutePlan, slice_no: int, cancel: threading.Event) -> RoutePlan:
    """Good once, then deaf and endless."""
    while slice_no > 1:
        time.sleep(1)
    return steady(plan, slice_no, cancel)


def hog(plan: RoutePlan, slice_no: int, cancel: threading.Event) -> RoutePlan:
    """Takes all memory there is."""
    kept = []
    while True:
        kept.append(bytearray(64 * 1024 * 1024))


def die(plan: RoutePlan, slice_no: int, cancel: threading.Event) -> RoutePlan:
    """As if killed from outside, each time."""
    os.kill(os.getpid(), signal.SIGKILL)
    return plan


def broken(plan: RoutePlan, slice_no: int, cancel: threading.Event) -> RoutePlan:
    """An error nobody foresaw."""
    raise RuntimeError("no such thing")


MODES = {f.__name__: f for f in (steady, patient, hang, hog, die, broken)}


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("mode", "url", "now", "log"):
        parser.add_argument(name)
    parser.add_argument("--name")
    parser.add_argument("--parent", type=int)
    given = parser.parse_args()

    def improve(
        prepared: Prepared, plan: RoutePlan, before: RoutePlan | None, cancel: threading.Event
    ) -> RoutePlan:
        slice_no = plan.slices + 1
        with Path(given.log).open("a") as log:
            log.write(f"slice {given.mode} {slice_no}\n")
        return MODES[given.mode](plan, slice_no, cancel)

    solve.improve = improve  # type: ignore[assignment]
    solver_process.warm = lambda: 0.0
    settings = Settings(given.url, testing=True, solver_memory_mb=MEMORY_MB)
    solver = Solver(make_engine(given.url), settings, given.name, RoutingParams(iterations=60, slices=SLICES),
                    FixedClock(datetime.fromisoformat(given.now)))
    solver_process.run(solver, given.parent)


if __name__ == "__main__":
    main()
