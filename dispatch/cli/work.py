"""``dispatch work``: the worker and the solving process it keeps."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from datetime import timedelta

import click
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from dispatch.config import Settings
from dispatch.db import make_engine
from dispatch.demo_time import clock_of
from dispatch.errors import Unavailable
from dispatch.flow.model import Way
from dispatch.flow.supervise import Supervisor
from dispatch.flow.work import make_round, use_quiet_moment, work_once

LOOK_EVERY_S = 60.0
TICK_S = 0.1
# beside the search itself: gathering, allocation, the independent check, on a busy machine
STEP_GRACE_S = 60
# by its module: the command line loads what only pages need, and takes twice as long to start
SOLVER = "dispatch.flow.solver_process"


@click.command()
@click.option("--once", is_flag=True, help="one round, drafts made whole in this process, then end")
@click.option("--every", default=2, show_default=True, help="seconds between rounds")
@click.option("--parent", type=int, help="end when this process does")
def work(once: bool, every: int, parent: int | None) -> None:
    """Watch open situations and clocks, send notices, keep a process that makes the drafts."""
    settings = Settings.from_env()
    engine = make_engine(settings.database_url)
    if once:
        _tell(work_once(engine, Way("worker", clock_of(engine), settings)).drafted)
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ending = threading.Event()
    keeper = threading.Thread(target=_keep_solver, args=(engine, settings, ending))
    keeper.start()
    looked_at = 0.0
    try:
        while keeper.is_alive() and (parent is None or os.getppid() == parent):
            look = time.monotonic() - looked_at >= LOOK_EVERY_S
            looked_at = time.monotonic() if look else looked_at
            _round(engine, settings, look)
            time.sleep(every)
    finally:
        ending.set()
        keeper.join()


def _round(engine: Engine, settings: Settings, look: bool) -> None:
    try:
        way = Way("worker", clock_of(engine), settings)
        make_round(engine, way, look=look)
        use_quiet_moment(engine, way)
    except Unavailable as error:
        _complain(f"{error.message_zh} {error.message}")


def _keep_solver(engine: Engine, settings: Settings, ending: threading.Event) -> None:
    command = [sys.executable, "-m", SOLVER]
    limit = timedelta(seconds=STEP_GRACE_S + 2 * settings.solve_seconds)
    supervisor = Supervisor(engine, command, limit)
    try:
        while not ending.wait(TICK_S):
            try:
                supervisor.tick()
            except (Unavailable, DBAPIError) as error:
                _complain(str(error))
                ending.wait(1.0)
    finally:
        supervisor.stop()


def _tell(codes: tuple[str, ...]) -> None:
    for code in codes:
        click.echo(f"方案 drafted: {code}")


def _complain(sentence: str) -> None:
    click.echo(sentence, err=True)
