"""Readiness of all teams as it is and day by day."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.teams.model import Team
from dispatch.teams.readiness import Readiness, readiness
from dispatch.teams.rules import TeamRule
from dispatch.teams.store import list_rosters
from dispatch.teams.tables import ReadinessRow


@dataclass(frozen=True, slots=True)
class LeagueReadiness:
    """A league's teams: how many are ready, and the readiness of the readiest (None: no team)."""

    adcode: str
    teams: int
    ready: int
    best: int | None


def readiness_now(session: Session, rule: TeamRule, day: date) -> list[tuple[Team, Readiness]]:
    """Every team with its readiness on a day, by code."""
    return [(r.team, readiness(r, rule, day)) for r in list_rosters(session)]


def by_league(found: Sequence[tuple[Team, Readiness]], rule: TeamRule) -> dict[str, LeagueReadiness]:
    """Leagues that have a team, by adcode; the region's own teams count where they are at home."""
    leagues: dict[str, list[Readiness]] = {}
    for team, one in found:
        leagues.setdefault(f"{team.home_county[:4]}00", []).append(one)
    return {
        code: LeagueReadiness(
            code, len(ones), sum(o.is_ready(rule) for o in ones), max(o.per_mille for o in ones)
        )
        for code, ones in sorted(leagues.items())
    }


def keep_day(session: Session, rule: TeamRule, day: date) -> None:
    """Keep the readiness of a day; said again on the same day it takes the place of the former."""
    for team, one in readiness_now(session, rule, day):
        row = session.get(ReadinessRow, (team.code, day))
        if row is None:
            row = ReadinessRow(team_code=team.code, day=day, per_mille=None, factors="{}")
            session.add(row)
        row.per_mille = None if one.is_assumed else one.per_mille
        row.factors = json.dumps({f.name: f.per_mille for f in one.factors})
    session.flush()


def past_days(session: Session, team_code: str, since: date) -> list[tuple[date, int | None, dict[str, int]]]:
    """(day, thousandths or None where no roster was kept, factors) since a day, oldest first."""
    rows = session.scalars(
        select(ReadinessRow).where(ReadinessRow.team_code == team_code, ReadinessRow.day >= since).order_by(ReadinessRow.day)
    )
    return [(r.day, r.per_mille, json.loads(r.factors)) for r in rows]


def as_dict(team: Team, one: Readiness, rule: TeamRule) -> dict[str, Any]:
    """Plain values for JSON: score of 100, factors and steps with their words."""
    return {
        "team": team.code, "team_zh": team.name_zh, "team_en": team.name_en, "league": team.league_adcode,
        "speciality": team.speciality, "status": team.status, "readiness": one.per_mille / 10,
        "is_ready": one.is_ready(rule), "is_assumption": one.is_assumed,
        "factors": [{"name": f.name, "value": f.per_mille / 1000, **f.reason.as_dict()} for f in one.factors],
        "steps": [{"readiness": s.per_mille / 10, **s.words.as_dict()} for s in one.steps],
    }
