"""Read-only lists and the full view of a proposal."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.proposals.store import get_row
from dispatch.proposals.tables import DecisionRow, ProposalRow


def list_proposals(session: Session) -> list[dict[str, Any]]:
    """All proposals, newest first, in one line each."""
    rows = session.scalars(
        select(ProposalRow).order_by(ProposalRow.created_at.desc(), ProposalRow.code.desc())
    )
    result = []
    for row in rows:
        body = json.loads(row.body)
        result.append(
            {
                "code": row.code,
                "status": row.status,
                "level": row.level,
                "stage": body["stage"],
                "created_at": row.created_at.isoformat(),
                "headline": body["headline"],
                "situation": row.situation,
                "situation_title_zh": body["situation"]["title_zh"],
                "situation_title_en": body["situation"]["title_en"],
                "submitted_by": row.submitted_by,
                "body_hash": row.body_hash,
            }
        )
    return result


def get_proposal(session: Session, code: str) -> dict[str, Any]:
    """The frozen body with its status, hash and decisions."""
    row = get_row(session, code)
    decisions = session.scalars(
        select(DecisionRow).where(DecisionRow.proposal == code).order_by(DecisionRow.id)
    )
    return {
        **json.loads(row.body),
        "status": row.status,
        "submitted_by": row.submitted_by,
        "body_hash": row.body_hash,
        "decisions": [
            {
                "at": d.at.isoformat(),
                "actor": d.actor,
                "status": d.status,
                "comment": d.comment,
                "seen_hash": d.seen_hash,
            }
            for d in decisions
        ],
    }
