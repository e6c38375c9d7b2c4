"""How drafts stand, as the pages and the command line show it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.proposals.jobs import LIVE, get_job
from dispatch.proposals.tables import DraftJobRow

# older ones are history: what came of them is on the page of proposals
MOST_LISTED = 100


def draft_of(row: DraftJobRow) -> dict[str, Any]:
    """One draft without its plan."""
    return {
        "id": row.id, "situation": row.situation, "status": row.status, "is_live": row.status in LIVE,
        "asked_at": row.asked_at.isoformat(), "attempts": row.attempts,
        "progress": row.progress, "slices": row.slices, "versions": row.versions,
        "plan_at": row.preview_at.isoformat() if row.preview_at else None,
        "has_plan": row.preview is not None, "proposal": row.proposal, "note": row.note, "error": row.error,
    }


def list_drafts(session: Session, situations: Sequence[str] = (), most: int = MOST_LISTED) -> list[dict[str, Any]]:
    """The newest drafts (of some situations) first."""
    query = select(DraftJobRow).order_by(DraftJobRow.id.desc()).limit(most)
    if situations:
        query = query.where(DraftJobRow.situation.in_(situations))
    return [draft_of(row) for row in session.scalars(query)]


def get_draft(session: Session, number: int) -> dict[str, Any]:
    """One draft with the body of its plan in hand (None when there is none)."""
    row = get_job(session, number)
    return {**draft_of(row), "body": json.loads(row.preview) if row.preview else None}
