"""Rosters as the assignment sees them, and what should not be left bare.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from dispatch.clock import to_local
from dispatch.teams.model import Roster
from dispatch.teams.problem import GOING, Candidate, Cover, keeps_cover
from dispatch.teams.readiness import Readiness, fit_to_go, has_roster, holders, readiness
from dispatch.teams.rules import TeamRule
from dispatch.words import Words


def candidates(
    rosters: Iterable[Roster], rule: TeamRule, day: date, recent: Mapping[str, int]
) -> tuple[Candidate, ...]:
    """Every team with its readiness; one without a roster goes by the assumption of the rule.

    A resting team is judged as rested: the assignment lets it leave no earlier than that.
    ``recent``: deployments of the season per team.
    """
    return tuple(_candidate(r, rule, day, recent.get(r.team.code, 0)) for r in rosters)


def _candidate(roster: Roster, rule: TeamRule, day: date, recent: int) -> Candidate:
    team = roster.team
    rested = day if team.rested_at is None else max(day, to_local(team.rested_at).date())
    found = readiness(roster, rule, rested)
    tour_end = rested + timedelta(days=rule.travel_days + (team.tour_days or rule.tour_days))
    is_fit = team.status in GOING and (found.is_assumed or found.is_ready(rule))
    if not found.is_assumed:
        is_fit = is_fit and len(fit_to_go(roster)) >= rule.unit_least
    return Candidate(
        team, found.per_mille, is_fit, found.is_assumed,
        not has_roster(roster) or sum(v.seats for v in roster.vehicles if v.is_fit) >= rule.unit_least,
        holders(roster, tour_end), tuple(s.words for s in found.steps) if team.status in GOING else _state(found), recent,
    )


def _state(found: Readiness) -> tuple[Words, ...]:
    return tuple(f.reason for f in found.factors if f.name in ("rest", "roster"))


def covers(
    ready: Sequence[Candidate], leagues: Mapping[str, tuple[str, str, str]], travel: tuple[TeamRule, Mapping[tuple[str, str], int]],
    at: datetime,
) -> tuple[Cover, ...]:
    """A cover for each league (within the rule's hours of its seat) and each kind of hazard.

    ``leagues``: adcode to (zh, en, county of the seat).  What nobody covers today cannot be
    left bare by sending somebody; who rests or has no vehicle covers nothing.  ``travel``: the
    rule and driving times.
    """
    rule, travel_s = travel
    able = [c for c in ready if keeps_cover(c, at)]
    limit_s = rule.cover_h * 3600
    found = [
        Cover(zh, en, frozenset(
            c.team.code for c in able if travel_s.get((c.team.home_county, seat), limit_s + 1) <= limit_s
        ), seat)
        for zh, en, seat in leagues.values()
    ]
    for code, hazard in rule.hazards.items():
        lead = hazard.specialities[0]
        zh, en = rule.specialities[lead].name
        if code != "other":
            others = tuple(c.team.code for s in hazard.specialities[1:] for c in able if c.team.speciality == s)
            own = frozenset(c.team.code for c in able if c.team.speciality == lead)
            found.append(Cover(f"{zh}专业", f"the speciality {en}", own, None, others))
    unique = {(c.zh, c.teams): c for c in found if c.teams}
    return tuple(unique.values())
