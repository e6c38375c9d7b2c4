"""What the planner is told beside its question: names, and the roads themselves.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dispatch.routing.conditions import RoadConditions
from dispatch.routing.model import RoadEdge
from dispatch.routing.speeds import SpeedTable

Names = tuple[str, str]


@dataclass(frozen=True)
class RoadFacts:
    """The roads themselves, to check what was made of them and to try what opening one would do."""

    edges: Sequence[RoadEdge]
    speeds: SpeedTable
    conditions: RoadConditions


@dataclass(frozen=True)
class Surroundings:
    """Names (Chinese, English) of counties and warehouses; a code without one stands for itself.

    Without ``roads`` no road can be tried open.
    """

    counties: Mapping[str, Names] = field(default_factory=dict)
    warehouses: Mapping[str, Names] = field(default_factory=dict)
    roads: RoadFacts | None = None

    def county(self, adcode: str) -> Names:
        """What a county is called."""
        return self.counties.get(adcode, (adcode, adcode))

    def warehouse(self, code: str) -> Names:
        """What a warehouse is called, with its code."""
        zh, en = self.warehouses.get(code, ("", ""))
        return (f"{zh}（{code}）", f"{en} ({code})") if zh else (code, code)
