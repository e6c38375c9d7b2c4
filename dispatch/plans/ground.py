"""What the rules must know of the places and of the hazards' grades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dispatch.plans.grade_table import GradeTable


@dataclass(frozen=True)
class Ground:
    """What the rules must know of the places: people, people per km², neighbours.

    ``strong_elsewhere`` maps a county to the hazards at orange or above that other
    situations have there; ``grades`` are the hazard grades in force.
    """

    population: Mapping[str, int] = field(default_factory=dict)
    density: Mapping[str, float] = field(default_factory=dict)
    neighbours: Mapping[str, frozenset[str]] = field(default_factory=dict)
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    strong_elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    grades: GradeTable | None = None

    def name(self, place: str) -> tuple[str, str]:
        """(Chinese, English) name of a place; its code when the name is not known."""
        return self.names.get(place, (place, place))
