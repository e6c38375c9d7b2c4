"""Making the drafts that were asked for: gather (read) → decide (pure) → record (write)."""

from __future__ import annotations

import os
import socket
from typing import Any

from sqlalchemy import Engine

from dispatch.alerts.situations import codes_of, get_row
from dispatch.audit.store import Act, record
from dispatch.clock import SystemClock
from dispatch.db import reading, retried, transaction
from dispatch.errors import DispatchError
from dispatch.flow.compose import compose
from dispatch.flow.decide import decide
from dispatch.flow.follow import follow_up, state_hash
from dispatch.flow.gather import gather
from dispatch.flow.model import Decision, Inputs, Way
from dispatch.flow.tell import tell_failed_draft, tell_proposal
from dispatch.proposals import jobs
from dispatch.proposals import store as proposals_store
from dispatch.proposals.jobs import Job
from dispatch.routing.problem import RoutingParams
from dispatch.words import Words

# steps of the route search for each shipment in tests and drills: counted, so the plan repeats
COUNTED_STEPS = 200


def worker_name() -> str:
    """Who holds a lease: machine and process."""
    return f"{socket.gethostname()}:{os.getpid()}"[:80]


def make_drafts(engine: Engine, way: Way, situation: str | None = None) -> list[str]:
    """Work through the waiting drafts (of one situation); the codes of the proposals made."""
    made = []
    while (job := _claim(engine, situation)) is not None:
        code = make_draft(engine, job, way)
        if code:
            made.append(code)
    return made


@retried
def _claim(engine: Engine, situation: str | None) -> Job | None:
    with transaction(engine) as session:
        return jobs.claim(session, worker_name(), SystemClock().now(), situation)


def make_draft(engine: Engine, job: Job, way: Way) -> str | None:
    """One draft; None when the state has moved on, nothing new is needed, or it failed.

    A refusal of the independent check and any other expected error closes the job with its
    words; it stands on the situation page and can be asked for again.
    """
    with reading(engine) as session:
        inputs = gather(session, get_row(session, job.situation).code, way.clock.now())
    if state_hash(inputs.situation, inputs.activation) != job.state_hash:
        _close(engine, job, way, "outdated")
        follow_up(engine, job.situation, way)
        return None
    try:
        decision = decide(inputs, routing_params(way))
    except DispatchError as error:
        _close(engine, job, way, "failed", error.message_zh)
        return None
    if not worth_telling(inputs, decision):
        _close(engine, job, way, "done")
        return None
    return _keep(engine, (job, inputs, decision), way)


def routing_params(way: Way) -> RoutingParams:
    """Seconds in production, a fixed number of steps in tests and drills."""
    if way.settings.testing:
        return RoutingParams(way.settings.solve_seconds, COUNTED_STEPS, slices=2)
    return RoutingParams(way.settings.solve_seconds)


def worth_telling(inputs: Inputs, decision: Decision) -> bool:
    """False when an escalation brings nothing that approved plans do not cover already."""
    return bool(decision.forecast_needs or decision.teams or not inputs.covered)


@retried
def _close(engine: Engine, job: Job, way: Way, status: str, error: str | None = None) -> None:
    with transaction(engine) as session:
        done = jobs.finish(session, job, status, way.clock.now(), (None, error))
        if done and error:
            tell_failed_draft(session, job.situation, error, way.clock.now())


@retried
def _keep(engine: Engine, made: tuple[Job, Inputs, Decision], way: Way) -> str | None:
    job, inputs, decision = made
    now = way.clock.now()
    with transaction(engine) as session:
        row = get_row(session, job.situation)
        codes = codes_of(session, row.code)
        code = proposals_store.next_code(session, now)
        body: dict[str, Any] = compose(code, inputs, decision, job.actor)
        body["created_at"] = now.isoformat()
        draft = proposals_store.Draft(row.code, job.state_hash, decision.activation.level, body, job.actor)
        if not jobs.finish(session, job, "done", now, (code, None)):
            return None
        proposals_store.add(session, code, draft, now, codes)
        headline = Words("notice.proposal", body["headline"]["zh"], body["headline"]["en"])
        tell_proposal(session, inputs.situation, code, headline, now)
        record(session, Act(job.actor, "proposal.drafted", code, row.code), now)
        return code
