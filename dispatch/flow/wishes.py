"""What a coordinator wants otherwise: the weighing, what is fixed, what is left out.  Plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from dispatch.allocation.problem import LinePin
from dispatch.routing.pins import LockedTour, OrderPin, Pins, TruckPin
from dispatch.routing.road_wishes import RoadWish
from dispatch.teams.problem import TeamPins


@dataclass(frozen=True, slots=True)
class Wishes:
    """``mode`` is a way to weigh plans; ``alpha`` None = as the mode or the data says;
    ``without_warehouses`` send nothing; ``teams``: those that go to a county or stay; ``roads``:
    those closed or slowed for this plan."""

    mode: str = "balanced"
    alpha: float | None = None
    lines: tuple[LinePin, ...] = ()
    without_warehouses: frozenset[str] = frozenset()
    pins: Pins = Pins()
    teams: TeamPins = TeamPins()
    roads: tuple[RoadWish, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values for keeping, sets in order."""
        kept = asdict(self)
        kept["without_warehouses"] = sorted(self.without_warehouses)
        kept["pins"]["without"] = sorted(self.pins.without)
        kept["teams"]["stay"] = sorted(self.teams.stay)
        return kept


def wishes_from_json(kept: dict[str, Any]) -> Wishes:
    """The wishes that ``to_json`` wrote."""
    pins = kept["pins"]
    return Wishes(
        mode=kept["mode"],
        alpha=kept["alpha"],
        lines=tuple(LinePin(**line) for line in kept["lines"]),
        without_warehouses=frozenset(kept["without_warehouses"]),
        pins=Pins(
            trucks=tuple(TruckPin(**pin) for pin in pins["trucks"]),
            orders=tuple(OrderPin(o["vehicle_code"], tuple(o["counties"])) for o in pins["orders"]),
            locked=tuple(
                LockedTour(**{**t, "loads": tuple((w, c, n) for w, c, n in t["loads"])}) for t in pins["locked"]
            ),
            without=frozenset(pins["without"]),
        ),
        teams=TeamPins(
            tuple((t, c) for t, c in kept.get("teams", {}).get("go", ())), frozenset(kept.get("teams", {}).get("stay", ()))
        ),
        roads=tuple(RoadWish(**wish) for wish in kept.get("roads", ())),
    )


def weighing(wishes: Wishes, mode: str) -> Wishes:
    """The same wishes weighed another way."""
    return replace(wishes, mode=mode)
