"""How drafts stand, as the pages and the command line show it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.proposals.jobs import LIVE, get_job
from dispatch.proposals.tables import DraftJobRow

# older ones are history: what came of them is on the page of proposals
MOST_LISTED = 100
# a worker that runs takes a draft up within a second, or is busy with another one for some seconds
WORKER_COMES_WITHIN = timedelta(seconds=60)


def draft_of(row: DraftJobRow, at: datetime) -> dict[str, Any]:
    """One draft without its plan; ``is_left`` when it waits and no worker has taken it up."""
    return {
        "id": row.id, "situation": row.situation, "status": row.status, "is_live": row.status in LIVE,
        "asked_at": row.asked_at.isoformat(), "attempts": row.attempts,
        "is_left": row.status == "queued" and at - row.asked_at > WORKER_COMES_WITHIN,
        "progress": row.progress, "slices": row.slices, "versions": row.versions,
        "plan_at": row.preview_at.isoformat() if row.preview_at else None,
        "has_plan": row.preview is not None, "proposal": row.proposal, "note": row.note, "error": row.error,
    }


def list_drafts(
    session: Session, situations: Sequence[str], at: datetime, most: int = MOST_LISTED
) -> list[dict[str, Any]]:
    """The newest drafts (of some situations, all when none are named) first, as they stand at a moment."""
    query = select(DraftJobRow).order_by(DraftJobRow.id.desc()).limit(most)
    if situations:
        query = query.where(DraftJobRow.situation.in_(situations))
    return [draft_of(row, at) for row in session.scalars(query)]


def get_draft(session: Session, number: int, at: datetime) -> dict[str, Any]:
    """One draft with the body of its plan in hand (None when there is none)."""
    row = get_job(session, number)
    return {**draft_of(row, at), "body": json.loads(row.preview) if row.preview else None}
