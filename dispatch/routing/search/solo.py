"""Which truck can serve a stop alone, and at what price."""

from __future__ import annotations

from dispatch.routing.search.arrays import Array
from dispatch.routing.search.compiled import compiled


@compiled
def list_solo(
    stops: Array, groups: Array, allowed: Array, serve: Array,
    metres: Array, seconds: Array, rows: tuple[int, int], group: Array, cost: Array, size: Array,
) -> None:
    """For the stops of ``rows`` the groups that can serve each alone, in their order."""
    charged = serve.size > 0
    for u in range(rows[0], rows[1]):
        stop = stops[u]
        for h in range(len(groups)):
            if not allowed[u, h]:
                continue
            g = groups[h]
            if stop.load_a > g.room_a or stop.load_b > g.room_b:
                continue
            long = metres[g.profile, g.depot, u] + metres[g.profile, u, g.depot]
            starts = max(g.leaves + seconds[g.profile, g.depot, u], stop.open)
            ends = starts + stop.service + seconds[g.profile, u, g.depot]
            if starts > stop.close or ends > g.back_by or long > g.most_m:
                continue
            if ends - g.leaves > g.most_s:
                continue
            price = g.fixed + g.per_m * long + g.per_s * (ends - g.leaves)
            price += stop.arrive * (starts - g.leaves) + stop.late * max(0, starts - stop.due)
            if charged:
                price += serve[u, h]
            group[u, size[u]], cost[u, size[u]] = h, price
            size[u] += 1
