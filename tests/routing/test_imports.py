"""An extract taken in and driven on with the real programs."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.errors import InvalidInput, NotFound, Unavailable
from dispatch.geo import LonLat
from dispatch.routing import tiles as tiles_module
from dispatch.routing.backends import Closures, Point
from dispatch.routing.imports import Facts, compare, import_roads, roads_in_use
from dispatch.routing.roads import TravelMatrix
from dispatch.routing.service import Programs, ValhallaService
from dispatch.routing.tiles import Tiles, find_tiles, keep_tiles, load_rules
from dispatch.routing.valhalla import ValhallaRoads
from tests.builders import AT, make_edge
from tests.routing.extracts import facts_extract, write_extract

PROGRAMS = Programs()
needs_programs = pytest.mark.skipif(
    not PROGRAMS.serve.exists() and not os.environ.get("REQUIRE_VALHALLA"), reason="the Valhalla programs are not installed"
)
# a quick way a-b-c and an old road a-c, 44 N to 44.4 N; island-shore on its own; desert without roads
SEATS = {
    "a": LonLat(116.0, 44.0), "b": LonLat(116.6, 44.0), "c": LonLat(116.3, 44.4),
    "island": LonLat(119.0, 44.0), "shore": LonLat(119.2, 44.0), "desert": LonLat(105.0, 41.0),
}
EDGES = (
    make_edge(1, "a", "b", 50, refs="G1"), make_edge(2, "b", "c", 55, refs="G1"), make_edge(3, "a", "c", 110, refs="G3", road_class="county"),
    make_edge(4, "island", "shore", 17, refs=""),
)
FACTS = Facts((*EDGES, make_edge(5, "a", "island", 300)), SEATS)
POINTS = {code: Point(code, at) for code, at in SEATS.items()}


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # on the map all are as typed, but b-c is 40 % longer
    return facts_extract(tmp_path_factory.mktemp("extract") / "small.osm.pbf", EDGES, SEATS, {2: 1.4})


@pytest.fixture(scope="module")
def imported(extract: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Tiles]:
    folder = tmp_path_factory.mktemp("roads") / "deeper"
    return folder, import_roads(extract, folder, PROGRAMS, FACTS, AT)


@pytest.fixture(scope="module")
def roads(imported: tuple[Path, Tiles]) -> Iterator[ValhallaRoads]:
    folder, tiles = imported
    with ValhallaService(PROGRAMS, folder / tiles.folder, load_rules().snap_m) as service:
        yield ValhallaRoads(service, 1800, {}, FACTS.edges, SEATS, 12)


@needs_programs
def test_the_import_tells_size_km_and_what_differs(imported: tuple[Path, Tiles], extract: Path) -> None:
    folder, tiles = imported
    assert tiles.ways == 8 and tiles.source_bytes == extract.stat().st_size and tiles.tile_bytes > 1000
    assert tiles.program == "Valhalla 3.9.1" and len(tiles.sha256) == 64
    ((number, typed_m, found_m),) = tiles.differing
    assert (number, typed_m) == (2, 55_000) and found_m == pytest.approx(77_000, rel=0.01)
    assert tiles.without_road == ("desert",) and tiles.without_way == (5,)
    assert (tiles.compared, tiles.typed_m) == (4, 232_000)
    assert tiles.compared_m == pytest.approx(254_000, rel=0.01)
    assert "OpenStreetMap" in tiles.attribution and "ODbL" in tiles.licence
    assert find_tiles(folder) == tiles


@needs_programs
def test_route_and_matrix_agree_on_the_real_roads(roads: ValhallaRoads) -> None:
    matrix = roads.matrix(list(POINTS.values()))
    route = roads.route(POINTS["a"], POINTS["c"])
    assert route is not None
    assert route.distance_m == pytest.approx(127_000, rel=0.01)
    assert abs(route.distance_m - matrix.distance_m["a", "c"]) <= 2
    assert abs(route.duration_s - matrix.duration_s["a", "c"]) <= 2
    assert [leg.to_adcode for leg in matrix.path("a", "c")] == ["c"]
    assert roads.route(POINTS["a"], POINTS["a"]) is not None


@needs_programs
def test_isolated_places_are_missing_pairs_and_no_route(roads: ValhallaRoads) -> None:
    matrix = roads.matrix(list(POINTS.values()))
    for code in ("island", "desert"):
        assert ("a", code) not in matrix.duration_s and (code, "a") not in matrix.duration_s
        assert roads.route(POINTS["a"], POINTS[code]) is None
    assert ("island", "shore") in matrix.duration_s


def box(west: float, south: float, east: float, north: float) -> tuple[LonLat, ...]:
    return (LonLat(west, south), LonLat(east, south), LonLat(east, north), LonLat(west, north))


@needs_programs
@pytest.mark.parametrize("closures", [
    Closures(frozenset({1})), Closures(areas=(box(116.25, 43.9, 116.35, 44.05),)),
], ids=["a typed road", "an area"])
def test_a_closed_road_is_driven_around_in_route_and_matrix(roads: ValhallaRoads, closures: Closures) -> None:
    around = roads.route(POINTS["a"], POINTS["b"], closures)
    assert around is not None and around.distance_m == pytest.approx(187_000, rel=0.01)
    assert abs(roads.matrix([POINTS["a"], POINTS["b"]], closures).distance_m["a", "b"] - around.distance_m) <= 2


@needs_programs
def test_a_point_closes_its_road_and_all_closed_is_unreachable(roads: ValhallaRoads) -> None:
    middle = roads.find_on_map(1)
    assert 116.2 < middle.lon < 116.4
    around = roads.route(POINTS["a"], POINTS["b"], Closures(points=(middle,)))
    assert around is not None and around.distance_m > 180_000
    cut = Closures(areas=(box(116.5, 43.0, 116.55, 45.5),))
    assert roads.route(POINTS["a"], POINTS["b"], cut) is None
    assert ("a", "b") not in roads.matrix([POINTS["a"], POINTS["b"]], cut).duration_s


@needs_programs
@pytest.mark.parametrize("number", [2, 5, 77])
def test_a_closed_road_that_is_not_on_the_map_is_not_passed_over(roads: ValhallaRoads, number: int) -> None:
    with pytest.raises(NotFound, match=f"closed road {number} is not found"):
        roads.matrix([POINTS["a"], POINTS["b"]], Closures(frozenset({number})))


@needs_programs
def test_the_service_ends_by_its_handle_and_then_says_so(imported: tuple[Path, Tiles]) -> None:
    folder, tiles = imported
    with ValhallaService(PROGRAMS, folder / tiles.folder, 5000) as service:
        port = service.port
        assert service.ask("status", {})[0] == 200
    with pytest.raises(Unavailable, match="was not started"):
        service.ask("status", {})
    service.port = port
    with pytest.raises(OSError):
        service._post("status", {}, timeout_s=2)


@needs_programs
def test_the_service_ends_with_the_process_that_started_it(imported: tuple[Path, Tiles]) -> None:
    folder, tiles = imported
    service = ValhallaService(PROGRAMS, folder / tiles.folder, 5000)
    service.start()
    child = service._child
    assert child is not None and child.stdin is not None
    # what the system does with the pipe of a process that was killed
    child.stdin.close()
    assert child.wait(10) != 0
    with pytest.raises(Unavailable, match="does not answer"):
        service.ask("status", {})
    service.stop()


@needs_programs
def test_a_service_without_its_settings_tells_its_last_words(imported: tuple[Path, Tiles], tmp_path: Path) -> None:
    class Broken(Programs):
        def settings(self, tiles: Path, snap_m: int) -> dict[str, object]:
            return {"httpd": {"service": {}}}

    with pytest.raises(Unavailable, match="did not start: .*No such node"):
        ValhallaService(Broken(), tmp_path, 5000).start()


@needs_programs
def test_bad_extracts_are_refused_and_the_roads_in_use_stay(extract: Path, imported: tuple[Path, Tiles], tmp_path: Path) -> None:
    folder, tiles = imported
    river = write_extract(tmp_path / "river.osm.pbf", {1: SEATS["a"], 2: SEATS["b"]}, [([1, 2], {"waterway": "river"})])
    spoilt = tmp_path / "spoilt.osm.pbf"
    content = bytearray(extract.read_bytes())
    content[-60:-20] = bytes(40)
    spoilt.write_bytes(content)
    for path, said in ((river, "river.osm.pbf has no roads"), (spoilt, "could not be built into roads: PBF error|could not be built")):
        with pytest.raises(InvalidInput, match=said):
            import_roads(path, folder, PROGRAMS, FACTS, AT)
    assert find_tiles(folder) == tiles
    assert [p.name for p in folder.glob("tiles-*")] == [tiles.folder]


@needs_programs
def test_no_disk_space_and_no_place_are_told_first(extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="No place for the roads: .*file.*cannot be written"):
        import_roads(extract, tmp_path / "file" / "roads", PROGRAMS, FACTS, AT)
    monkeypatch.setattr(tiles_module, "load_rules", lambda: replace(load_rules(), free_disk_mb=10**9))
    with pytest.raises(Unavailable, match="MB free, 1000000000 MB are wanted"):
        import_roads(extract, tmp_path / "roads", PROGRAMS, FACTS, AT)


def test_without_programs_the_import_says_so_and_the_facts_are_used(extract: Path, tmp_path: Path) -> None:
    nowhere = Programs(tmp_path / "nowhere")
    with pytest.raises(Unavailable, match="cannot be used: they are not in"):
        import_roads(extract, tmp_path / "roads", nowhere, FACTS, AT)
    assert not (tmp_path / "roads").exists()
    foreign = Programs(tmp_path)
    foreign.build_tiles.parent.mkdir(parents=True)
    foreign.build_tiles.write_bytes(b"\x7fELF of another machine")
    foreign.build_tiles.chmod(0o755)
    with pytest.raises(Unavailable, match="do not run here"):
        foreign.version()


TILES = Tiles("tiles-1", "x.osm.pbf", "0" * 64, 10, 20, 3, AT.isoformat(), "Valhalla 3.9.1", "© OSM", "ODbL", differing=((1, 2, 3),))


def test_the_roads_in_use_by_setting_and_by_what_is_there(tmp_path: Path) -> None:
    there = Programs(tmp_path / "programs")
    there.build_tiles.parent.mkdir(parents=True)
    there.build_tiles.write_text("#!/bin/sh\necho valhalla_build_tiles 3.9.1\n")
    there.build_tiles.chmod(0o755)
    folder = tmp_path / "roads"

    def answer(wanted: str = "valhalla", programs: Programs = there) -> tuple[Tiles | None, str]:
        found, why = roads_in_use(wanted, folder, programs)
        return found, why.code

    assert answer() == (None, "roads_none")
    (folder / "tiles-1").mkdir(parents=True)
    keep_tiles(folder, TILES)
    assert answer() == (TILES, "roads_valhalla")
    assert answer("facts") == (None, "roads_facts")
    assert answer(programs=Programs(tmp_path / "nowhere")) == (None, "roads_fallback")
    shutil.rmtree(folder / "tiles-1")
    assert answer() == (None, "roads_fallback")
    for spoilt in ("{", "[]", json.dumps({"folder": "tiles-1"})):
        (folder / "roads.json").write_text(spoilt)
        assert answer() == (None, "roads_fallback")


def test_the_tiles_before_the_last_stay_for_who_reads_them(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        (tmp_path / f"tiles-{number}").mkdir()
        keep_tiles(tmp_path, replace(TILES, folder=f"tiles-{number}"))
    assert sorted(p.name for p in tmp_path.glob("tiles-*")) == ["tiles-2", "tiles-3"]


def test_of_roads_side_by_side_the_nearest_in_length_is_compared() -> None:
    found = TravelMatrix((), {}, {("b", "a"): 100_000}, {})
    beside = Facts((make_edge(1, "a", "b", 150), make_edge(2, "b", "a", 110)), {})
    assert compare(TILES, [found], beside, 12).differing == ()
    assert compare(TILES, [found], beside, 8).differing == ((2, 110_000, 100_000),)
    shorter = TravelMatrix((), {}, {("a", "b"): 109_000}, {})
    assert compare(TILES, [found, shorter], beside, 8).differing == ()
