"""What a route costs and whether it keeps the rules, from the question itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dispatch.routing.search.problem import SearchProblem, SearchRoute


def price_route(asked: SearchProblem, group: int, stops: tuple[int, ...]) -> float:
    """Fixed cost, distance, time, lateness and arrival of one route."""
    return _drive(asked, group, stops)[0]


def keeps_rules(asked: SearchProblem, group: int, stops: tuple[int, ...]) -> bool:
    """Whether one truck of the group may and can drive these stops in this order."""
    g = asked.groups[group]
    if asked.allowed is not None and not asked.allowed[list(stops), group].all():
        return False
    if sum(asked.stops[u].load_g for u in stops) > g.room_g:
        return False
    if sum(asked.stops[u].load_cm3 for u in stops) > g.room_cm3:
        return False
    return _drive(asked, group, stops)[1]


def _drive(asked: SearchProblem, group: int, stops: tuple[int, ...]) -> tuple[float, bool]:
    """Cost of a route, and whether times and length keep within their limits."""
    g = asked.groups[group]
    depot = len(asked.stops) + g.depot
    metres_of, seconds_of = asked.distance_m[g.profile], asked.duration_s[g.profile]
    here, now, metres, soft, serve, in_time = depot, g.leaves_s, 0, 0.0, 0.0, True
    for u in stops:
        stop = asked.stops[u]
        metres += int(metres_of[here, u])
        now = max(now + int(seconds_of[here, u]), stop.open_s)
        in_time = in_time and now <= stop.close_s
        soft += stop.arrival_cost_per_s * (now - g.leaves_s)
        soft += stop.late_cost_per_s * max(0, now - stop.due_s)
        now += stop.service_s
        here = u
        if asked.serve_cost is not None:
            serve += float(asked.serve_cost[u, group])
    metres += int(metres_of[here, depot]) * asked.returns_count_m
    now += int(seconds_of[here, depot]) * asked.returns_count_s
    lasts = now - g.leaves_s
    in_time = in_time and now <= g.back_by_s
    fits = in_time and lasts <= g.max_duration_s and metres <= g.max_distance_m
    return g.fixed_cost + g.cost_per_m * metres + g.cost_per_s * lasts + soft + serve, fits


def valid_routes(asked: SearchProblem, start: Sequence[SearchRoute]) -> tuple[SearchRoute, ...]:
    """Those of the given routes that keep all rules, priced anew, in their order.

    A route is left out that names an unknown group or stop, a stop another one has, or
    a truck more than there are.
    """
    taken: set[int] = set()
    used: Counter[int] = Counter()
    kept = []
    for route in start:
        own = set(route.stops)
        if not own or len(own) < len(route.stops) or own & taken:
            continue
        if not 0 <= route.group < len(asked.groups):
            continue
        count = asked.groups[route.group].count
        if not all(0 <= u < len(asked.stops) for u in own) or (
            count is not None and used[route.group] >= count
        ):
            continue
        if keeps_rules(asked, route.group, route.stops):
            taken |= own
            used[route.group] += 1
            kept.append(
                SearchRoute(route.group, route.stops, price_route(asked, route.group, route.stops))
            )
    return tuple(kept)
