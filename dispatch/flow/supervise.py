"""Keeping one solving process alive: hand it drafts, notice when it dies or overruns, put right what it left."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from dispatch.clock import Clock, SystemClock
from dispatch.db import reading, retried, transaction
from dispatch.demo_time import clock_of
from dispatch.flow import plan_words
from dispatch.flow.draft import record_plan_in_hand
from dispatch.flow.durable import SETTLED, Runs, run_name
from dispatch.flow.tell import tell_failed_draft, tell_interrupted
from dispatch.proposals import steps
from dispatch.proposals.jobs import MOST_ATTEMPTS, get_job
from dispatch.proposals.steps import Standing

RESTART_AFTER_S = 1.0
SLOWEST_RESTART_S = 60.0
GRACE_S = 5.0
RENEW_EVERY_S = 3.0
TERMINAL = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
Reason = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Lost:
    """A draft whose worker is gone, and why (zh, en)."""

    number: int
    worker: str
    reason: Reason


@retried
def put_right(engine: Engine, lost: Lost, clock: Clock) -> str | None:
    """Free a draft whose worker is gone: back into the queue the first time, else closed with
    its plan in hand, else failed.  People are told.  The proposal's code when one was made."""
    with transaction(engine) as session:
        row = get_job(session, lost.number, lock=True)
        if row.status != "running" or row.worker != lost.worker:
            return None
        now = clock.now()
        key = f"{row.id}:{row.asked}:{row.attempts}"
        if row.attempts < MOST_ATTEMPTS:
            note = plan_words.interrupted(lost.reason, row.preview_at if row.preview else None)
            steps.let_go(session, row, note)
            tell_interrupted(session, row.situation, note, key, now)
            return None
        if row.preview is not None:
            note = plan_words.given_up(lost.reason, row.preview_at or now)
            row.note = note.as_dict()
            tell_interrupted(session, row.situation, note, key, now)
            return record_plan_in_hand(session, row, clock)
        row.status, row.finished_at, row.lease_until = "failed", now, None
        row.error = f"{lost.reason[0]}，已是第二次"
        tell_failed_draft(session, row.situation, row.error, now)
        return None


class Supervisor:
    """One solving process and the drafts it holds; ``tick`` is called a few times a second.

    ``command`` starts a solving process and is given its name and our process number;
    a draft whose step takes longer than ``step_limit`` has its process killed.
    """

    def __init__(self, engine: Engine, command: Sequence[str], step_limit: timedelta,
                 clock: Callable[[], Clock] | None = None) -> None:
        self.engine, self.command, self.step_limit = engine, tuple(command), step_limit
        self._clock = clock or (lambda: clock_of(engine))
        self.runs = Runs(engine.url.render_as_string(hide_password=False))
        self.child: subprocess.Popen[bytes] | None = None
        self.name = ""
        self._gone: set[str] = set()
        self._start_at, self._renew_at, self._restarts = 0.0, 0.0, 0

    def tick(self) -> None:
        """One look: process, signs of life, overruns, silent workers, waiting drafts."""
        self._keep_child()
        self._renew()
        self._end_overruns()
        for number, worker in self._silent():
            self._gone.add(worker)
            put_right(self.engine, Lost(number, worker, plan_words.SILENT), self._clock())
        self._hand_on()

    def stop(self) -> None:
        """End the solving process; what it holds is put back into the queue at once."""
        if self.child is not None:
            self.child.terminate()
            try:
                self.child.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
            self._bury(plan_words.ENDED)
        self.runs.close()

    def _keep_child(self) -> None:
        if self.child is not None and self.child.poll() is not None:
            self._bury(plan_words.DIED)
        if self.child is None and time.monotonic() >= self._start_at:
            self.name = f"{socket.gethostname()}:{uuid.uuid4().hex[:12]}"[-80:]
            self.child = subprocess.Popen(
                [*self.command, "--name", self.name, "--parent", str(os.getpid())]
            )

    def _bury(self, reason: Reason) -> None:
        """The process is dead: free what it held, let the next one start, later each time it held nothing."""
        held = self._held()
        self._gone.add(self.name)
        for draft in held:
            put_right(self.engine, Lost(draft.number, self.name, reason), self._clock())
        self._restarts = 0 if held else self._restarts + 1
        wait_s = 0.0 if held else min(SLOWEST_RESTART_S, RESTART_AFTER_S * 2 ** (self._restarts - 1))
        self._start_at = time.monotonic() + wait_s
        self.child = None

    def _end_overruns(self) -> None:
        """Kill the process when a step of its draft takes too long; free a draft whose workflow
        ended without closing it."""
        for draft in self._held():
            if draft.stepped_at and SystemClock().now() - draft.stepped_at > self.step_limit:
                self._kill(plan_words.OVERRAN)
                return
            state = self.runs.state(run_name(draft.number, draft.asked))
            if state is not None and state[0] in TERMINAL:
                put_right(self.engine, Lost(draft.number, self.name, plan_words.BROKE), self._clock())

    def _kill(self, reason: Reason) -> None:
        if self.child is not None:
            os.kill(self.child.pid, signal.SIGKILL)
            self.child.wait()
            self._bury(reason)

    def _hand_on(self) -> None:
        """See that each waiting draft has a workflow that is going to run."""
        with reading(self.engine) as session:
            waiting = steps.list_queued(session)
        for draft in waiting:
            name = run_name(draft.number, draft.asked)
            state = self.runs.state(name)
            if state is None:
                self.runs.enqueue(name, draft.number)
            elif state[0] in TERMINAL:
                self._ask_anew(draft)
            elif state[0] == "PENDING" and self._is_orphan(state[1], state[2].timestamp()):
                self.runs.resume(name)

    def _is_orphan(self, executor: str | None, changed: float) -> bool:
        """True when the process that took a workflow up is gone, or has not said so for long."""
        if executor == self.name and self.child is not None:
            return False
        return executor in self._gone or time.time() - changed > SETTLED.total_seconds()

    @retried
    def _ask_anew(self, draft: Standing) -> None:
        """The workflow ended and left its draft waiting: the next look starts another one, which
        begins anew from the row."""
        with transaction(self.engine) as session:
            row = get_job(session, draft.number, lock=True)
            if row.status == "queued" and row.asked == draft.asked:
                row.asked += 1

    @retried
    def _renew(self) -> None:
        if time.monotonic() >= self._renew_at and self._held():
            self._renew_at = time.monotonic() + RENEW_EVERY_S
            with transaction(self.engine) as session:
                steps.renew(session, self.name, SystemClock().now())

    def _held(self) -> list[Standing]:
        with reading(self.engine) as session:
            return steps.list_of(session, self.name)

    def _silent(self) -> list[tuple[int, str]]:
        with reading(self.engine) as session:
            return steps.list_silent(session, SystemClock().now())
