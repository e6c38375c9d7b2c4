"""What a unit takes of a warehouse's trucks, and what they can still take.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.allocation.arcs import Arcs
from dispatch.allocation.problem import AllocationProblem, Fleet
from dispatch.allocation.view import Ints, ItemView, World

Floats = NDArray[np.float64]
GRAMS = 1000
DEFAULT_WEIGHT_G = 1000
TOLERANCE = 1e-7


@dataclass(frozen=True)
class Item:
    """One item's view, its arcs, and ``share``: fair coverage of each need without trucks."""

    view: ItemView
    arcs: Arcs
    share: Floats


def item_mass_g(problem: AllocationProblem, item_code: str) -> int:
    """Grams of one unit; a kilogram where the catalogue has none."""
    return problem.item_weight_g.get(item_code) or DEFAULT_WEIGHT_G


def use_of(problem: AllocationProblem, fleet: Fleet, item_code: str, seconds: Ints) -> dict[str, Floats]:
    """What a unit driven so long takes of each limit that the fleet has."""
    grams = item_mass_g(problem, item_code)
    ones = np.ones(len(seconds))
    taken = {}
    if fleet.load_g is not None:
        taken["load_g"] = ones * grams
    if fleet.load_cm3 is not None:
        taken["load_cm3"] = ones * problem.item_volume_cm3[item_code]
    if fleet.truck_s is not None:
        taken["truck_s"] = 2 * seconds * grams / fleet.payload_g
    return taken


def seconds_of(world: World, item: Item) -> Ints:
    """Travel of each arc."""
    seconds: Ints = world.grid.seconds[item.view.place[item.arcs.o], item.view.column[item.arcs.j]]
    return seconds


class Headroom:
    """What the trucks of each warehouse can still take."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.left = {
            code: {
                name: float(limit)
                for name in ("load_g", "load_cm3", "truck_s")
                if (limit := getattr(fleet, name)) is not None
            }
            for code, fleet in world.problem.fleet.items()
        }

    def take(self, item: Item, sent: Ints) -> None:
        """Book units on the arcs of an item."""
        seconds = seconds_of(self.world, item)
        for code, fleet in self.world.problem.fleet.items():
            mine = (item.view.place[item.arcs.o] == self.world.grid.row.get(code)) & (sent > 0)
            for name, used in use_of(
                self.world.problem, fleet, item.view.item_code, seconds[mine]
            ).items():
                self.left[code][name] -= float((used * sent[mine]).sum())

    def book(self, item: Item, arc: int, units: int) -> None:
        """Book (or with a negative number give back) units on one arc."""
        row = int(item.view.place[item.arcs.o[arc]])
        code = self.world.grid.warehouses[row]
        fleet = self.world.problem.fleet.get(code)
        if fleet is not None:
            seconds = self.world.grid.seconds[row, item.view.column[item.arcs.j[[arc]]]]
            used = use_of(self.world.problem, fleet, item.view.item_code, seconds)
            for name, amount in used.items():
                self.left[code][name] -= float(amount[0]) * units

    def units(self, item_code: str, code: str, seconds: int) -> int | None:
        """How many more units can leave on a drive so long; None = no limit."""
        fleet = self.world.problem.fleet.get(code)
        if fleet is None:
            return None
        used = use_of(self.world.problem, fleet, item_code, np.array([seconds]))
        room = [self.left[code][n] / float(u[0]) for n, u in used.items() if u[0] > 0]
        return max(0, int(min(room) + TOLERANCE)) if room else None

    def is_kept(self) -> bool:
        """True while no limit is overrun."""
        return all(v >= -TOLERANCE * GRAMS for left in self.left.values() for v in left.values())


def room_by_place(world: World, item: Item, headroom: Headroom) -> Ints:
    """Units of an item that each warehouse can still load, on its longest drive of the item."""
    longest = np.zeros(len(world.grid.warehouses), dtype=np.int64)
    np.maximum.at(longest, item.view.place[item.arcs.o], seconds_of(world, item))
    everything = int(item.view.units.sum())
    room = np.full(len(longest), everything)
    for row, code in enumerate(world.grid.warehouses):
        units = headroom.units(item.view.item_code, code, int(longest[row]))
        room[row] = everything if units is None else min(units, everything)
    return room


def top_up_order(world: World, items: Sequence[Item], *, is_floor: bool) -> list[int]:
    """For floors the heaviest items first, as what they leave fits light ones; else the most urgent."""
    def rank(number: int) -> tuple[int, str]:
        view = items[number].view
        first = item_mass_g(world.problem, view.item_code) if is_floor else int(view.weight.max())
        return -first, view.item_code

    return sorted(range(len(items)), key=rank)
