"""Forgetting people who are gone: their data end with the time the rule allows, the counts stay."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from dispatch.audit.store import Act, record
from dispatch.teams.model import MemberStatus
from dispatch.teams.rules import load_team_rule
from dispatch.teams.tables import CertificateRow, MemberRow, NextOfKinRow

ACTOR = "retention"


def erase_overdue(session: Session, now: datetime) -> list[str]:
    """Blank what names the people who left, were refused or asked in vain too long ago; returns their codes.

    The rows stay, so that drills and deployments of the past keep their counts.  An application that
    nobody answered in that time ends as one that was taken back.
    """
    limit = now - timedelta(days=load_team_rule().retention_days)
    gone = or_(
        and_(MemberRow.status == MemberStatus.LEFT, MemberRow.left_at <= limit),
        and_(MemberRow.status == MemberStatus.REFUSED, MemberRow.reviewed_at <= limit),
        and_(MemberRow.status == MemberStatus.APPLIED, MemberRow.applied_at <= limit),
    )
    # held, so that an applicant who is taken in at this moment is not erased
    held = select(MemberRow).where(gone, MemberRow.erased_at.is_(None)).order_by(MemberRow.code).with_for_update()
    rows = list(session.scalars(held))
    for row in rows:
        if row.status == MemberStatus.APPLIED:
            row.status, row.left_at = MemberStatus.LEFT, now
        row.name, row.phone, row.account, row.review_note, row.erased_at = "", None, None, "", now
        session.execute(delete(NextOfKinRow).where(NextOfKinRow.member == row.code))
        session.execute(update(CertificateRow).where(CertificateRow.member == row.code).values(number=""))
        record(session, Act(ACTOR, "member.erase", row.code, row.team_code), now)
    session.flush()
    return [row.code for row in rows]
