"""The networks the flow solvers are given, and what a cut says.  Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatch.allocation.arcs import Arcs, Demand
from dispatch.allocation.view import LAST_RANK, Bools, Ints, ItemView, World, delay_cost

PPM = 1_000_000


@dataclass(frozen=True)
class Network:
    """Arcs of a min-cost flow and the supply of its nodes (negative = demand)."""

    tail: Ints
    head: Ints
    most: Ints
    cost: Ints
    supply: Ints


def unmet_costs(world: World, view: ItemView, floor: Ints) -> Demand:
    """Costs so far apart that no saving of time outweighs a unit, and no units the floor.

    One more unit reroutes at most one unit on each arc of a path, so a missing unit
    dearer than the dearest such path makes the order of the aims strict.
    """
    farthest = world.farthest_s[view.column]
    dearest = int(delay_cost(world, view, farthest, np.arange(len(floor))).max(initial=0)) + LAST_RANK + 1
    unit = dearest * (min(len(view.lots), len(view.needs)) + 1)
    return Demand(floor, np.full_like(floor, 2 * unit * int(view.weight.max())), unit * view.weight)


def item_network(view: ItemView, arcs: Arcs, demand: Demand, room: Ints | None = None) -> Network:
    """Classes 0.., needs, source, then warehouses where ``room`` (units by grid row) limits them.

    The given arcs come first.
    """
    classes, needs = len(view.lots), len(view.needs)
    source = classes + needs
    every, each = np.arange(classes), classes + np.arange(needs)
    total = int(view.wanted.sum())
    if room is None:
        feed_tail, extra = np.full(classes, source), 0
        top_tail = top_head = top_most = np.zeros(0, dtype=np.int64)
    else:
        feed_tail, extra = source + 1 + view.place, len(room)
        top_tail, top_head, top_most = np.full(extra, source), source + 1 + np.arange(extra), np.minimum(room, total)
    free = np.zeros(classes + len(top_tail), dtype=np.int64)
    supply = np.zeros(source + 1 + extra, dtype=np.int64)
    supply[each], supply[source] = -view.wanted, total
    back = np.full(needs, source)
    return Network(
        tail=np.concatenate([arcs.o, feed_tail, top_tail, back, back]),
        head=np.concatenate([classes + arcs.j, every, top_head, each, each]),
        most=np.concatenate(
            [np.full(len(arcs), total), view.units, top_most, demand.floor, view.wanted - demand.floor]
        ),
        cost=np.concatenate([arcs.cost, free, demand.floor_cost, demand.rest_cost]),
        supply=supply,
    )


def share_network(view: ItemView, arcs: Arcs, share: Ints) -> tuple[Ints, Ints, Ints]:
    """(tail, head, most) asking ``share`` millionths of each need; source and sink come last."""
    classes, needs = len(view.lots), len(view.needs)
    source, sink = classes + needs, classes + needs + 1
    tail = np.concatenate([np.full(classes, source), arcs.o, classes + np.arange(needs)])
    head = np.concatenate([np.arange(classes), classes + arcs.j, np.full(needs, sink)])
    asked = share * view.wanted
    unlimited = np.full(len(arcs), int(asked.sum()) + 1)
    return tail, head, np.concatenate([view.units * PPM, unlimited, asked])


def cut_share(view: ItemView, share: Ints, spare: Bools, short: tuple[Bools, Bools]) -> int:
    """Millionths the needs held short can have at most: what reaches them over what they want.

    ``short`` are all needs behind the cut, and those of them not yet fixed.
    """
    behind, open_ = short
    reaching = int(view.units[~spare].sum()) * PPM
    fixed = int((share * view.wanted)[behind & ~open_].sum())
    return max(0, (reaching - fixed) // int(view.wanted[open_].sum()))
