"""When a truck reaches each stop: loading, driving, breaks, sleep, waiting, unloading.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.routing.driving import Crew
from dispatch.routing.model import Leg, Shipment, Stop
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.roads import no_road


@dataclass(frozen=True, slots=True)
class Timetable:
    """A truck's day: departure, stops with their times, legs driven, seconds until the
    last unloading is done."""

    departs_at: datetime
    stops: tuple[Stop, ...]
    legs: tuple[Leg, ...]
    duration_s: int


def make_timetable(
    problem: RoutingProblem, warehouse_code: str, shipments: Sequence[Shipment]
) -> Timetable:
    """The times of a truck that takes these shipments in this order.

    Goods for one county are unloaded together, at the first visit.  The crew stands after
    ``driving.rest_after_s`` at the wheel and sleeps after a day's driving
    (道路交通安全法实施条例 art. 62(7)); unloading and waiting count when long enough.
    """
    leaves_at = problem.departs_at + timedelta(seconds=problem.load_s)
    clock, here = leaves_at, problem.warehouse_county[warehouse_code]
    crew = Crew(problem.driving)
    stops: list[Stop] = []
    driven: list[Leg] = []
    for county in dict.fromkeys(s.county for s in shipments):
        left_here = [s for s in shipments if s.county == county]
        legs, seconds = _drive(problem, (here, county), clock, crew)
        driven += legs
        clock += timedelta(seconds=seconds)
        opens = max((s.opens_at for s in left_here if s.opens_at), default=clock)
        wait_s = max(0, int((opens - clock).total_seconds()))
        stops.append(Stop(county, clock, tuple(s.id for s in left_here), wait_s))
        clock += timedelta(seconds=crew.stand(wait_s + problem.unload_s))
        here = county
    return Timetable(leaves_at, tuple(stops), tuple(driven), int((clock - leaves_at).total_seconds()))


def _drive(
    problem: RoutingProblem, pair: tuple[str, str], clock: datetime, crew: Crew
) -> tuple[tuple[Leg, ...], int]:
    """(legs as they are driven, seconds until there), breaks on the way included.

    The way is the one of first arrival; each road is taken as it is when the truck comes to
    it, which may be later than without breaks.
    """
    way = problem.matrix.drive(*pair, clock)
    if way is None:
        raise no_road(*pair)
    if not way.legs:
        return (), way.duration_s + crew.drive(way.duration_s)
    legs, began = [], clock
    for planned in way.legs:
        leg = problem.matrix.cross(planned, clock)
        clock += timedelta(seconds=crew.stand(leg.wait_s))
        clock += timedelta(seconds=leg.duration_s + crew.drive(leg.duration_s))
        legs.append(leg)
    return tuple(legs), int((clock - began).total_seconds())
