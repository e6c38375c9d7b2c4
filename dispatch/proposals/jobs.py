"""Drafts to make: asked for in the transaction that caused them, made once, by whoever holds the lease."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from dispatch.db import add_once
from dispatch.proposals.tables import DraftJobRow

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed wish for a draft."""

    id: int
    situation: str
    state_hash: str
    actor: str
    worker: str


def ask(session: Session, situation: str, state_hash: str, actor: str, at: datetime) -> bool:
    """Wish for a draft of a state, once ever; older wishes of the situation are outdated."""
    is_new = add_once(
        session, DraftJobRow, situation=situation, state_hash=state_hash, status="queued",
        actor=actor, asked_at=at, attempts=0,
    )
    if is_new:
        session.execute(
            update(DraftJobRow)
            .where(DraftJobRow.situation == situation, DraftJobRow.state_hash != state_hash,
                   DraftJobRow.status == "queued")
            .values(status="outdated", finished_at=at)
        )
        return True
    # a state that comes back after another one may be drafted again, unless it stands already
    revived = session.execute(
        update(DraftJobRow)
        .where(DraftJobRow.situation == situation, DraftJobRow.state_hash == state_hash,
               DraftJobRow.status == "outdated")
        .values(status="queued", asked_at=at, attempts=0, worker=None, finished_at=None)
    )
    return bool(getattr(revived, "rowcount", 0))


def claim(session: Session, worker: str, real_now: datetime, situation: str | None = None) -> Job | None:
    """Take the oldest waiting job, or one whose worker has gone silent; None when there is none.

    ``real_now`` is the machine's clock: a lease is about processes, not about the replayed time.
    """
    free = or_(
        DraftJobRow.status == "queued",
        (DraftJobRow.status == "running") & (DraftJobRow.lease_until < real_now),
    )
    query = select(DraftJobRow).where(free).order_by(DraftJobRow.id).limit(1)
    if situation:
        query = query.where(DraftJobRow.situation == situation)
    row = session.scalars(query.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    if row.attempts >= MOST_ATTEMPTS:
        row.status, row.finished_at = "failed", real_now
        row.error = row.error or "the worker died three times while drafting"
        session.flush()
        return None
    row.status, row.worker, row.attempts = "running", worker, row.attempts + 1
    row.lease_until = real_now + LEASE
    session.flush()
    return Job(row.id, row.situation, row.state_hash, row.actor, worker)


def finish(
    session: Session, job: Job, status: str, at: datetime, result: tuple[str | None, str | None] = (None, None)
) -> bool:
    """Close a job that is still ours; ``result`` is (proposal, error).  False when it was taken over."""
    proposal, error = result
    done = session.execute(
        update(DraftJobRow)
        .where(DraftJobRow.id == job.id, DraftJobRow.worker == job.worker, DraftJobRow.status == "running")
        .values(status=status, finished_at=at, proposal=proposal, error=error, lease_until=None)
    )
    return bool(getattr(done, "rowcount", 0))


def waiting(session: Session, situation: str | None = None) -> int:
    """How many drafts are waited for."""
    query = select(func.count()).where(DraftJobRow.status.in_(["queued", "running"]))
    if situation:
        query = query.where(DraftJobRow.situation == situation)
    return session.scalar(query) or 0


def list_jobs(session: Session, situation: str) -> list[DraftJobRow]:
    """The drafts of a situation, newest first."""
    return list(session.scalars(
        select(DraftJobRow).where(DraftJobRow.situation == situation).order_by(DraftJobRow.id.desc())
    ))
