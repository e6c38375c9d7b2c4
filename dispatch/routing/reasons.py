"""Why a route has this truck: what the next best would cost.  Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dispatch.routing.costs import route_cost_fen
from dispatch.routing.model import Shipment, Stop, VehicleClass
from dispatch.routing.plan import Tour
from dispatch.routing.problem import RoutingProblem
from dispatch.words import Words

FEN = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind of truck for a route and its cost; ``free`` of them stand unused."""

    kind: VehicleClass
    is_hired: bool
    cost_fen: int
    free: int


class Yards:
    """At each warehouse: own trucks that stand unused under a plan, and those that can be hired."""

    def __init__(self, problem: RoutingProblem, used: Sequence[Tour]) -> None:
        out = {t.vehicle_code for t in used}
        self.hired = Counter((t.warehouse_code, t.class_code) for t in used if t.is_hired)
        self.most = problem.rates.hire_most
        self.own: dict[str, Counter[str]] = defaultdict(Counter)
        for v in problem.vehicles:
            if v.code not in problem.pins.without:
                self.own[v.warehouse_code][v.class_code] += v.code not in out

    def free(self, warehouse_code: str, class_code: str, *, is_hired: bool) -> int | None:
        """Trucks of a class that could still be sent; None where there is no such truck."""
        if is_hired:
            return self.most - self.hired[warehouse_code, class_code] if self.most else None
        return self.own[warehouse_code].get(class_code)


def why_truck(problem: RoutingProblem, tour: Tour, stops: Sequence[Stop], yards: Yards) -> Words:
    """The truck, how full it is, and how the other trucks there compare."""
    loads = [problem.by_id[i] for i in tour.shipment_ids]
    mine = problem.classes[tour.class_code]
    kg = sum(s.load_g for s in loads) / 1000
    full = max(kg * 100 / mine.payload_kg, sum(s.load_cm3 for s in loads) * 100 / mine.volume_cm3)
    name_zh, name_en = _name(mine, tour.is_hired)
    tail_zh, tail_en = _compared(problem, tour, _choices(problem, tour, (loads, stops), yards))
    return Words(
        "route.hired" if tour.is_hired else "route.own",
        f"{name_zh}装载 {kg:,.0f} 千克，满载率 {full:.0f}%，{len(stops)} 个站点；{tail_zh}。",
        f"{name_en} carries {kg:,.0f} kg, {full:.0f} % full, {len(stops)} stop(s); {tail_en}.",
    )


def _name(kind: VehicleClass, is_hired: bool) -> tuple[str, str]:
    return ("租用" if is_hired else "自有") + kind.name_zh, ("hired " if is_hired else "own ") + kind.name_en


def _choices(
    problem: RoutingProblem, tour: Tour, carried: tuple[Sequence[Shipment], Sequence[Stop]], yards: Yards
) -> list[Choice]:
    """Every other kind of truck at this warehouse that could drive the same route, by cost."""
    loads, stops = carried
    places = [problem.warehouse_county[tour.warehouse_code], *(s.county for s in stops)]
    needs = frozenset().union(*(problem.skills.get(s.county, frozenset()) for s in stops))
    found = []
    for code, kind in problem.classes.items():
        if not fits(kind, loads) or not needs <= frozenset(kind.skills.split()):
            continue
        for is_hired in (False, True):
            free = yards.free(tour.warehouse_code, code, is_hired=is_hired)
            if (code, is_hired) != (tour.class_code, tour.is_hired) and free is not None:
                cost = route_cost_fen(problem, kind, is_hired, places)
                found.append(Choice(kind, is_hired, cost, free))
    return sorted(found, key=lambda c: (c.cost_fen, c.kind.code))


def fits(kind: VehicleClass, loads: Iterable[Shipment]) -> bool:
    """Whether a truck of this class holds all of it, by weight and room."""
    loads = list(loads)
    grams, cm3 = sum(s.load_g for s in loads), sum(s.load_cm3 for s in loads)
    return grams <= kind.payload_kg * 1000 and cm3 <= kind.volume_cm3


def _compared(problem: RoutingProblem, tour: Tour, choices: list[Choice]) -> tuple[str, str]:
    loads = [problem.by_id[i] for i in tour.shipment_ids]
    lanes = {(s.warehouse_code, s.county) for s in loads}
    pins = [p for p in problem.pins.trucks if p.vehicle_code == tour.vehicle_code]
    if any((p.warehouse_code, p.county) in lanes for p in pins):
        return "人工指定此车", "this truck was pinned by a person"
    if any(locked.vehicle_code == tour.vehicle_code for locked in problem.pins.locked):
        return "此车已装车或在途，保持不变", "this truck is loaded or on the road and stays as it is"
    places = [problem.warehouse_county[tour.warehouse_code]]
    counties = dict.fromkeys(s.county for s in loads)
    mine = route_cost_fen(problem, problem.classes[tour.class_code], tour.is_hired, [*places, *counties])
    busy = [c for c in choices if c.free <= 0 and c.cost_fen < mine]
    free = [c for c in choices if c.free > 0]
    if busy:
        zh, en = _name(busy[0].kind, busy[0].is_hired)
        head_zh = f"更便宜的{zh}（省 {_yuan(mine - busy[0].cost_fen)} 元）均已派出，"
        head_en = f"the cheaper {en} ({_yuan(mine - busy[0].cost_fen)} yuan less) are all out, "
    else:
        head_zh = head_en = ""
    if not free:
        return head_zh + "没有其他合适车辆", head_en + "no other truck is fit for it"
    zh, en = _name(free[0].kind, free[0].is_hired)
    more = free[0].cost_fen - mine
    if more >= 0:
        return f"{head_zh}次选{zh}，多 {_yuan(more)} 元", f"{head_en}next best {en}, {_yuan(more)} yuan more"
    return (
        f"{head_zh}{zh}空闲且省 {_yuan(-more)} 元，可改派",
        f"{head_en}the {en} stands free and would be {_yuan(-more)} yuan cheaper: it can be sent instead",
    )


def _yuan(fen: int) -> str:
    return f"{round(fen / FEN):,}"
