"""``dispatch roads import|status|route``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from dispatch.cli.output import print_json
from dispatch.clock import SystemClock
from dispatch.config import Settings
from dispatch.errors import DispatchError, NotFound
from dispatch.reference.load import read_counties, read_edges
from dispatch.routing.backends import Closures, FactRoads, Point, RoadBackend
from dispatch.routing.conditions import RoadConditions
from dispatch.routing.imports import Facts, import_roads, roads_in_use
from dispatch.routing.service import Programs, ValhallaService
from dispatch.routing.speeds import load_speeds
from dispatch.routing.tiles import Tiles, load_rules
from dispatch.routing.valhalla import ValhallaRoads


@click.group()
def roads() -> None:
    """The roads: typed facts, or an imported OpenStreetMap extract."""


@roads.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.osm.pbf")
@click.option("--json", "as_json", is_flag=True)
def take_in(file: Path, as_json: bool) -> None:
    """Build tiles from an extract and compare it with the typed roads; what was in use stays until it is done."""
    settings = Settings.from_env()
    facts, names = _facts()
    tiles = import_roads(file, settings.roads_folder, Programs(), facts, SystemClock().now())
    if as_json:
        print_json(asdict(tiles))
        return
    _print_tiles(tiles)
    for number, typed_m, found_m in tiles.differing:
        click.echo(f"  {_road(number, facts, names)}: 道路表 typed {typed_m / 1000:,.0f} km, 导入 found {found_m / 1000:,.0f} km")
    for code in tiles.without_road:
        click.echo(f"  {names[code]} {code}: 附近无道路 no road near")
    if settings.roads == "facts":
        click.echo("→ 设置 DISPATCH_ROADS=valhalla 后启用 set DISPATCH_ROADS=valhalla to use it")


@roads.command()
@click.option("--json", "as_json", is_flag=True)
def status(as_json: bool) -> None:
    """Which roads are in use and why, and whose data they are."""
    settings = Settings.from_env()
    in_use, why = roads_in_use(settings.roads, settings.roads_folder, Programs())
    there, reason = roads_in_use("valhalla", settings.roads_folder, Programs())
    if as_json:
        print_json({"in_use": "valhalla" if in_use else "facts", "reason": why.as_dict(),
                    "imported": asdict(there) if there else None, "imported_reason": reason.as_dict()})
        return
    click.echo(f"{why.zh} · {why.en}")
    if there:
        _print_tiles(there)
    elif reason != why:
        click.echo(f"{reason.zh} · {reason.en}")


@roads.command()
@click.argument("origin")
@click.argument("destination")
@click.option("--closed", multiple=True, type=int, metavar="ROAD", help="number of a typed road to take as closed")
@click.option("--json", "as_json", is_flag=True)
def route(origin: str, destination: str, closed: tuple[int, ...], as_json: bool) -> None:
    """The quickest way between two counties (adcodes) in good weather, by the roads in use."""
    settings = Settings.from_env()
    facts, names = _facts()
    unknown = [code for code in (origin, destination) if code not in facts.seats]
    unknown_roads = sorted(set(closed) - {edge.id for edge in facts.edges})
    if unknown or unknown_roads:
        raise _unknown([*unknown, *map(str, unknown_roads)])
    a, b = (Point(code, facts.seats[code]) for code in (origin, destination))
    in_use, why = roads_in_use(settings.roads, settings.roads_folder, Programs())
    closures = Closures(frozenset(closed))
    if in_use:
        rules = load_rules()
        with ValhallaService(Programs(), settings.roads_folder / in_use.folder, rules.snap_m) as service:
            _tell(ValhallaRoads(service, load_speeds().local_delivery_s, {}, facts.edges, facts.seats, rules.differs_percent),
                  (a, b), closures, as_json, names)
        click.echo(f"{in_use.attribution} · {in_use.licence}", err=True)
    else:
        if settings.roads != "facts":
            click.echo(f"{why.zh} · {why.en}", err=True)
        _tell(FactRoads(facts.edges, load_speeds(), RoadConditions(), SystemClock().now()), (a, b), closures, as_json, names)


def _tell(backend: RoadBackend, ends: tuple[Point, Point], closures: Closures, as_json: bool, names: dict[str, str]) -> None:
    drive = backend.route(*ends, closures)
    if as_json:
        print_json({"roads": backend.name, "drive": asdict(drive) if drive else None})
    elif drive is None:
        click.echo("无路可通 · no open road")
    else:
        click.echo(f"{drive.distance_m / 1000:,.1f} km · {drive.duration_s / 3600:.1f} h  ({backend.name})")
        for leg in drive.legs:
            click.echo(f"  {names[leg.from_adcode]} → {names[leg.to_adcode]}  {leg.refs}  {leg.distance_m / 1000:,.0f} km")


def _facts() -> tuple[Facts, dict[str, str]]:
    counties = read_counties()
    return Facts(tuple(read_edges()), {c.adcode: c.seat for c in counties}), {c.adcode: c.name_zh for c in counties}


def _road(number: int, facts: Facts, names: dict[str, str]) -> str:
    edge = next(e for e in facts.edges if e.id == number)
    return f"{number} {names[edge.from_adcode]}-{names[edge.to_adcode]} {edge.refs}".rstrip()


def _print_tiles(tiles: Tiles) -> None:
    click.echo(f"{tiles.source}  {tiles.source_bytes / 1e6:,.1f} MB → {tiles.tile_bytes / 1e6:,.1f} MB, "
               f"道路 ways {tiles.ways:,}  ({tiles.program}, {tiles.imported_at})")
    click.echo(f"  比对 compared {tiles.compared}: 道路表 typed {tiles.typed_m / 1000:,.0f} km, 导入 found {tiles.compared_m / 1000:,.0f} km; "
               f"相差较大 differing {len(tiles.differing)}, 无路 without a way {len(tiles.without_way)}")
    click.echo(f"  {tiles.attribution} · {tiles.licence}")


def _unknown(what: list[str]) -> DispatchError:
    listed = ", ".join(what)
    return NotFound(f"There is no county or road {listed}.", remedy="Give six-digit adcodes of counties and numbers of the road table.",
                    zh=f"没有旗县或道路 {listed}。", remedy_zh="请填写旗县六位区划代码和道路表中的编号。")
