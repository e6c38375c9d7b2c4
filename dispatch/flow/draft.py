"""Making the drafts that were asked for, whole and in this process: gather (read) → decide (pure) →
record (write).  The worker makes them in steps (``flow.solve``); both end in ``record_draft``."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.alerts.situations import codes_of, get_row
from dispatch.audit.store import Act, record
from dispatch.clock import Clock, SystemClock
from dispatch.db import reading, retried, transaction
from dispatch.errors import DispatchError
from dispatch.flow.compose import compose
from dispatch.flow.decide import decide
from dispatch.flow.follow import follow_up, state_hash
from dispatch.flow.gather import gather
from dispatch.flow.model import Decision, Inputs, Way
from dispatch.flow.tell import tell_failed_draft, tell_proposal
from dispatch.plans.signals import extent
from dispatch.proposals import jobs
from dispatch.proposals import store as proposals_store
from dispatch.proposals.jobs import Job
from dispatch.proposals.tables import DraftJobRow
from dispatch.routing.problem import RoutingParams
from dispatch.words import Words

# steps of the route search for each shipment in tests and drills: counted, so the plan repeats
COUNTED_STEPS = 200
Solve = Callable[[Inputs, RoutingParams], Decision]


def worker_name() -> str:
    """Who holds a lease: machine and process."""
    return f"{socket.gethostname()}:{os.getpid()}"[:80]


def make_drafts(
    engine: Engine, way: Way, situation: str | None = None, solve: Solve = decide
) -> list[str]:
    """Work through the waiting drafts (of one situation); the codes of the proposals made.

    ``solve`` is another way of deciding that a drill holds ours against.
    """
    made = []
    while (job := _claim(engine, situation)) is not None:
        code = make_draft(engine, job, way, solve)
        if code:
            made.append(code)
    return made


@retried
def _claim(engine: Engine, situation: str | None) -> Job | None:
    with transaction(engine) as session:
        return jobs.claim(session, worker_name(), SystemClock().now(), situation)


def make_draft(engine: Engine, job: Job, way: Way, solve: Solve = decide) -> str | None:
    """One draft; None when the state has moved on, nothing new is needed, or it failed.

    A refusal of the independent check and any other expected error closes the job with its
    words; it stands on the situation page and can be asked for again.
    """
    with reading(engine) as session:
        inputs = gather(session, get_row(session, job.situation).code, way.clock.now())
    if state_hash(inputs.situation, inputs.activation) != job.state_hash:
        close(engine, job, way.clock, "outdated")
        follow_up(engine, job.situation, way)
        return None
    try:
        decision = solve(inputs, routing_params(way))
    except DispatchError as error:
        close(engine, job, way.clock, "failed", error.message_zh)
        return None
    if not worth_telling(inputs, decision):
        close(engine, job, way.clock, "done")
        return None
    return _keep(engine, (job, inputs, decision), way)


def routing_params(way: Way) -> RoutingParams:
    """Seconds in production, a fixed number of steps in tests and drills."""
    if way.settings.testing:
        return RoutingParams(way.settings.solve_seconds, COUNTED_STEPS, slices=2)
    return RoutingParams(way.settings.solve_seconds)


def worth_telling(inputs: Inputs, decision: Decision) -> bool:
    """False when an escalation brings nothing that approved plans do not cover already."""
    return bool(decision.forecast_needs or decision.teams.assignments or not inputs.covered)


@retried
def close(engine: Engine, job: Job, clock: Clock, status: str, error: str | None = None) -> None:
    """End a job that is still ours without a proposal; people are told of an error."""
    with transaction(engine) as session:
        done = jobs.finish(session, job, status, clock.now(), (None, error))
        if done and error:
            tell_failed_draft(session, job.situation, error, clock.now())


@retried
def _keep(engine: Engine, made: tuple[Job, Inputs, Decision], way: Way) -> str | None:
    job, inputs, decision = made
    with transaction(engine) as session:
        row = jobs.get_job(session, job.id, lock=True)
        if row.status != "running" or row.worker != job.worker:
            return None
        body = compose("", inputs, decision, job.actor)
        return record_draft(session, row, (body, extent(inputs.situation)[1]), way.clock)


def record_draft(
    session: Session, row: DraftJobRow, made: tuple[Mapping[str, Any], str], clock: Clock
) -> str:
    """Make a body and the place it is about the proposal of a locked draft, tell people, close it."""
    body, place = made
    now = clock.now()
    situation = get_row(session, row.situation).code
    codes = codes_of(session, situation)
    code = proposals_store.next_code(session, now)
    whole = {**body, "code": code, "created_at": now.isoformat()}
    draft = proposals_store.Draft(situation, row.state_hash, whole["level"], whole, row.actor)
    row.status, row.finished_at, row.proposal = "done", now, code
    row.lease_until = row.incumbent = row.preview = None
    proposals_store.add(session, code, draft, now, codes)
    headline = Words("notice.proposal", whole["headline"]["zh"], whole["headline"]["en"])
    tell_proposal(session, place, code, headline, now)
    record(session, Act(row.actor, "proposal.drafted", code, situation), now)
    return code


def record_plan_in_hand(session: Session, row: DraftJobRow, clock: Clock) -> str:
    """Make the verified plan in hand of a locked draft its proposal."""
    if row.preview is None or row.incumbent is None:
        raise ValueError(f"draft {row.id} has no plan in hand")
    return record_draft(session, row, (json.loads(row.preview), row.incumbent["place"]), clock)
