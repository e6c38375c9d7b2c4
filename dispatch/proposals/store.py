"""Proposal rows: add, lock, move on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from dispatch.clock import to_local
from dispatch.errors import NotFound
from dispatch.proposals.approval import Asked, Decided, Standing
from dispatch.proposals.authority import Reach
from dispatch.proposals.model import ProposalStatus
from dispatch.proposals.snapshot import canonical, text_hash
from dispatch.proposals.tables import DecisionRow, ProposalRow


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposal about to be kept: its situation, that situation's state, its body."""

    situation: str
    state_hash: str
    level: int | None
    body: Mapping[str, object]
    created_by: str


def next_code(session: Session, at: datetime) -> str:
    """P-YYYYMMDD-NNN, counted within the local day."""
    prefix = f"P-{to_local(at):%Y%m%d}-"
    query = select(func.count()).where(ProposalRow.code.startswith(prefix))
    return f"{prefix}{(session.scalar(query) or 0) + 1:03d}"


def add(
    session: Session, code: str, draft: Draft, at: datetime, situations: Sequence[str] = ()
) -> None:
    """Keep a new draft; older undecided ones of the same situation (``situations``: its own
    code and those merged into it) are superseded, approved ones stay untouched."""
    session.execute(
        update(ProposalRow)
        .where(
            ProposalRow.situation.in_({draft.situation, *situations}),
            ProposalRow.status.in_(["draft", "submitted", "returned"]),
        )
        .values(status=ProposalStatus.SUPERSEDED.value)
    )
    body = canonical(draft.body)
    session.add(
        ProposalRow(
            code=code,
            situation=draft.situation,
            state_hash=draft.state_hash,
            status=ProposalStatus.DRAFT.value,
            level=draft.level,
            created_at=at,
            created_by=draft.created_by,
            body=body,
            body_hash=text_hash(body),
        )
    )
    session.flush()


def get_row(session: Session, code: str, *, lock: bool = False) -> ProposalRow:
    """The row, locked for a change when asked; ``NotFound`` with a remedy."""
    # locked afresh: what this session read before it had the lock may be of yesterday
    row = session.get(ProposalRow, code, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NotFound(
            f"There is no proposal {code}.",
            remedy="`dispatch proposal list` shows the codes there are.",
            zh=f"没有编号为 {code} 的方案。",
            remedy_zh="可用 `dispatch proposal list` 查看现有方案编号。",
        )
    return row


def standing_of(
    session: Session, row: ProposalRow, body: Mapping[str, Any], reach: Reach | None = None
) -> Standing:
    """What the approval rules need of a row and its body; ``reach`` where a level's authority counts."""
    last = session.scalars(
        select(DecisionRow).where(DecisionRow.proposal == row.code).order_by(DecisionRow.id.desc()).limit(1)
    ).first()
    return Standing(
        row.code, ProposalStatus(row.status), row.submitted_by, row.body_hash, body["verified"],
        frozenset(editors_of(body)), reach, Decided(last.actor, last.at) if last and last.status == row.status else None,
    )


def list_decisions(session: Session, codes: Sequence[str]) -> list[DecisionRow]:
    """The decisions on these proposals, oldest first."""
    return list(session.scalars(select(DecisionRow).where(DecisionRow.proposal.in_(codes)).order_by(DecisionRow.id)))


def approval_of(session: Session, code: str) -> DecisionRow | None:
    """The decision that approved a proposal, None while nobody has."""
    return session.scalars(
        select(DecisionRow).where(DecisionRow.proposal == code, DecisionRow.status == ProposalStatus.APPROVED.value)
    ).first()


def editors_of(body: Mapping[str, Any]) -> list[str]:
    """Everybody who had a hand in a body or in those it was edited from."""
    return list(body.get("edited", {}).get("editors", ()))


def move(session: Session, row: ProposalRow, asked: Asked, at: datetime, comment: str = "") -> None:
    """Write the new status and the decision beside it."""
    row.status = asked.target.value
    if asked.target is ProposalStatus.SUBMITTED:
        row.submitted_by = asked.actor
    session.add(
        DecisionRow(
            proposal=row.code,
            at=at,
            actor=asked.actor,
            status=asked.target.value,
            seen_hash=asked.seen_hash,
            comment=comment,
        )
    )
    session.flush()
