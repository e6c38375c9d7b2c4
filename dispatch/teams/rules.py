"""The team rule in force: what a ready team has, how long it goes, when it must be heard of."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "team_rule.toml"
Name = tuple[str, str]
"""(zh, en)"""


@dataclass(frozen=True, slots=True)
class SpecialityRule:
    """What a unit needs: holders per skill, pieces per kit item, fit vehicles per kind."""

    name: Name
    skills: Mapping[str, int]
    kit: Mapping[str, int]
    vehicles: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class HazardRule:
    """Holders per skill that a hazard asks for, and specialities of use, most first."""

    skills: Mapping[str, int]
    specialities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TeamWeights:
    """Minutes of arrival that one step of each is worth; ``full_weight`` the heaviest site's factor."""

    speciality_min: int
    readiness_min: int
    recent_min: int
    assumed_min: int
    most_per_site: int
    full_weight: int


@dataclass(frozen=True, slots=True)
class Standard:
    """Hours a team lives off its own and days of a tour where a team does not say; days of rest after
    it; hours a league or a hazard may be without a team."""

    self_sufficient_h: int = 72
    tour_days: int = 7
    rest_days: int = 3
    bare_limit_h: int = 12


@dataclass(frozen=True, slots=True)
class TeamRule:
    """``names`` per table (roles, skills, vehicles, items) map code to (zh, en); ``valid_months``
    per skill, 0 = for life; the rest as named in the file."""

    source: str
    is_assumption: bool
    unit_least: int
    self_sufficient_h: int
    tour_days: int
    rest_days: int
    travel_days: int
    spare_seats: int
    drill_every_days: int
    lapse_warning_days: int
    ready_per_mille: int
    assumed_per_mille: int
    check_in_every_h: int
    overdue_after_h: int
    late_after_min: int
    cover_h: int
    bare_limit_h: int
    retention_days: int
    seasons_days: int
    roles: Mapping[str, Name]
    skills: Mapping[str, Name]
    valid_months: Mapping[str, int]
    vehicles: Mapping[str, Name]
    seats: Mapping[str, int]
    items: Mapping[str, Name]
    specialities: Mapping[str, SpecialityRule]
    hazards: Mapping[str, HazardRule]
    weights: TeamWeights

    @property
    def standard(self) -> Standard:
        """What holds for a team that does not say."""
        return Standard(self.self_sufficient_h, self.tour_days, self.rest_days, self.bare_limit_h)

    def hazard(self, name: str) -> HazardRule:
        """The rule of a hazard, or that for all others."""
        return self.hazards.get(name) or self.hazards["other"]


FIGURES = (
    "source", "is_assumption", "unit_least", "self_sufficient_h", "tour_days", "rest_days", "travel_days", "spare_seats", "drill_every_days",
    "lapse_warning_days", "ready_per_mille", "assumed_per_mille", "check_in_every_h", "overdue_after_h", "late_after_min", "cover_h",
    "bare_limit_h", "retention_days", "seasons_days",
)


@lru_cache(maxsize=4)
def load_team_rule(path: Path = FILE) -> TeamRule:
    """Read the rule; raises ``KeyError`` where a figure is missing."""
    data = tomllib.loads(path.read_text("utf-8"))
    return TeamRule(
        **{name: data[name] for name in FIGURES},
        roles={code: (zh, en) for code, (zh, en) in data["roles"].items()},
        skills=_names(data["skills"]),
        valid_months={code: one["valid_months"] for code, one in data["skills"].items()},
        vehicles=_names(data["vehicles"]),
        seats={code: one["seats"] for code, one in data["vehicles"].items()},
        items=_names(data["items"]),
        specialities={
            code: SpecialityRule((s["zh"], s["en"]), s["skills"], s["kit"], s["vehicles"])
            for code, s in data["speciality"].items()
        },
        hazards={code: HazardRule(h["skills"], tuple(h["specialities"])) for code, h in data["hazard"].items()},
        weights=TeamWeights(**data["weights"]),
    )


def _names(table: Mapping[str, Any]) -> dict[str, Name]:
    return {code: (one["zh"], one["en"]) for code, one in table.items()}
