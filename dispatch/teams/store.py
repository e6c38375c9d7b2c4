"""Relief teams: rows to values and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.teams.model import Team
from dispatch.teams.tables import TeamRow


def save_teams(session: Session, teams: Iterable[Team]) -> None:
    """Insert teams that are not there yet; a team's state is never reset by a reload."""
    for team in teams:
        if session.get(TeamRow, team.code) is None:
            session.add(TeamRow(**asdict(team)))
    session.flush()


def list_teams(session: Session) -> tuple[Team, ...]:
    """All teams, by code."""
    rows = session.scalars(select(TeamRow).order_by(TeamRow.code))
    return tuple(Team(**{n: getattr(r, n) for n in Team.__slots__}) for r in rows)
