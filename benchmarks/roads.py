"""How long the roads take to answer, for the 103 seats and their typed roads.

    python -m benchmarks.roads [--json FILE]

The fact graph as it stands, and by the hour with every twelfth road closed for five hours;
then, where the programs are installed, the same roads written as an OpenStreetMap extract,
imported, and asked of Valhalla.  Aim: a matrix of facts with its paths under 10 ms.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.report import finish, quantile
from dispatch.geo import LonLat
from dispatch.reference.load import read_counties, read_edges
from dispatch.routing.backends import Closures, Point
from dispatch.routing.imports import Facts, import_roads
from dispatch.routing.roads import RoadConditions, build_matrix
from dispatch.routing.service import Programs, ValhallaService
from dispatch.routing.speeds import load_speeds
from dispatch.routing.tiles import load_rules
from dispatch.routing.valhalla import ValhallaRoads
from tests.routing.extracts import facts_extract

AT = datetime(2021, 11, 8, tzinfo=UTC)
AREA = (LonLat(111.7, 40.5), LonLat(112.5, 40.5), LonLat(112.5, 41.2), LonLat(111.7, 41.2))


def timed(name: str, work: Callable[[], Any], runs: int, note: str = "") -> dict[str, Any]:
    """Best and median milliseconds of some runs."""
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    best, median = round(min(times), 2), round(quantile(times, 0.5), 2)
    return {"what": name, "best_ms": best, "median_ms": median, "runs": runs, "note": note}


def facts_rows(facts: Facts) -> Iterator[dict[str, Any]]:
    """The fact graph."""
    edges, speeds, places = facts.edges, load_speeds(), sorted(facts.seats)
    shut = [edge.id for edge in edges[::12]]
    ends = ((AT + timedelta(hours=5), 100),)
    closing = RoadConditions({}, dict.fromkeys(shut, 0), dict.fromkeys(shut, ends))
    yield timed(
        "facts: matrix 103 x 103 with paths",
        lambda: build_matrix(edges, speeds, RoadConditions(), places), 30,
    )
    yield timed(
        f"facts: the same by the hour, {len(shut)} roads closed for 5 h",
        lambda: build_matrix(edges, speeds, closing, places, AT), 30,
    )
    matrix = build_matrix(edges, speeds, closing, places)
    pairs = [(a, b) for a in places[::5] for b in places[::5]]
    row = timed(f"facts: {len(pairs)} drives by the hour",
                lambda: [matrix.drive(a, b, AT) for a, b in pairs], 5)
    yield {**row, "note": f"{row['median_ms'] / len(pairs) * 1000:.0f} us each"}


def valhalla_rows(facts: Facts) -> Iterator[dict[str, Any]]:
    """Valhalla on the same roads."""
    points = [Point(code, seat) for code, seat in sorted(facts.seats.items())]
    snap_m = load_rules().snap_m
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "roads"
        extract = facts_extract(Path(name) / "facts.osm.pbf", facts.edges, facts.seats)
        begun = time.perf_counter()
        tiles = import_roads(extract, folder, Programs(), facts, AT)
        took_ms = round((time.perf_counter() - begun) * 1000)
        yield {
            "what": "valhalla: import with comparison", "best_ms": took_ms, "median_ms": took_ms,
            "runs": 1, "note": f"{tiles.source_bytes // 1000} to {tiles.tile_bytes // 1000} KB, "
            f"{len(tiles.differing)} of {tiles.compared} pairs differ",
        }
        with ValhallaService(Programs(), folder / tiles.folder, snap_m) as service:
            yield from asked_rows(ValhallaRoads(service, 0), points)


def asked_rows(roads: ValhallaRoads, points: list[Point]) -> Iterator[dict[str, Any]]:
    """Questions to a running service."""
    yield timed("valhalla: matrix 103 x 103", lambda: roads.matrix(points), 3)
    closed = Closures(areas=(AREA,))
    holes = len(points) ** 2 - len(roads.matrix(points, closed).duration_s)
    yield timed("valhalla: matrix, an area closed", lambda: roads.matrix(points, closed), 3,
                f"{holes} pairs unreachable")
    yield timed("valhalla: route of 1,600 km", lambda: roads.route(points[0], points[50]), 20)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", type=Path)
    facts = Facts(tuple(read_edges()), {c.adcode: c.seat for c in read_counties()})
    arguments = parser.parse_args()
    rows = list(facts_rows(facts))
    if Programs().serve.exists():
        rows += valhalla_rows(facts)
    finish(rows, arguments.json)


if __name__ == "__main__":
    main()
