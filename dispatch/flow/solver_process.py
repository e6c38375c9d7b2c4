"""The process that solves: warm before the first alarm, bounded in memory, gone when its parent is.

Started by the supervisor as `python -m dispatch.flow.solver_process --name NAME --parent PID`.
"""

from __future__ import annotations

import argparse
import os
import resource
import time

from dispatch.boundaries import load_boundaries
from dispatch.clock import SystemClock, to_local
from dispatch.config import Settings
from dispatch.db import make_engine
from dispatch.flow.durable import serve
from dispatch.flow.solve import Solver
from dispatch.needs.exposure_table import load_exposure
from dispatch.needs.standards import load_standards
from dispatch.routing.problem import RoutingParams
from dispatch.routing.search.compile import warm
from dispatch.routing.speeds import load_speeds

PARENT_LOOK_S = 0.2


def params_of(settings: Settings) -> RoutingParams:
    """The budget of a draft in production."""
    return RoutingParams(settings.solve_seconds)


def limit_memory(mebibytes: int) -> None:
    """Let this process have no more writable memory; beyond it Python raises ``MemoryError``."""
    size = mebibytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def warm_up() -> None:
    """Load what every draft needs: compiled search, boundaries, tables of standards."""
    warm()
    day = to_local(SystemClock().now()).date()
    load_boundaries()
    load_exposure(day)
    load_standards(day)
    load_speeds()


def run(solver: Solver, parent: int) -> None:
    """Solve what is asked for until the parent process has gone."""
    limit_memory(solver.settings.solver_memory_mb)
    warm_up()
    serve(solver, solver.settings.database_url)
    while os.getppid() == parent:
        time.sleep(PARENT_LOOK_S)
    # a search under way is left as it is: its threads would keep a tidy exit waiting
    os._exit(1)


def make_solver(settings: Settings, name: str) -> Solver:
    """A solver with the budget of the settings."""
    return Solver(make_engine(settings.database_url), settings, name, params_of(settings))


def main() -> None:
    """Solve under the name given, with the settings of the environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", required=True)
    parser.add_argument("--parent", type=int, required=True)
    given = parser.parse_args()
    run(make_solver(Settings.from_env(), given.name), given.parent)


if __name__ == "__main__":
    main()
