"""Taking an extract in: tiles built, compared with the typed roads, put to use; choosing the roads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from dispatch.errors import Unavailable
from dispatch.geo import LonLat
from dispatch.routing.backends import Point
from dispatch.routing.model import RoadEdge
from dispatch.routing.roads import TravelMatrix
from dispatch.routing.service import Programs, ValhallaService
from dispatch.routing.tiles import (
    Tiles,
    built_tiles,
    find_tiles,
    keep_tiles,
    load_rules,
    sha256_of,
    size_of,
)
from dispatch.routing.valhalla import ValhallaRoads
from dispatch.words import Words


@dataclass(frozen=True)
class Facts:
    """The typed roads and where their ends lie."""

    edges: Sequence[RoadEdge]
    seats: Mapping[str, LonLat]


def import_roads(source: Path, folder: Path, programs: Programs, facts: Facts, at: datetime) -> Tiles:
    """Build tiles from an extract, compare them with the facts and put them to use.

    The tiles in use before stay in use when anything fails; see ``built_tiles`` for what it raises.
    """
    rules = load_rules()
    with built_tiles(source, folder, programs) as (target, ways):
        points = [Point(code, seat) for code, seat in sorted(facts.seats.items())]
        with ValhallaService(programs, target, rules.snap_m) as service:
            quickest = ValhallaRoads(service, local_s=0).matrix(points)
            doubted = compare(_described(source, target, ways, programs, at), [quickest], facts, rules.differs_percent)
            shortest = _shortest(service, doubted, facts)
        tiles = compare(doubted, [quickest, shortest], facts, rules.differs_percent)
        keep_tiles(folder, tiles)
    return tiles


def _described(source: Path, target: Path, ways: int, programs: Programs, at: datetime) -> Tiles:
    """What is known of new tiles before they are compared."""
    rules = load_rules()
    return Tiles(
        folder=target.name, source=source.name, sha256=sha256_of(source), source_bytes=source.stat().st_size,
        tile_bytes=size_of(target), ways=ways, imported_at=at.isoformat(), program=f"Valhalla {programs.version()}",
        attribution=rules.attribution, licence=rules.licence,
    )


def _shortest(service: ValhallaService, doubted: Tiles, facts: Facts) -> TravelMatrix:
    """The shortest ways between the ends of the roads in doubt, one by one: a whole matrix of them is slow."""
    roads = ValhallaRoads(service, local_s=0, shortest=True)
    numbers = {number for number, _, _ in doubted.differing}
    found = TravelMatrix((), {}, {}, {})
    for edge in facts.edges:
        if edge.id in numbers:
            a, b = (Point(code, facts.seats[code]) for code in (edge.from_adcode, edge.to_adcode))
            drive = roads.route(a, b)
            if drive:
                found.distance_m[a.code, b.code] = drive.distance_m
    return found


def compare(tiles: Tiles, found: Sequence[TravelMatrix], facts: Facts, differs_percent: int) -> Tiles:
    """The tiles with what the extract says of each typed road.  Pure.

    ``found`` are the quickest ways, and the shortest where there was doubt.  The extract does not tell roads side by
    side apart and may go around an old road, so of every typed and found length of a pair the
    two nearest are compared.
    """
    beside: dict[tuple[str, str], list[RoadEdge]] = {}
    for edge in facts.edges:
        a, b = sorted((edge.from_adcode, edge.to_adcode))
        beside.setdefault((a, b), []).append(edge)
    differing, without_way, compared_m, typed_m, compared = [], [], 0, 0, 0
    for pair, edges in sorted(beside.items()):
        lengths = {m.distance_m[p] for m in found for p in (pair, pair[::-1]) if p in m.distance_m}
        if not lengths:
            without_way += [edge.id for edge in edges]
            continue
        _, number, typed, length = min((abs(e.distance_m - m), e.id, e.distance_m, m) for e in edges for m in lengths)
        compared, compared_m, typed_m = compared + 1, compared_m + length, typed_m + typed
        if abs(typed - length) * 100 > differs_percent * typed:
            differing.append((number, typed, length))
    reached = {code for matrix in found for pair in matrix.via for code in pair}
    return replace(
        tiles, compared=compared, compared_m=compared_m, typed_m=typed_m, differing=tuple(differing),
        without_road=tuple(sorted(set(facts.seats) - reached)), without_way=tuple(sorted(without_way)),
    )


def roads_in_use(wanted: str, folder: Path, programs: Programs) -> tuple[Tiles | None, Words]:
    """(the tiles to drive by, or None for the road facts; why), by the setting and what is there."""
    if wanted == "facts":
        return None, Words("roads_facts", "按设置使用道路表", "road facts, as set")
    try:
        tiles = find_tiles(folder)
        if tiles is None:
            return None, Words("roads_none", "未导入路网，使用道路表", "no roads imported: the road facts are used")
        programs.version()
    except Unavailable as error:
        return None, Words(
            "roads_fallback", f"{error.message_zh}改用道路表。", f"{error.message} The road facts are used."
        )
    return tiles, Words("roads_valhalla", "使用导入的路网", "imported roads")
