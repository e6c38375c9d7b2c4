"""The relief rota drawn up from what is known: who holds which county, who could follow, by which road."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dispatch.clock import to_local
from dispatch.db import remembered
from dispatch.routing.roads import RoadConditions, build_matrix
from dispatch.routing.speeds import load_speeds
from dispatch.routing.store import list_edges
from dispatch.teams.candidates import candidates
from dispatch.teams.deployment import ENDED, TO_ARRIVE, Deployment
from dispatch.teams.deployment_store import list_deployments
from dispatch.teams.model import DeploymentState, Team
from dispatch.teams.rota import Post, Relief, Rota, RotaRule, load_rota_figures, plan_rota
from dispatch.teams.rules import TeamRule, load_team_rule
from dispatch.teams.store import list_rosters, list_teams

S = DeploymentState
KEPT_S = 300.0


def draw_rota(session: Session, at: datetime, days: int) -> Rota:
    """Who relieves whom for so many days, of the teams that are ready or out, by roads in good weather.

    A deployment that is followed by another is not to be relieved again, nor one that hands
    over to nobody.
    """
    rule, figures = load_team_rule(), load_rota_figures()
    rota = RotaRule(timedelta(hours=figures["overlap_h"]), timedelta(hours=figures["muster_h"]), timedelta(days=rule.rest_days))
    going = list_deployments(session, states=set(S) - ENDED)
    rosters = list_rosters(session)
    teams = {r.team.code: r.team for r in rosters}
    ready = {c.team.code for c in candidates(rosters, rule, to_local(at).date(), {}) if c.is_ready}
    relieved = {d.relieves for d in going if d.state in TO_ARRIVE or d.on_site_at}
    posts = [
        Post(d.code, d.team_code, d.county, _ends(d, teams[d.team_code], rule))
        for d in going if d.code not in relieved and d.state in (*TO_ARRIVE, S.ON_SITE)
    ]
    travel = _travel(session)
    known = {d.team_code: d for d in going}
    pool = [
        Relief(t.code, _free(known.get(t.code), t, at, rule), _tour(t, rule), travel.get(t.home_county, {}))
        # a team that is out now is judged when it has rested
        for t in teams.values() if t.code in ready or t.code in known
    ]
    return plan_rota(posts, pool, at + timedelta(days=days), rota)


def _tour(team: Team, rule: TeamRule) -> timedelta:
    return timedelta(days=team.tour_days or rule.tour_days)


def _ends(deployment: Deployment, team: Team, rule: TeamRule) -> datetime:
    return deployment.tour_ends_at or (deployment.expected_at or deployment.muster_by) + _tour(team, rule)


def _free(deployment: Deployment | None, team: Team, at: datetime, rule: TeamRule) -> datetime:
    """When a team has rested; the tour and the rest still to come are counted in full."""
    rest = timedelta(days=rule.rest_days)
    if deployment is None:
        return max(at, team.rested_at or at)
    if deployment.state is S.RESTING:
        return max(at, deployment.rested_at or at)
    if deployment.state is S.RETURNING:
        return at + rest
    return max(at, _ends(deployment, team, rule)) + rest


def _travel(session: Session) -> Mapping[str, Mapping[str, int]]:
    """Home county → county → seconds."""
    return remembered(session, "rota-travel", KEPT_S, lambda: _read_travel(session))


def _read_travel(session: Session) -> dict[str, dict[str, int]]:
    homes = {t.home_county for t in list_teams(session)}
    matrix = build_matrix(list_edges(session), load_speeds(), RoadConditions({}, {}), homes)
    found: dict[str, dict[str, int]] = {}
    for (origin, target), seconds in matrix.duration_s.items():
        found.setdefault(origin, {})[target] = seconds
    return found
