"""What the team assignment is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatch.teams.model import Team


@dataclass(frozen=True)
class TeamProblem:
    """``sites`` maps an affected county to its weight (people in need);
    ``travel_s`` maps (home county, site) to seconds, missing = unreachable;
    ``names`` maps adcode and team code to (zh, en)."""

    sites: Mapping[str, int]
    teams: tuple[Team, ...]
    travel_s: Mapping[tuple[str, str], int]
    alerted_at: datetime
    muster_s: int
    teams_wanted: int
    names: Mapping[str, tuple[str, str]]
