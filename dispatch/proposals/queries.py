"""Read-only lists and the full view of a proposal."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.proposals.store import get_row, list_decisions
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
    return {
        **json.loads(row.body),
        "status": row.status,
        "submitted_by": row.submitted_by,
        "body_hash": row.body_hash,
        "decisions": [_decision(d) for d in list_decisions(session, [code])],
    }


def _decision(row: DecisionRow) -> dict[str, Any]:
    return {
        "proposal": row.proposal, "at": row.at.isoformat(), "actor": row.actor, "status": row.status,
        "comment": row.comment, "seen_hash": row.seen_hash,
    }


def history(session: Session, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Every decision on a proposal and on those it was edited from, in the order of time."""
    codes = [body["code"]]
    while (edited := body.get("edited")) is not None:
        codes.append(edited["from"])
        body = json.loads(get_row(session, edited["from"]).body)
    return [_decision(row) for row in list_decisions(session, codes)]


def newest_of(session: Session, code: str) -> str:
    """The newest proposal of the same situation: what stands in the place of one that was superseded."""
    situation = get_row(session, code).situation
    found = session.scalars(
        select(ProposalRow.code).where(ProposalRow.situation == situation)
        .order_by(ProposalRow.created_at.desc(), ProposalRow.code.desc()).limit(1)
    ).first()
    return found or code
