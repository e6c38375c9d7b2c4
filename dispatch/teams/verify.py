"""The independent checker of a team assignment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from dispatch.teams.model import TeamAssignment
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


def _faults(problem: TeamProblem, candidate: Candidate, a: TeamAssignment) -> list[str]:
    team, name = candidate.team, f"team {a.team_code}"
    found = []
    if not candidate.is_ready or team.status not in ("available", "standby", "resting"):
        found.append(f"{name} is not ready")
    if a.county not in problem.sites:
        found.append(f"{name} is sent to {a.county}, which is not affected")
    if problem.specialities and team.speciality not in problem.specialities:
        found.append(f"{name} is of no use here")
    if (team.self_sufficient_h or problem.standard[0]) < problem.sufficient_h.get(a.county, 0):
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
