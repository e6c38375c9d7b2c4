"""Alternatives kept beside their proposal: written once for each way of weighing."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.proposals.snapshot import canonical
from dispatch.proposals.tables import AlternativeRow, ProposalRow


def keep(session: Session, key: tuple[str, str], answer: dict[str, Any], at: datetime) -> None:
    """Write an answer for (proposal, mode); one that stands already is replaced."""
    proposal, mode = key
    session.merge(AlternativeRow(proposal=proposal, mode=mode, made_at=at, answer=canonical(answer)))
    session.flush()


def list_answers(session: Session, proposal: str) -> dict[str, dict[str, Any]]:
    """Mode → answer with ``made_at``."""
    rows = session.scalars(select(AlternativeRow).where(AlternativeRow.proposal == proposal))
    return {row.mode: {**json.loads(row.answer), "made_at": row.made_at.isoformat()} for row in rows}


def list_undecided(session: Session) -> list[str]:
    """Codes of proposals that somebody may still edit or decide on, newest first."""
    return list(session.scalars(
        select(ProposalRow.code).where(ProposalRow.status.in_(["draft", "returned", "submitted"]))
        .order_by(ProposalRow.created_at.desc(), ProposalRow.code.desc())
    ))
