"""The independent checker of a team assignment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from dispatch.teams.model import TeamAssignment
from dispatch.teams.problem import TeamProblem


def violations(problem: TeamProblem, assignments: Sequence[TeamAssignment]) -> list[str]:
    """Every broken rule as a sentence; an empty list means the assignment stands."""
    teams = {t.code: t for t in problem.teams}
    found = [f"team {c} is sent {n} times" for c, n in Counter(a.team_code for a in assignments).items() if n > 1]
    for a in assignments:
        team = teams.get(a.team_code)
        seconds = None if team is None else problem.travel_s.get((team.home_county, a.county))
        if team is None or team.status not in ("available", "standby"):
            found.append(f"team {a.team_code} is not ready")
        elif a.county not in problem.sites:
            found.append(f"team {a.team_code} is sent to {a.county}, which is not affected")
        elif seconds is None:
            found.append(f"team {a.team_code} has no road to {a.county}")
        elif a.arrives_at - problem.alerted_at != timedelta(seconds=problem.muster_s + seconds):
            found.append(f"team {a.team_code} arrives at {a.arrives_at} without driving for it")
    return found
