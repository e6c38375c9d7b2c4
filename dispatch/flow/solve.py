"""A draft in steps: a first verified plan at once, then slices of search, each kept as it is found.

A step begins from the row alone: whoever runs it after the one before has died gathers again and,
when nothing that the plan rests on has changed, goes on from the plan in hand.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from dispatch.alerts.situations import get_row
from dispatch.clock import Clock, SystemClock
from dispatch.config import Settings
from dispatch.db import reading, retried, transaction
from dispatch.demo_time import clock_of
from dispatch.errors import DispatchError, Refused
from dispatch.flow import plan_words
from dispatch.flow.compose import compose
from dispatch.flow.decide import Prepared, conclude, first_plan, improve, prepare
from dispatch.flow.draft import close, record_plan_in_hand, worth_telling
from dispatch.flow.follow import follow_up, state_hash
from dispatch.flow.gather import gather
from dispatch.flow.model import Inputs, Way
from dispatch.flow.tell import tell_failed_draft
from dispatch.plans.signals import extent
from dispatch.proposals import steps
from dispatch.proposals.jobs import Job
from dispatch.proposals.snapshot import canonical
from dispatch.proposals.steps import Found
from dispatch.proposals.tables import DraftJobRow
from dispatch.routing.plan import RoutePlan, plan_from_json
from dispatch.routing.problem import RoutingParams
from dispatch.words import Words

CANCEL_LOOK_S = 0.03
# a plan in hand older than this departs too early to go on from
RESUME_WITHIN = timedelta(minutes=10)
Step = Callable[..., Any]


def at_once(_name: str, step: Callable[..., Any], *arguments: Any) -> Any:
    """Run a step without keeping its answer."""
    return step(*arguments)


@dataclass(frozen=True)
class Bench:
    """A draft ready to be searched in this process: what it rests on, and its best plan."""

    job: Job
    prepared: Prepared
    plan: RoutePlan
    gathered_at: datetime


class Solver:
    """Solves one draft at a time, under a name of its own; ``clock`` None reads the database's."""

    def __init__(self, engine: Engine, settings: Settings, name: str, params: RoutingParams,
                 clock: Clock | None = None) -> None:
        self.engine, self.settings, self.name, self.params = engine, settings, name, params
        self._clock = clock
        self._bench: Bench | None = None

    def draft(self, number: int, step: Step = at_once) -> str | None:
        """The whole course; the proposal's code, None when it came to none.

        ``step(name, function, *arguments)`` runs each part, and may answer from what it kept.
        """
        slices = step("begin", self.begin, number)
        done = 0
        while done < slices:
            done = step("slice", self.go_on, number)
        found = step("finish", self.finish, number) if slices else None
        return str(found) if found else None

    def begin(self, number: int) -> int:
        """Record a first verified plan; how many slices of search follow (0: none is to be made)."""
        self._bench = None
        held = self._hold(number, begins=True)
        if held is None:
            return 0
        job, row = held
        if row.incumbent is not None:
            return self.params.slices
        way = self._way()
        now = way.clock.now()
        inputs = self._gather(job, now)
        if state_hash(inputs.situation, inputs.activation) != job.state_hash:
            close(self.engine, job, way.clock, "outdated")
            follow_up(self.engine, job.situation, way)
            return 0
        try:
            prepared = prepare(inputs, self.params, instant=True)
            plan = first_plan(prepared)
            decision = conclude(prepared, plan)
        except (DispatchError, MemoryError) as error:
            close(self.engine, job, way.clock, "failed", plan_words.said(error))
            return 0
        if not worth_telling(inputs, decision):
            close(self.engine, job, way.clock, "done")
            return 0
        incumbent = self._incumbent(inputs, prepared, plan, now, is_instant=True)
        preview = canonical(compose("", inputs, decision, job.actor))
        kept = self._keep(job, Found(0, self.params.slices, incumbent, preview), now)
        return self.params.slices if kept else 0

    def go_on(self, number: int) -> int:
        """One slice of search from the plan in hand; how many are done after it (all, when it is
        told to stop, has ended elsewhere, or ran out of memory).

        How many were done before is read from the row: a process may die after a slice was kept
        and before the store of steps knew of it, and that slice is not searched again.
        """
        held = self._hold(number)
        if held is None or held[1].cancel_asked:
            return self.params.slices
        job, row = held
        try:
            bench, done, note = self._stand(job, row)
            if done >= self.params.slices:
                return done
            with self._listening(job) as cancel:
                plan = improve(bench.prepared, bench.plan, None, cancel)
            if not self._keep(job, self._better(bench, row, plan, done + 1, note), self._way().clock.now()):
                return self.params.slices
        except MemoryError as error:
            self._bench = None
            out_of_memory(self.engine, job, plan_words.said(error), self._way().clock)
            return self.params.slices
        self._bench = Bench(job, bench.prepared, plan, bench.gathered_at)
        return self.params.slices if cancel.is_set() else done + 1

    def finish(self, number: int) -> str | None:
        """Make the plan in hand the proposal; None when the draft has ended elsewhere."""
        self._bench = None
        return finish(self.engine, number, self.name, self._way().clock)

    def _stand(self, job: Job, row: DraftJobRow) -> tuple[Bench, int, Words | None]:
        """Where the search stands: at this process's bench, else at the plan in hand if it still
        holds, else at a new start."""
        bench, kept, done = self._bench, row.incumbent, row.progress
        if kept is None:
            raise ValueError(f"draft {job.id} has no plan in hand to go on from")
        if bench is not None and bench.job == job and not kept["is_instant"]:
            return bench, done, None
        now = self._way().clock.now()
        gathered_at = datetime.fromisoformat(kept["gathered_at"])
        is_fresh = now - gathered_at < RESUME_WITHIN
        at = gathered_at if is_fresh else now
        prepared = prepare(self._gather(job, at), self.params)
        if is_fresh and not kept["is_instant"] and prepared.input_hash == kept["hash"]:
            return Bench(job, prepared, plan_from_json(kept["plan"]), at), done, None
        plan = first_plan(prepared)
        note = None if kept["is_instant"] and is_fresh else plan_words.anew(row.preview_at or now)
        return Bench(job, prepared, plan, at), 0 if note else done, note

    def _better(self, bench: Bench, row: DraftJobRow, plan: RoutePlan, done: int, note: Words | None) -> Found:
        """What to keep after a slice: a better plan that passes its check, else the progress alone."""
        inputs, kept = bench.prepared.inputs, row.incumbent or {}
        incumbent = self._incumbent(inputs, bench.prepared, plan, bench.gathered_at)
        before = kept.get("plan", {})
        is_same = not kept.get("is_instant") and incumbent["hash"] == kept.get("hash") and all(
            incumbent["plan"][part] == before.get(part) for part in ("tours", "unserved", "bound")
        )
        if is_same:
            return Found(done, self.params.slices, incumbent, None, note)
        try:
            decision = conclude(bench.prepared, plan)
        except Refused:
            return Found(done, self.params.slices, note=note or plan_words.unverified())
        body = canonical(compose("", inputs, decision, row.actor))
        return Found(done, self.params.slices, incumbent, None if body == row.preview else body, note)

    def _incumbent(
        self, inputs: Inputs, prepared: Prepared, plan: RoutePlan, at: datetime, *, is_instant: bool = False
    ) -> dict[str, Any]:
        return {
            "plan": plan.to_json(), "hash": prepared.input_hash, "gathered_at": at.isoformat(),
            "place": extent(inputs.situation)[1], "is_instant": is_instant,
        }

    def _gather(self, job: Job, at: datetime) -> Inputs:
        with reading(self.engine) as session:
            return gather(session, get_row(session, job.situation).code, at)

    def _way(self) -> Way:
        return Way("worker", self._clock or clock_of(self.engine), self.settings)

    @retried
    def _hold(self, number: int, *, begins: bool = False) -> tuple[Job, DraftJobRow] | None:
        with transaction(self.engine) as session:
            return steps.hold(session, number, self.name, SystemClock().now(), begins=begins)

    @retried
    def _keep(self, job: Job, found: Found, at: datetime) -> bool:
        with transaction(self.engine) as session:
            return steps.keep(session, job, found, at)

    @contextmanager
    def _listening(self, job: Job) -> Iterator[threading.Event]:
        """An event that is set once the draft is to stop: asked for, or no longer ours."""
        cancel, over = threading.Event(), threading.Event()

        def listen() -> None:
            while not over.wait(CANCEL_LOOK_S):
                if not self._is_wanted(job):
                    cancel.set()
                    return

        ear = threading.Thread(target=listen, daemon=True)
        ear.start()
        try:
            yield cancel
        finally:
            over.set()
            ear.join()

    def _is_wanted(self, job: Job) -> bool:
        with reading(self.engine) as session:
            found = session.execute(
                select(DraftJobRow.status, DraftJobRow.worker, DraftJobRow.cancel_asked)
                .where(DraftJobRow.id == job.id)
            ).one_or_none()
        return found is not None and tuple(found) == ("running", job.worker, False)


@retried
def finish(engine: Engine, number: int, worker: str, clock: Clock) -> str | None:
    """Make the plan in hand of a worker's draft its proposal."""
    with transaction(engine) as session:
        held = steps.hold(session, number, worker, SystemClock().now())
        return record_plan_in_hand(session, held[1], clock) if held else None


@retried
def out_of_memory(engine: Engine, job: Job, said: str, clock: Clock) -> None:
    """End a draft that needs more memory than it may have: with the plan in hand."""
    with transaction(engine) as session:
        held = steps.hold(session, job.id, job.worker, SystemClock().now())
        if held is None:
            return
        row = held[1]
        if row.preview is None:
            row.status, row.error, row.finished_at, row.lease_until = "failed", said, clock.now(), None
            tell_failed_draft(session, job.situation, said, clock.now())
            return
        row.note = plan_words.memory(row.preview_at or clock.now()).as_dict()
        record_plan_in_hand(session, row, clock)
