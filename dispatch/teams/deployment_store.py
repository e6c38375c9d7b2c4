"""Deployments: rows to values, and the facts that a move rests on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.errors import NotFound
from dispatch.teams.deployment import ENDED, TO_ARRIVE, Deployment, Facts
from dispatch.teams.model import DeploymentState, MemberStatus, Muster
from dispatch.teams.tables import DeploymentRow, MemberRow, MusterRow
from dispatch.teams.watch import Called


def get_row(session: Session, code: str, *, lock: bool = False) -> DeploymentRow:
    """The row, locked for a change when asked; ``NotFound`` with a remedy."""
    row = session.get(DeploymentRow, code, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NotFound(
            f"There is no deployment {code}.", remedy="Choose one from the deployment board.",
            zh=f"没有编号为 {code} 的出队任务。", remedy_zh="请从出队列表中选择。",
        )
    return row


def deployment_of(row: DeploymentRow) -> Deployment:
    """A row as a value."""
    fields = {name: getattr(row, name) for name in Deployment.__slots__}
    return Deployment(**{**fields, "state": DeploymentState(row.state)})


def list_deployments(session: Session, *, states: Collection[DeploymentState]) -> tuple[Deployment, ...]:
    """Deployments in one of the states, the newest first."""
    rows = session.scalars(
        select(DeploymentRow).where(DeploymentRow.state.in_(states))
        .order_by(DeploymentRow.alerted_at.desc(), DeploymentRow.code.desc())
    )
    return tuple(deployment_of(row) for row in rows)


def find_open(session: Session, team: str) -> Deployment | None:
    """The deployment a team is in."""
    row = session.scalar(
        select(DeploymentRow).where(DeploymentRow.team_code == team, DeploymentRow.state.not_in(ENDED))
    )
    return deployment_of(row) if row else None


def find_successor(session: Session, code: str) -> Deployment | None:
    """The deployment that relieves this one, unless it was stood down or turned back on its way."""
    row = session.scalar(
        select(DeploymentRow)
        .where(DeploymentRow.relieves == code, DeploymentRow.state.in_(TO_ARRIVE) | DeploymentRow.on_site_at.is_not(None))
        .order_by(DeploymentRow.code.desc()).limit(1)
    )
    return deployment_of(row) if row else None


def list_called(session: Session, codes: Collection[str]) -> dict[str, tuple[Called, ...]]:
    """Deployment code → the members called for it, by code."""
    found: dict[str, list[Called]] = defaultdict(list)
    query = select(MusterRow).where(MusterRow.deployment.in_(codes)).order_by(MusterRow.member)
    for row in session.scalars(query):
        found[row.deployment].append(Called(row.member, Muster(row.muster), row.called_at, row.last_seen_at))
    return {code: tuple(people) for code, people in found.items()}


def facts_of(session: Session, row: DeploymentRow) -> Facts:
    """What a move of this deployment looks at."""
    people = list_called(session, [row.code]).get(row.code, ())
    away = tuple(p.member for p in people if p.muster is Muster.MUSTERED)
    active = session.scalar(
        select(MemberRow.code)
        .where(MemberRow.team_code == row.team_code, MemberRow.status == MemberStatus.ACTIVE.value).limit(1)
    )
    successor = find_successor(session, row.code)
    return Facts(len(away), away, bool(people) or active is not None, successor.state if successor else None)
