"""Drafts to make: asked for in the transaction that caused them, made once, by whoever holds the lease."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from dispatch.db import add_once
from dispatch.errors import Conflict, NotFound
from dispatch.proposals.tables import DraftJobRow

LEASE = timedelta(minutes=5)
# begun once, and once more after its worker died
MOST_ATTEMPTS = 2
LIVE = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed wish for a draft."""

    id: int
    situation: str
    state_hash: str
    actor: str
    worker: str


def ask(session: Session, situation: str, state_hash: str, actor: str, at: datetime) -> bool:
    """Wish for a draft of a state, once ever; older wishes of the situation are outdated, and
    those being solved stop improving: their plan in hand stands until the new one is there."""
    is_new = add_once(
        session, DraftJobRow, situation=situation, state_hash=state_hash, status="queued",
        actor=actor, asked_at=at, attempts=0,
    )
    if is_new:
        others = update(DraftJobRow).where(
            DraftJobRow.situation == situation, DraftJobRow.state_hash != state_hash
        )
        session.execute(
            others.where(DraftJobRow.status == "queued").values(status="outdated", finished_at=at)
        )
        session.execute(others.where(DraftJobRow.status == "running").values(cancel_asked=True))
        return True
    # a state that comes back after another one may be drafted again, unless it stands already
    here = (DraftJobRow.situation == situation, DraftJobRow.state_hash == state_hash)
    row = session.scalars(
        select(DraftJobRow).where(*here, DraftJobRow.status == "outdated").with_for_update()
    ).first()
    if row is None:
        return False
    start_over(session, row, at)
    return True


def start_over(session: Session, row: DraftJobRow, at: datetime) -> None:
    """Put a closed wish back at the start of the queue, nothing of its earlier run kept."""
    row.status, row.asked_at, row.asked, row.attempts = "queued", at, row.asked + 1, 0
    row.worker = row.lease_until = row.stepped_at = row.finished_at = row.error = None
    row.incumbent = row.preview = row.preview_at = row.note = row.proposal = None
    row.progress = row.slices = row.versions = 0
    row.cancel_asked = False
    session.flush()


def claim(session: Session, worker: str, real_now: datetime, situation: str | None = None) -> Job | None:
    """Take the oldest waiting job, or one whose worker has gone silent; None when there is none.

    ``real_now`` is the machine's clock: a lease is about processes, not about the replayed time.
    A silent one with a plan in hand is left to the supervisor, which goes on from that plan.
    """
    silent = (
        (DraftJobRow.status == "running") & (DraftJobRow.lease_until < real_now)
        & DraftJobRow.preview.is_(None)
    )
    free = or_(DraftJobRow.status == "queued", silent)
    query = select(DraftJobRow).where(free).order_by(DraftJobRow.id).limit(1)
    if situation:
        query = query.where(DraftJobRow.situation == situation)
    row = session.scalars(query.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    if row.attempts >= MOST_ATTEMPTS:
        row.status, row.finished_at = "failed", real_now
        row.error = row.error or "the worker died twice while drafting"
        session.flush()
        return None
    return take_over(session, row, worker, real_now + LEASE)


def take_over(session: Session, row: DraftJobRow, worker: str, lease_until: datetime) -> Job:
    """Make a row this worker's, as one more attempt."""
    row.status, row.worker, row.attempts = "running", worker, row.attempts + 1
    row.lease_until = lease_until
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


def get_job(session: Session, number: int, *, lock: bool = False) -> DraftJobRow:
    """The row, locked for a change when asked; ``NotFound`` with a remedy."""
    row = session.get(DraftJobRow, number, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NotFound(
            f"There is no draft {number}.",
            remedy="`dispatch draft list` shows the drafts there are.",
            zh=f"没有编号为 {number} 的方案草拟任务。",
            remedy_zh="可用 `dispatch draft list` 查看。",
        )
    return row


def get_live(session: Session, number: int) -> DraftJobRow:
    """The row of a draft under way, locked; ``Conflict`` when it has ended already."""
    row = get_job(session, number, lock=True)
    if row.status not in LIVE:
        raise Conflict(
            f"Draft {number} has ended already ({row.status}).",
            remedy="Open the situation to see what came of it.",
            zh=f"草拟任务 {number} 已经结束。",
            remedy_zh="请打开情况页查看结果。",
        )
    return row


def waiting(session: Session, situation: str | None = None) -> int:
    """How many drafts are waited for."""
    query = select(func.count()).where(DraftJobRow.status.in_(LIVE))
    if situation:
        query = query.where(DraftJobRow.situation == situation)
    return session.scalar(query) or 0
