"""Writing the audit record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.audit.chain import FIELDS, link
from dispatch.audit.tables import AuditHeadRow, AuditRow
from dispatch.db import at_the_end

PENDING = "acts to record"


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what to which subject, with a word on why or how.

    ``seen``: the hash of what stood on the screen when it was decided.
    """

    actor: str
    action: str
    subject: str
    detail: str = ""
    seen: str = ""


def record(session: Session, act: Act, at: datetime) -> None:
    """Add one act to the record, in the caller's transaction.

    It is written with the chain at the very end of the transaction: writers take turns there.
    """
    session.info.setdefault(PENDING, []).append((act, at))
    at_the_end(session, "audit", _write)


def _write(session: Session) -> None:
    head = session.scalars(select(AuditHeadRow).with_for_update()).one()
    acts, chain = head.acts, head.chain
    for act, at in session.info.pop(PENDING):
        row = AuditRow(at=at, actor=act.actor, action=act.action, subject=act.subject, detail=act.detail, seen=act.seen)
        chain = row.chain = link(chain, {name: getattr(row, name) for name in FIELDS})
        acts += 1
        session.add(row)
        # one by one, so that ids follow the chain
        session.flush()
    head.acts, head.chain = acts, chain
