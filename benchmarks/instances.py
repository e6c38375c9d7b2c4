"""Public routing instances in their own formats: Cordeau, Solomon, VRPLIB.

The files are not part of the project; ``--instances DIR`` names where they are:
DIR/mdvrp, vrptw, cvrp, hfvrp and DIR/best_known.json.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

FAMILIES = ("mdvrp", "vrptw", "cvrp", "hfvrp")
# How a family counts Euclidean distances
EXACT, ROUNDED, TRUNCATED = "exact", "rounded", "truncated to 0.1"


@dataclass(frozen=True)
class Site:
    """A customer or depot: place, demand, window and service time."""

    x: float
    y: float
    demand: int = 0
    opens: float = 0.0
    closes: float = math.inf
    service: float = 0.0


@dataclass(frozen=True)
class Fleet:
    """``count`` like trucks at one depot; None = no limit."""

    depot: int
    count: int | None
    capacity: int
    fixed: float = 0.0
    unit: float = 1.0
    max_duration: float = math.inf


@dataclass(frozen=True)
class Instance:
    """One instance; ``best_known`` is None where no value is at hand."""

    name: str
    family: str
    customers: tuple[Site, ...]
    depots: tuple[Site, ...]
    fleets: tuple[Fleet, ...]
    rule: str
    best_known: float | None = None


def distance(rule: str, a: Site, b: Site) -> float:
    """The distance between two sites as the family counts it."""
    exact = math.hypot(a.x - b.x, a.y - b.y)
    if rule == ROUNDED:
        return float(int(exact + 0.5))
    return math.floor(exact * 10) / 10 if rule == TRUNCATED else exact


def route_cost(instance: Instance, fleet: Fleet, stops: tuple[int, ...]) -> float:
    """Fixed cost and distance of one route there and back."""
    depot = instance.depots[fleet.depot]
    way = [depot, *(instance.customers[u] for u in stops), depot]
    long = sum(distance(instance.rule, a, b) for a, b in zip(way, way[1:], strict=False))
    return fleet.fixed + fleet.unit * long


def load_instances(folder: Path, only: set[str]) -> list[Instance]:
    """All instances below the folder, or those named, in order of family and name."""
    known = _load_best_known(folder)
    by_family = (read_cordeau, read_solomon, read_vrplib, read_vrplib)
    readers = dict(zip(FAMILIES, by_family, strict=True))
    found = []
    for family in FAMILIES:
        for path in sorted((folder / family).glob("*")):
            if path.suffix == ".sol" or (only and path.stem not in only):
                continue
            text = path.read_text("utf-8")
            best = known.get(family, {}).get(path.stem)
            found.append(readers[family](path.stem, family, text, best))
    return [_with_solution(i, folder) for i in found]


def _load_best_known(folder: Path) -> dict[str, dict[str, float]]:
    path = folder / "best_known.json"
    raw = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return {key.split("_")[0]: value for key, value in raw.items()}


def _with_solution(instance: Instance, folder: Path) -> Instance:
    """Best known value re-costed from a .sol file beside the instance, if there is one."""
    path = folder / instance.family / f"{instance.name}.sol"
    if instance.best_known is not None or not path.exists():
        return instance
    total = 0.0
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("Route #") and line.split(":", 1)[1].strip():
            number, stops = line.removeprefix("Route #").split(":")
            # a plain CVRP numbers its routes freely, a mixed fleet by vehicle
            fleet = _vehicle(instance, int(number) - 1 if instance.family == "hfvrp" else 0)
            total += route_cost(instance, fleet, tuple(int(u) - 1 for u in stops.split()))
    return Instance(**{**instance.__dict__, "best_known": total})


def _vehicle(instance: Instance, number: int) -> Fleet:
    for fleet in instance.fleets:
        if fleet.count is None or number < fleet.count:
            return fleet
        number -= fleet.count
    raise ValueError(f"{instance.name} has no vehicle {number}")


def read_cordeau(name: str, family: str, text: str, best: float | None) -> Instance:
    """Cordeau's multi-depot format: vehicles per depot, limits per depot, customers, depots."""
    rows = [line.split() for line in text.splitlines() if line.split()]
    vehicles, customers, depots = (int(v) for v in rows[0][1:4])
    fleets = tuple(
        Fleet(d, vehicles, int(row[1]), max_duration=float(row[0]) or math.inf)
        for d, row in enumerate(rows[1 : 1 + depots])
    )
    sites = [
        Site(float(r[1]), float(r[2]), int(r[4]), service=float(r[3]))
        for r in rows[1 + depots : 1 + 2 * depots + customers]
    ]
    return Instance(
        name, family, tuple(sites[:customers]), tuple(sites[customers:]), fleets, EXACT, best
    )


def read_solomon(name: str, family: str, text: str, best: float | None) -> Instance:
    """Solomon's format: fleet, then the depot and customers with windows."""
    rows = [line.split() for line in text.splitlines()]
    numbers = [[float(v) for v in r] for r in rows if len(r) == 7 and r[0].isdigit()]
    fleet = next(r for r in rows if len(r) == 2 and r[0].isdigit())
    sites = [Site(r[1], r[2], int(r[3]), r[4], r[5], r[6]) for r in numbers]
    return Instance(
        name, family, tuple(sites[1:]), (sites[0],), (Fleet(0, int(fleet[0]), int(fleet[1])),),
        TRUNCATED, best,
    )


def read_vrplib(name: str, family: str, text: str, best: float | None) -> Instance:
    """VRPLIB with one depot; per-vehicle capacities, fixed and distance costs where given."""
    head: dict[str, str] = {}
    parts: dict[str, list[list[str]]] = {}
    part = ""
    for line in text.splitlines():
        words = line.replace(":", " : ", 1).split() if "SECTION" not in line else line.split()
        if not words or words[0] == "EOF":
            continue
        if words[0].endswith("_SECTION"):
            part = words[0]
            parts[part] = []
        elif len(words) > 2 and words[1] == ":":
            head[words[0]] = " ".join(words[2:])
        else:
            parts[part].append(words)
    demand = {r[0]: int(r[1]) for r in parts["DEMAND_SECTION"]}
    sites = [Site(float(r[1]), float(r[2]), demand[r[0]]) for r in parts["NODE_COORD_SECTION"]]
    rule = EXACT if family == "hfvrp" else ROUNDED
    fleets = _vrplib_fleets(head, parts)
    return Instance(name, family, tuple(sites[1:]), (sites[0],), fleets, rule, best)


def _vrplib_fleets(
    head: dict[str, str], parts: dict[str, list[list[str]]]
) -> tuple[Fleet, ...]:
    if "CAPACITY_SECTION" not in parts:
        return (Fleet(0, None, int(head["CAPACITY"])),)
    rooms = [int(r[1]) for r in parts["CAPACITY_SECTION"]]
    fixed, unit = (
        [float(r[1]) for r in parts[name]] if name in parts else [default] * len(rooms)
        for name, default in (
            ("VEHICLES_FIXED_COST_SECTION", 0.0), ("VEHICLES_UNIT_DISTANCE_COST_SECTION", 1.0)
        )
    )
    kinds: list[Fleet] = []
    for room, fee, rate in zip(rooms, fixed, unit, strict=True):
        if kinds and (kinds[-1].capacity, kinds[-1].fixed, kinds[-1].unit) == (room, fee, rate):
            last = kinds.pop()
            kinds.append(Fleet(0, (last.count or 0) + 1, room, fee, rate))
        else:
            kinds.append(Fleet(0, 1, room, fee, rate))
    return tuple(kinds)
