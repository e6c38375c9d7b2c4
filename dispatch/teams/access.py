"""Finding teams and members for an act, and refusing those who may not do it."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.accounts.store import get_account
from dispatch.audit.tables import AuditRow
from dispatch.errors import NotFound, Refused
from dispatch.teams.model import MemberStatus, Team
from dispatch.teams.privacy import Viewer
from dispatch.teams.tables import MemberRow, TeamRow

HERE = (MemberStatus.APPLIED, MemberStatus.ACTIVE, MemberStatus.PAUSED)
"""Those of whom a team may not share a telephone with another."""
PREFIX = "TM-"


def get_team(session: Session, code: str) -> Team:
    """A team; raises ``NotFound``."""
    row = session.get(TeamRow, code)
    if row is None:
        raise NotFound(f"There is no team {code}.", remedy="Choose one from the list.",
                       zh=f"没有编号为 {code} 的救援队。", remedy_zh="请从列表中选择。")
    return Team(**{name: getattr(row, name) for name in Team.__slots__})


def lock_member(session: Session, code: str) -> MemberRow:
    """A member's row, held until the transaction ends; raises ``NotFound``."""
    row = session.get(MemberRow, code, with_for_update=True, populate_existing=True)
    if row is None or row.erased_at is not None:
        raise NotFound(f"There is no member {code}.", remedy="Choose one from the team's page.",
                       zh=f"没有编号为 {code} 的队员。", remedy_zh="请从队伍页面选择。")
    return row


def viewer_of(session: Session, name: str) -> Viewer:
    """The account as a viewer of rosters; raises ``NotFound``."""
    team = session.scalar(select(MemberRow.team_code).where(
        MemberRow.account == name, MemberRow.status == MemberStatus.ACTIVE))
    return Viewer.of(get_account(session, name), team)


def check_manages(viewer: Viewer, team: Team) -> None:
    """``Refused`` unless the viewer is a planner or above in the team's place or above it."""
    if not viewer.manages(team):
        raise _refused(viewer, team, ("planner or above", "计划员、审批人或管理员"))


def check_keeps(viewer: Viewer, team: Team) -> None:
    """``Refused`` unless the viewer keeps the books in the team's place or above it."""
    if not viewer.keeps(team):
        raise _refused(viewer, team, ("storekeeper or above", "库管员、计划员、审批人或管理员"))


def _refused(viewer: Viewer, team: Team, who: tuple[str, str]) -> Refused:
    return Refused(
        f"The role {viewer.role} at {viewer.place} may not do this for {team.code}.",
        remedy=f"Ask a {who[0]} of the team's league or of the region.",
        zh=f"{viewer.place} 的角色 {viewer.role} 无权为 {team.name_zh} 进行此操作。",
        remedy_zh=f"请由该队所在盟市或自治区的{who[1]}操作。",
    )


def next_number(session: Session) -> int:
    """The number of the next member; one that was ever given in the record is not given again."""
    newest = [
        session.scalar(select(func.max(MemberRow.code))),
        session.scalar(select(func.max(AuditRow.subject)).where(AuditRow.subject.startswith(PREFIX))),
    ]
    return 1 + max((int(code[len(PREFIX):]) for code in newest if code), default=0)


def code_of(number: int) -> str:
    """The code of a member by number."""
    return f"{PREFIX}{number:06d}"
