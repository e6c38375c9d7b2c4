"""`dispatch work` as a process: it drafts what waits, and its solving process ends with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from dispatch.config import PROJECT_ROOT, Settings
from dispatch.db import make_engine, reading, transaction
from dispatch.proposals.jobs import get_job, start_over
from dispatch.proposals.tables import DraftJobRow
from tests.conftest import NOW

DISPATCH = Path(sys.executable).parent / "dispatch"
PATIENCE_S = 90.0


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < deadline, "not reached"
        time.sleep(0.1)


def solvers_of(process: int) -> list[int]:
    """Children of any thread of a process."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return [int(n) for task in tasks for n in (task / "children").read_text().split()]


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DISPATCH_DATABASE_URL": settings.database_url}
    return subprocess.run([DISPATCH, *arguments], env=environment, cwd=PROJECT_ROOT, capture_output=True,
                          text=True, check=False)


def test_the_worker_drafts_what_waits_and_takes_its_solver_with_it(demo_file: Settings) -> None:
    engine = make_engine(demo_file.database_url)
    with transaction(engine) as session:
        start_over(session, get_job(session, 1, lock=True), NOW)
    environment = {**os.environ, "DISPATCH_DATABASE_URL": demo_file.database_url, "DISPATCH_SOLVE_SECONDS": "1"}
    worker = subprocess.Popen([DISPATCH, "work"], env=environment, cwd=PROJECT_ROOT)
    try:
        def is_done() -> bool:
            with reading(engine) as session:
                return session.scalar(select(DraftJobRow.status).where(DraftJobRow.id == 1)) == "done"

        until(is_done)
        (solver,) = solvers_of(worker.pid)
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
    until(lambda: not Path(f"/proc/{solver}").exists())
    engine.dispose()


def test_drafts_are_listed_taken_stopped_and_asked_for_again(demo_file: Settings) -> None:
    engine = make_engine(demo_file.database_url)
    with transaction(engine) as session:
        start_over(session, get_job(session, 1, lock=True), NOW)
    early = run(demo_file, "draft", "take", "1", "--as", "duty")
    assert early.returncode == 3 and "no verified plan yet" in early.stderr
    assert run(demo_file, "draft", "stop", "1", "--as", "viewer").returncode == 3
    assert run(demo_file, "draft", "stop", "1", "--as", "duty").returncode == 0
    (row,) = json.loads(run(demo_file, "draft", "list", "--json").stdout)["drafts"]
    assert (row["id"], row["status"]) == (1, "stopped") and "停止" in row["note"]["zh"]
    assert run(demo_file, "draft", "again", "1", "--as", "duty", "--json").returncode == 0
    assert "queued" in run(demo_file, "draft", "list").stdout
    assert run(demo_file, "draft", "take", "99", "--as", "duty").returncode == 4
    engine.dispose()
