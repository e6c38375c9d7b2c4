"""A draft being solved step by step: holding it, what each step found, and letting go of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from dispatch.proposals.jobs import Job, get_job, take_over
from dispatch.proposals.tables import DraftJobRow
from dispatch.words import Words

# renewed by the supervisor every round; a machine that is gone is noticed after this
LIVE_LEASE = timedelta(seconds=15)
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Found:
    """What a step came to: ``progress`` of ``slices`` done; a better plan with its verified body,
    when there is one.  ``note`` None leaves the sentence that stands."""

    progress: int
    slices: int
    incumbent: dict[str, Any] | None = None
    preview: str | None = None
    note: Words | None = None


def hold(
    session: Session, number: int, worker: str, real_now: datetime, *, begins: bool = False
) -> tuple[Job, DraftJobRow] | None:
    """Begin or go on with a job; None when it has ended, is another's, or is not known at all
    (the database was put back to an earlier day, the store of steps was not).

    A waiting job without a plan in hand is only for who ``begins``: it was stopped and asked
    for again while an earlier course of it was still under way.
    """
    row = session.get(DraftJobRow, number, with_for_update=True)
    if row is None:
        return None
    if row.status == "queued" and (begins or row.incumbent is not None):
        job = take_over(session, row, worker, real_now + LIVE_LEASE)
    elif row.status == "running" and row.worker == worker:
        job = Job(row.id, row.situation, row.state_hash, row.actor, worker)
    else:
        return None
    row.stepped_at, row.lease_until = real_now, real_now + LIVE_LEASE
    session.flush()
    return job, row


def keep(session: Session, job: Job, found: Found, at: datetime) -> bool:
    """Write what a step found; False when the job is no longer ours and nothing was written."""
    row = get_job(session, job.id, lock=True)
    if row.status != "running" or row.worker != job.worker:
        return False
    row.progress, row.slices = found.progress, found.slices
    if found.incumbent is not None:
        row.incumbent = found.incumbent
    if found.preview is not None:
        row.preview, row.preview_at, row.versions = found.preview, at, row.versions + 1
    if found.note is not None:
        row.note = found.note.as_dict()
    session.flush()
    return True


def renew(session: Session, worker: str, real_now: datetime) -> None:
    """A sign of life for the jobs of a worker."""
    session.execute(
        update(DraftJobRow)
        .where(DraftJobRow.worker == worker, DraftJobRow.status == "running")
        .values(lease_until=real_now + LIVE_LEASE)
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """A draft under way: its number, how often it was asked for, when its last step began."""

    number: int
    asked: int
    stepped_at: datetime | None


def list_of(session: Session, worker: str) -> list[Standing]:
    """The drafts that a worker holds."""
    return _standing(session, DraftJobRow.worker == worker, DraftJobRow.status == "running")


def list_queued(session: Session) -> list[Standing]:
    """The oldest drafts that wait."""
    return _standing(session, DraftJobRow.status == "queued")


def _standing(session: Session, *which: ColumnElement[bool]) -> list[Standing]:
    rows = session.execute(
        select(DraftJobRow.id, DraftJobRow.asked, DraftJobRow.stepped_at)
        .where(*which).order_by(DraftJobRow.id).limit(MOST_LISTED)
    )
    return [Standing(*row) for row in rows]


def list_silent(session: Session, real_now: datetime) -> list[tuple[int, str]]:
    """(job, worker) of those that are solved in steps and whose worker gave no sign of life."""
    rows = session.execute(
        select(DraftJobRow.id, DraftJobRow.worker)
        .where(DraftJobRow.status == "running", DraftJobRow.stepped_at.is_not(None),
               DraftJobRow.lease_until < real_now)
        .order_by(DraftJobRow.id)
    )
    return [(number, worker or "") for number, worker in rows]


def let_go(session: Session, row: DraftJobRow, note: Words) -> None:
    """Put a job whose worker is gone back into the queue; the plan in hand stays with it."""
    row.status, row.worker, row.lease_until, row.note = "queued", None, None, note.as_dict()
    session.flush()
