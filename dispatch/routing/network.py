"""First arrivals over the roads, hour by hour: Dijkstra with waiting.  Pure."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from dispatch.errors import InvalidInput
from dispatch.routing.conditions import PACE_SCALE, Paces, RoadConditions, crossing, paces_of
from dispatch.routing.model import Leg, RoadEdge
from dispatch.routing.speeds import SpeedTable

NEVER = 1 << 62
Varying = tuple[int, Paces, Leg]
# last leg, second at which the truck comes to it, the way until there
Way = tuple[Leg, int, "Way"] | tuple[()]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """From one place: seconds after leaving, metres and last leg by node number.

    ``ways`` is kept where roads change by the hour: the way there may be another one than the
    ways to the places on it.
    """

    seconds: list[int]
    metres: list[int]
    via: list[Leg | None]
    ways: list[Way] = field(default_factory=list)


@dataclass(frozen=True)
class RoadNetwork:
    """The roads one way each: those that stay as they are, and those that change later.

    ``steady`` and ``varying`` go by the number of the node they leave, ``paces`` by edge id.
    """

    nodes: tuple[str, ...]
    number: dict[str, int]
    steady: tuple[tuple[tuple[int, int, Leg], ...], ...]
    varying: dict[int, tuple[Varying, ...]]
    paces: dict[int, Paces]

    def search(self, origin: int, leaves_s: int, goal: int = -1) -> Arrivals:
        """The first arrival everywhere, or until ``goal`` is reached, for who leaves at a second.

        Equal arrivals go to the shorter way, then to the place and the road numbered lower.
        """
        if self.varying:
            return self._by_hour(origin, leaves_s, goal)
        bits = len(self.nodes).bit_length()
        mask = (1 << bits) - 1
        best = [NEVER] * len(self.nodes)
        metres = [0] * len(self.nodes)
        via: list[Leg | None] = [None] * len(self.nodes)
        best[origin] = 0
        queue = [origin]
        pop, push, steady = heapq.heappop, heapq.heappush, self.steady
        while queue:
            key = pop(queue)
            here, seconds = key & mask, key >> bits
            if seconds > best[here]:
                continue
            if here == goal:
                break
            for there, step, leg in steady[here]:
                total = seconds + step
                if total <= best[there]:
                    run = metres[here] + leg.distance_m
                    if total < best[there]:
                        push(queue, total << bits | there)
                    elif run >= metres[there]:
                        continue
                    best[there], metres[there], via[there] = total, run, leg
        return Arrivals(best, metres, via)

    def _by_hour(self, origin: int, leaves_s: int, goal: int) -> Arrivals:
        """The same where roads change.

        Who comes to a closed road sooner by a longer way gains nothing: so a place is looked
        at again for each shorter way that gets there later.
        """
        best = [NEVER] * len(self.nodes)
        metres = [0] * len(self.nodes)
        shortest = [NEVER] * len(self.nodes)
        ways: list[Way | None] = [None] * len(self.nodes)
        queue: list[tuple[int, int, int, int, Way]] = [(0, 0, 0, origin, ())]
        number = 0
        while queue:
            seconds, run, _, here, way = heapq.heappop(queue)
            if run >= shortest[here]:
                continue
            shortest[here] = run
            if ways[here] is None:
                best[here], metres[here], ways[here] = seconds, run, way
            if here == goal:
                break
            arcs = (*self.steady[here], *_passable(self.varying.get(here, ()), leaves_s + seconds))
            for there, step, leg in arcs:
                if run + leg.distance_m < shortest[there]:
                    number += 1
                    onward = (leg, seconds, way)
                    heapq.heappush(queue, (seconds + step, run + leg.distance_m, number, there, onward))
        legs = [self._as_crossed(way, leaves_s) for way in ways]
        return Arrivals(best, metres, legs, [way or () for way in ways])

    def legs_of(self, way: Way, leaves_s: int) -> tuple[Leg, ...]:
        """The legs of a way, with the driving and waiting of who leaves at a second."""
        legs: list[Leg] = []
        while way:
            leg = self._as_crossed(way, leaves_s)
            legs += [leg] if leg else []
            way = way[2]
        return tuple(reversed(legs))

    def _as_crossed(self, way: Way | None, leaves_s: int) -> Leg | None:
        """The last leg of a way as it is for who comes to it by that way."""
        if not way:
            return None
        leg, seconds, _ = way
        if leg.edge_id not in self.paces:
            return leg
        passed = crossing(leg.distance_m, self.paces[leg.edge_id], leaves_s + seconds)
        return replace(leg, wait_s=passed[0], duration_s=passed[1]) if passed else None


def _passable(arcs: Iterable[Varying], at_s: int) -> Iterator[tuple[int, int, Leg]]:
    """The changing roads that will be open for who comes at a second, waits in the time."""
    for there, paces, leg in arcs:
        passed = crossing(leg.distance_m, paces, at_s)
        if passed is not None:
            yield there, passed[0] + passed[1], leg


def build_network(
    edges: Sequence[RoadEdge], speeds: SpeedTable, conditions: RoadConditions, *, by_hour: bool
) -> RoadNetwork:
    """The network under the conditions; without ``by_hour`` each road stays as it is now.

    Raises ``InvalidInput`` for a doubled or unknown edge id, an edge without length, and what
    ``paces_of`` refuses.
    """
    _refuse_bad(edges, conditions)
    nodes = tuple(sorted({end for e in edges for end in (e.from_adcode, e.to_adcode)}))
    number = {node: n for n, node in enumerate(nodes)}
    steady: list[dict[int, Leg]] = [{} for _ in nodes]
    varying: dict[int, list[Varying]] = {}
    changing: dict[int, Paces] = {}
    for edge in sorted(edges, key=lambda e: e.id):
        paces = paces_of(edge, speeds, conditions)
        if not by_hour:
            paces = paces[:1]
        if not any(pace for _, pace in paces):
            continue
        if len(paces) > 1:
            changing[edge.id] = paces
        now = paces[0][1]
        seconds = -(-edge.distance_m * PACE_SCALE // now) if now else 0
        ends = (edge.from_adcode, edge.to_adcode)
        for a, b in (ends, ends[::-1]):
            here, there = number[a], number[b]
            # of two steady roads side by side only the better is ever driven
            other = steady[here].get(there) if len(paces) == 1 else None
            if other and (other.duration_s, other.distance_m) <= (seconds, edge.distance_m):
                continue
            leg = Leg(edge.id, a, b, edge.distance_m, seconds, edge.refs)
            if len(paces) == 1:
                steady[here][there] = leg
            else:
                varying.setdefault(here, []).append((there, paces, leg))
    return RoadNetwork(
        nodes, number,
        tuple(tuple((b, out[b].duration_s, out[b]) for b in sorted(out)) for out in steady),
        {here: tuple(arcs) for here, arcs in varying.items()}, changing,
    )


def _refuse_bad(edges: Sequence[RoadEdge], conditions: RoadConditions) -> None:
    ids = [edge.id for edge in edges]
    unknown = sorted({*conditions.percent, *conditions.changes} - set(ids))
    if unknown:
        raise InvalidInput(
            f"The conditions speak of roads there are not: {unknown}.", remedy="Take them from these roads' notices.",
            zh=f"路况中有不存在的道路编号：{unknown}。", remedy_zh="请按现有道路的通告填写路况。", facts={"edges": unknown},
        )
    bad = sorted({i for i in ids if ids.count(i) > 1}) if len(set(ids)) < len(ids) else []
    bad += [edge.id for edge in edges if edge.distance_m < 1]
    if bad:
        raise InvalidInput(
            f"Roads with a doubled number or without length: {bad}.", remedy="Mend the road table.",
            zh=f"道路编号重复或里程无效：{bad}。", remedy_zh="请修改道路表。", facts={"edges": bad},
        )
