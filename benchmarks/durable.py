"""Drafts in a solving process: from a wish to first plan and proposal, after kill -9, on cancel.

    python -m benchmarks.durable [--runs 10] [--counties 1 10] [--database URL] [--json FILE]

On a database with the demo stock, a supervisor and a warm solving process with production
settings.  ``first`` is from the warning's transaction to a verified plan on the draft's row,
``end`` to the proposal, ``whole`` the same decision made whole in one process beforehand;
``kill`` from SIGKILL in mid-solve to the next finished step of a new process; ``take`` the
transaction that makes the plan in hand the proposal, ``heard`` from its beginning until the
search is told to stop; ``enqueue`` to look for a workflow and ask for it.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from benchmarks.report import finish, quantile
from benchmarks.respond import document
from dispatch.config import Settings
from dispatch.db import make_engine, reading
from dispatch.demo_time import clock_of
from dispatch.flow import solve
from dispatch.flow.draft import make_drafts
from dispatch.flow.durable import run_name
from dispatch.flow.model import Way
from dispatch.flow.respond import ingest
from dispatch.flow.solve import Solver
from dispatch.flow.supervise import Supervisor
from dispatch.flow.take import Person, take
from dispatch.geography.store import list_counties
from dispatch.proposals.tables import DraftJobRow
from dispatch.reference.setup import initialise
from dispatch.routing.plan import RoutePlan
from dispatch.routing.problem import RoutingParams

TICK_S = 0.1
LOOK_S = 0.004
PATIENCE_S = 120.0


class Yard:
    """A database, its warnings and the supervisor that ticks beside."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.settings, self.count = engine, settings, 0
        self.ending = threading.Event()
        self.supervisor: Supervisor | None = None

    def hire(self) -> threading.Thread:
        """Start a supervisor with its solving process."""
        command = [sys.executable, "-m", "dispatch.flow.solver_process"]
        self.supervisor = Supervisor(self.engine, command, timedelta(minutes=2))
        thread = threading.Thread(target=self._tick, args=(self.supervisor,))
        thread.start()
        return thread

    def _tick(self, supervisor: Supervisor) -> None:
        while not self.ending.wait(TICK_S):
            supervisor.tick()
        supervisor.stop()

    def warn(self, counties: list[str]) -> int:
        """A warning comes in; the number of the draft that it asks for."""
        self.count += 1
        clock = clock_of(self.engine)
        raw = document(self.count, clock.now() - timedelta(minutes=1), counties)
        # a state of its own each time, else no new draft is asked for
        raw = raw.replace(b"<value>-35<", b"<value>-%d<" % (10 + self.count % 40))
        ingest(self.engine, [("bench", raw)], Way("bench", clock, self.settings, waits=False))
        with reading(self.engine) as session:
            newest = select(DraftJobRow.id).order_by(DraftJobRow.id.desc())
            return session.scalars(newest).first() or 0

    def until(self, number: int, reached: Callable[[Any], bool]) -> float:
        """Seconds until the draft's row is so."""
        began = time.perf_counter()
        query = select(
            DraftJobRow.status, DraftJobRow.versions, DraftJobRow.progress, DraftJobRow.attempts
        ).where(DraftJobRow.id == number)
        while time.perf_counter() - began < PATIENCE_S:
            with reading(self.engine) as session:
                row = session.execute(query).one()
            if reached(row):
                return time.perf_counter() - began
            time.sleep(LOOK_S)
        raise SystemExit(f"draft {number} did not get there: {row}")

    def drain(self) -> None:
        """Make every waiting draft in this process."""
        make_drafts(self.engine, Way("bench", clock_of(self.engine), self.settings))


def peak_mb(process: int) -> int:
    """Most memory a process has held, in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def whole(yard: Yard, counties: list[str]) -> float:
    """Seconds to make a draft whole, in this process."""
    yard.warn(counties)
    began = time.perf_counter()
    yard.drain()
    return time.perf_counter() - began


def solved(yard: Yard, counties: list[str]) -> tuple[float, float]:
    """Seconds from a kept warning to the first plan and to the proposal."""
    number = yard.warn(counties)
    first = yard.until(number, lambda row: row.versions > 0 or row.status == "done")
    return first, first + yard.until(number, lambda row: row.status == "done")


def killed(yard: Yard, counties: list[str]) -> float:
    """Seconds from SIGKILL in mid-solve to the next finished step."""
    number = yard.warn(counties)
    yard.until(number, lambda row: row.progress >= 1 or row.status == "done")
    assert yard.supervisor is not None and yard.supervisor.child is not None
    os.kill(yard.supervisor.child.pid, signal.SIGKILL)
    with reading(yard.engine) as session:
        before = session.scalar(select(DraftJobRow.progress).where(DraftJobRow.id == number)) or 0
    seconds = yard.until(
        number, lambda row: (row.attempts == 2 and row.progress > before) or row.status == "done"
    )
    yard.until(number, lambda row: row.status == "done")
    return seconds


def taken(yard: Yard, counties: list[str]) -> tuple[float, float]:
    """Seconds that taking the plan in hand takes, and until the search is told."""
    number = yard.warn(counties)
    solver = Solver(yard.engine, yard.settings, "bench", RoutingParams())
    searching, heard = threading.Event(), [0.0]

    def wait(
        _prepared: Any, plan: RoutePlan, _before: Any, cancel: threading.Event
    ) -> RoutePlan:
        searching.set()
        cancel.wait(PATIENCE_S)
        heard[0] = time.perf_counter()
        return plan

    usual = vars(solve)["improve"]
    vars(solve)["improve"] = wait
    thread = threading.Thread(target=solver.draft, args=(number,))
    thread.start()
    searching.wait(PATIENCE_S)
    began = time.perf_counter()
    take(yard.engine, number, Person("duty", clock_of(yard.engine)))
    written = time.perf_counter()
    thread.join()
    vars(solve)["improve"] = usual
    return written - began, heard[0] - began


def enqueued(supervisor: Supervisor, runs: int) -> list[float]:
    """Seconds to ask for a workflow; of drafts that do not exist."""
    found = []
    first = time.time_ns() // 1000
    for number in range(first, first + runs):
        began = time.perf_counter()
        supervisor.runs.state(run_name(number, 1))
        supervisor.runs.enqueue(run_name(number, 1), number)
        found.append(time.perf_counter() - began)
    return found


def twice(once: Callable[[], tuple[float, float]], runs: int) -> tuple[list[float], list[float]]:
    """Both spans of each run."""
    found = [once() for _ in range(runs)]
    return [a for a, _ in found], [b for _, b in found]


def measure(yard: Yard, counties: list[str], runs: int) -> dict[str, Any]:
    """One row of figures: median and worst of each span, in seconds."""
    spans: dict[str, list[float]] = {}
    spans["whole"] = [whole(yard, counties) for _ in range(runs)]
    spans["take"], spans["heard"] = twice(lambda: taken(yard, counties), runs)
    thread = yard.hire()
    yard.until(yard.warn(counties), lambda row: row.status == "done")
    spans["first"], spans["end"] = twice(lambda: solved(yard, counties), runs)
    assert yard.supervisor is not None and yard.supervisor.child is not None
    memory = peak_mb(yard.supervisor.child.pid)
    spans["kill"] = [killed(yard, counties) for _ in range(max(1, runs // 3))]
    spans["enqueue"] = enqueued(yard.supervisor, runs)
    yard.ending.set()
    thread.join()
    yard.ending.clear()
    return {
        "counties": len(counties),
        **{name: f"{quantile(s, 0.5):.3f} ({max(s):.3f})" for name, s in spans.items()},
        "solver_peak_mb": memory,
    }


def main() -> None:
    """Fill a database in a temporary folder, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--counties", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--database")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{folder}/bench.sqlite"
        os.environ["DISPATCH_DATABASE_URL"] = url
        settings, engine = Settings.from_env(), make_engine(url)
        initialise(engine, settings, demo=True)
        with reading(engine) as session:
            everywhere = [county.adcode for county in list_counties(session)]
        yard = Yard(engine, settings)
        rows = [
            measure(yard, ["150522"] if n == 1 else everywhere[:n], given.runs)
            for n in given.counties
        ]
        engine.dispose()
    finish(rows, given.json, runs=given.runs, load=os.getloadavg()[0], database=engine.dialect.name)


if __name__ == "__main__":
    main()
