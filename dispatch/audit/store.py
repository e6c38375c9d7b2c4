"""Writing the audit record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.audit.tables import AuditRow


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what to which subject, with a word on why or how."""

    actor: str
    action: str
    subject: str
    detail: str = ""


def record(session: Session, act: Act, at: datetime) -> None:
    """Add one act to the record, in the caller's transaction."""
    session.add(
        AuditRow(at=at, actor=act.actor, action=act.action, subject=act.subject, detail=act.detail)
    )
