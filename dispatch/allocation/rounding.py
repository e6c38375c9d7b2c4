"""Whole units from a linear programme: down, topped up by flows, floors restored.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from dispatch.allocation.answer import Planned
from dispatch.allocation.arcs import received
from dispatch.allocation.coupled import whole_floor
from dispatch.allocation.network import Network, item_network, unmet_costs
from dispatch.allocation.repair import Repair
from dispatch.allocation.rerouting import Rerouting
from dispatch.allocation.trucks import (
    TOLERANCE,
    Floats,
    Headroom,
    Item,
    room_by_place,
    top_up_order,
)
from dispatch.allocation.view import Ints, World

RunFlow = Callable[[Network, str], Ints]


def whole_units(
    world: World, items: Sequence[Item], answer: tuple[Floats, float], run_flow: RunFlow
) -> list[Planned]:
    """Rounded down, then topped up within what the trucks can still take: every item's
    floor first, then the rest.  ``answer``: columns, and the share of fair coverage promised."""
    x, share = answer
    parts = np.split(x, np.cumsum([len(item.arcs) for item in items]))
    sent = [np.floor(part + TOLERANCE).astype(np.int64) for part in parts[: len(items)]]
    floors = [whole_floor(item.share * item.view.wanted, share) for item in items]
    headroom = Headroom(world)
    for item, units in zip(items, sent, strict=True):
        headroom.take(item, units)

    def top_up(number: int, goal: Ints) -> None:
        item = items[number]
        network = _missing(world, item, (sent[number], goal), headroom)
        if network is not None:
            extra = run_flow(network, item.view.item_code)[: len(item.arcs)]
            headroom.take(item, extra)
            sent[number] += extra

    for number in top_up_order(world, items, is_floor=True):
        top_up(number, floors[number])
    Repair(world, items, sent, floors, headroom).run()
    for number in top_up_order(world, items, is_floor=False):
        top_up(number, items[number].view.wanted)
        _reroute(world, items[number], sent[number], headroom)
    return [
        Planned(item.view, item.arcs, units, floor, item.share, np.zeros(len(floor), dtype=bool))
        for item, units, floor in zip(items, sent, floors, strict=True)
    ]


def _missing(
    world: World, item: Item, now: tuple[Ints, Ints], headroom: Headroom
) -> Network | None:
    """The network that brings needs to their goals from what is left; None when nothing is missing."""
    sent, goal = now
    view = item.view
    used = np.bincount(item.arcs.o, weights=sent, minlength=len(view.lots)).astype(np.int64)
    wanted = np.maximum(0, goal - received(view, item.arcs, sent))
    if not wanted.any():
        return None
    rest = replace(view, units=view.units - used, wanted=wanted)
    demand = unmet_costs(world, rest, np.zeros_like(wanted))
    return item_network(rest, item.arcs, demand, room_by_place(world, item, headroom))


def _reroute(world: World, item: Item, sent: Ints, headroom: Headroom) -> None:
    """What is still missing and can come by others changing their lot; ``sent`` is changed in place.

    The flows above only add to what the linear programme sent.  Where the hours of trucks are
    limited an exchange could overrun them, so there nothing is changed.
    """
    view, arcs = item.view, item.arcs
    missing = view.wanted - received(view, arcs, sent)
    left = view.units - np.bincount(arcs.o, weights=sent, minlength=len(view.lots)).astype(np.int64)
    if not missing.any() or not left.any() or any(f.truck_s is not None for f in world.problem.fleet.values()):
        return
    may = np.zeros((len(view.lots), len(view.needs)), dtype=bool)
    may[arcs.o, arcs.j] = True
    used = np.flatnonzero(sent)
    flow = Rerouting(
        may, (left, room_by_place(world, item, headroom), view.place), (arcs.o[used], arcs.j[used], sent[used])
    )
    for j in np.lexsort((np.arange(len(missing)), -view.weight)).tolist():
        while missing[j] and (step := flow.augment(j, int(missing[j]))):
            missing[j] -= step[1]
    # arcs are ordered by (need, lot)
    keys = arcs.j * len(view.lots) + arcs.o
    now = np.bincount(
        np.searchsorted(keys, flow.need * len(view.lots) + flow.row), weights=flow.units, minlength=len(arcs)
    ).astype(np.int64)
    for arc in np.flatnonzero(now != sent).tolist():
        headroom.book(item, arc, int(now[arc] - sent[arc]))
    sent[:] = now
