"""The independent checker of a team assignment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from dispatch.teams.model import TeamAssignment, TeamResult
from dispatch.teams.problem import Candidate, TeamProblem


def violations(problem: TeamProblem, assignments: Sequence[TeamAssignment]) -> list[str]:
    """Every broken rule as a sentence; an empty list means the assignment stands."""
    candidates = {c.team.code: c for c in problem.candidates}
    sent = Counter(a.team_code for a in assignments)
    found = [f"team {c} is sent {n} times" for c, n in sent.items() if n > 1]
    found += [f"team {c} is to stay and is sent" for c in sorted(problem.pins.stay & set(sent))]
    for a in assignments:
        candidate = candidates.get(a.team_code)
        if candidate is None:
            found.append(f"team {a.team_code} is not there")
        else:
            found += _faults(problem, candidate, a)
    found += _too_many(problem, assignments)
    return found


def told_wrongly(problem: TeamProblem, result: TeamResult) -> list[str]:
    """What is told of an assignment and is not so: who stays, what is missing, what is left bare."""
    sent = {a.team_code: a for a in result.assignments}
    wanted = problem.wanted()
    idle = {c.team.code for c in problem.candidates} - set(sent) if wanted else set()
    found = []
    if Counter(s.team_code for s in result.stays) != Counter(idle):
        found.append("those told to stay are not those that are not sent")
    there = Counter(a.county for a in result.assignments)
    missing = {(site, n - there[site]) for site, n in wanted.items() if there[site] < n}
    if {(s.county, s.missing) for s in result.shortfalls if s.missing} != missing:
        found.append(f"the teams missing are {sorted(missing)}, not as told")
    vain = Counter(county for code, county in problem.pins.go if code not in sent or sent[code].county != county)
    if Counter(s.county for s in result.shortfalls if s.cause.code == "team.pin_in_vain") != vain:
        found.append("wishes that could not be met are not all told")
    if {s.county for s in result.shortfalls if s.cause.code == "team.unskilled"} != _unskilled(problem, result):
        found.append("missing certificates are not told as they are")
    return found + _told_bare(problem, result)


def _unskilled(problem: TeamProblem, result: TeamResult) -> set[str]:
    """Sites whose teams hold too few certificates; a team without a roster may hold any."""
    teams = {c.team.code: c for c in problem.candidates}
    found = set()
    for site in {a.county for a in result.assignments}:
        there = [teams[a.team_code] for a in result.assignments if a.county == site]
        if any(c.is_assumed for c in there):
            continue
        if any(sum(c.skills.get(skill, 0) for c in there) < n for skill, n in problem.skills.items()):
            found.add(site)
    return found


def _told_bare(problem: TeamProblem, result: TeamResult) -> list[str]:
    sent = {a.team_code: a for a in result.assignments}
    covers = [c for c in problem.covers if c.teams and c.teams <= sent.keys()]
    if Counter((c.zh, c.en) for c in covers) != Counter((b.zh, b.en) for b in result.bare):
        return ["what is left bare is not what is told"]
    limit, found = timedelta(hours=problem.standard.bare_limit_h), []
    for cover, told in zip(covers, result.bare, strict=True):
        if told.since != max(sent[code].departs_at for code in cover.teams):
            found.append(f"{told.en} is bare from another time than told")
        back = min(_back_at(problem, sent[code]) for code in cover.teams)
        wrong = told.until > back or (told.move_up is None and told.until != back)
        if wrong or told.is_beyond != (told.until - told.since > limit) or told.until < told.since:
            found.append(f"{told.en} is told bare for another time than it is")
    return found


def _back_at(problem: TeamProblem, trip: TeamAssignment) -> datetime:
    """When a team can be sent again: its tour over, home by the way it came, rested."""
    team = next(c.team for c in problem.candidates if c.team.code == trip.team_code)
    days = (team.tour_days or problem.standard.tour_days) + problem.standard.rest_days
    return trip.arrives_at + (trip.arrives_at - trip.departs_at) + timedelta(days=days)


def _faults(problem: TeamProblem, candidate: Candidate, a: TeamAssignment) -> list[str]:
    team, name = candidate.team, f"team {a.team_code}"
    found = []
    if not candidate.is_ready or team.status not in ("available", "standby", "resting"):
        found.append(f"{name} is not ready")
    if a.county not in problem.sites:
        found.append(f"{name} is sent to {a.county}, which is not affected")
    if problem.specialities and team.speciality not in problem.specialities:
        found.append(f"{name} is of no use here")
    if (team.self_sufficient_h or problem.standard.self_sufficient_h) < problem.sufficient_h.get(a.county, 0):
        found.append(f"{name} cannot live off its own long enough in {a.county}")
    for other, county in problem.pins.go:
        if other == a.team_code and county != a.county:
            found.append(f"{name} is fixed to {county} and sent to {a.county}")
    if a.departs_at < problem.alerted_at + timedelta(seconds=problem.muster_s):
        found.append(f"{name} leaves before it is mustered")
    if team.rested_at is not None and a.departs_at < team.rested_at:
        found.append(f"{name} leaves before it has rested")
    if a.tour_ends_at is not None and a.tour_ends_at - a.arrives_at != timedelta(days=problem.tour_days(candidate)):
        found.append(f"{name} has another tour than its own")
    return found + _drive_faults(problem, candidate, a)


def _drive_faults(problem: TeamProblem, candidate: Candidate, a: TeamAssignment) -> list[str]:
    name = f"team {a.team_code}"
    if a.rides == candidate.has_vehicle:
        return [f"{name} {'rides along though it has vehicles' if a.rides else 'has no vehicle'}"]
    if a.rides:
        ride = problem.rides.get((a.team_code, a.county))
        if ride is None or (ride.departs_at, ride.arrives_at) != (a.departs_at, a.arrives_at):
            return [f"{name} rides with no convoy that goes there"]
        return []
    seconds = problem.travel_s.get((candidate.team.home_county, a.county))
    if seconds is None:
        return [f"{name} has no road to {a.county}"]
    if a.arrives_at - a.departs_at != timedelta(seconds=seconds):
        return [f"{name} arrives at {a.arrives_at} without driving for it"]
    return []


def _too_many(problem: TeamProblem, assignments: Sequence[TeamAssignment]) -> list[str]:
    there = Counter(a.county for a in assignments)
    pinned = Counter(county for _, county in problem.pins.go)
    limit = problem.weights.most_per_site
    found = [f"{n} teams in {c}, {limit} are the most" for c, n in there.items() if n > max(limit, pinned[c])]
    if len(assignments) > max(problem.teams_wanted, len(problem.pins.go)) + len(problem.pins.go):
        found.append(f"{len(assignments)} teams are sent, {problem.teams_wanted} are wanted")
    return found
