"""Loads the typed facts into the database, idempotently, by code."""

from __future__ import annotations

import tomllib
from pathlib import Path

from sqlalchemy.orm import Session

from dispatch.boundaries import load_boundaries
from dispatch.errors import InvalidInput
from dispatch.geo import LonLat
from dispatch.geography.store import save_counties, save_leagues
from dispatch.inventory.model import Item, Kit, Tier, Warehouse
from dispatch.inventory.store import save_items, save_kits, save_minimums, save_warehouses
from dispatch.places import REGION_ADCODE, County, League
from dispatch.reference.read import DATA, positive, read_csv
from dispatch.routing.model import RoadEdge, Vehicle, VehicleClass
from dispatch.routing.store import save_fleet, save_roads
from dispatch.teams.model import Team
from dispatch.teams.store import save_teams
from dispatch.warehousing.model import Facility
from dispatch.warehousing.store import load_standard, save_facilities

ROAD_CLASSES = ("expressway", "national", "provincial", "county")


def read_leagues(folder: Path = DATA) -> list[League]:
    """The 12 leagues and cities."""
    return read_csv(folder / "leagues.csv", lambda r: League(r["adcode"], r["name_zh"], r["name_en"]))


def read_counties(folder: Path = DATA) -> list[County]:
    """The 103 counties, the people of development zones added to their host."""
    return read_csv(folder / "counties.csv", _county)


def _county(row: dict[str, str]) -> County:
    return County(
        adcode=row["adcode"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        league_adcode=row["league_adcode"],
        seat=LonLat(float(row["lon"]), float(row["lat"])),
        area_km2=positive(row, "area_km2"),
        population=positive(row, "population_2020") + int(row["zone_population"]),
        is_district=row["kind"] == "district",
    )


def _item(row: dict[str, str]) -> Item:
    return Item(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        unit_zh=row["unit_zh"],
        unit_en=row["unit_en"],
        weight_g=positive(row, "weight_g"),
        volume_cm3=positive(row, "volume_cm3"),
        persons_per_unit=int(row["persons_per_unit"]),
        shelf_life_days=positive(row, "shelf_life_days") if row["shelf_life_days"] else None,
        season=row["season"],
        hazards=tuple(h for h in row["hazards"].split(",") if h),
        verified=row["verified"] == "1",
        source=row["source"],
    )


def read_items(folder: Path = DATA) -> list[Item]:
    """The catalogue."""
    return read_csv(folder / "items.csv", _item)


def read_kits(items: list[Item], folder: Path = DATA) -> list[Kit]:
    """Kit versions; every unknown part and every count below one is named."""
    known = {item.code for item in items}
    rows = tomllib.loads((folder / "kits.toml").read_text("utf-8"))["kit"]
    bad = [
        f"{row['item']} {row['version']}: part {part} x {units}"
        for row in rows
        for part, units in row["parts"].items()
        if part not in known or not isinstance(units, int) or units < 1
    ]
    bad += [f"{row['item']} is not in the catalogue" for row in rows if row["item"] not in known]
    if bad:
        raise InvalidInput(
            "kits.toml is refused: " + "; ".join(bad),
            remedy="Use item codes of the catalogue and whole counts above zero.",
            zh="kits.toml 被拒绝：" + "；".join(bad),
            remedy_zh="请使用物资目录中的编码和大于零的整数。",
            facts={"lines": bad},
        )
    return [
        Kit(row["item"], row["version"], row["from"], row["is_assumption"], row["source"],
            row["note_zh"], row["note_en"], tuple(row["parts"].items()))
        for row in rows
    ]


def _warehouse(row: dict[str, str]) -> Warehouse:
    return Warehouse(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        tier=Tier(row["tier"]),
        serves_adcode=row["serves_adcode"],
        league_adcode=row["league_adcode"],
        county_adcode=row["county_adcode"],
        location=LonLat(float(row["lon"]), float(row["lat"])),
    )


def read_warehouses(folder: Path = DATA) -> list[Warehouse]:
    """The 93 warehouses."""
    return read_csv(folder / "warehouses.csv", _warehouse)


def _edge(row: dict[str, str]) -> RoadEdge:
    if row["road_class"] not in ROAD_CLASSES:
        raise ValueError(f"road_class is {row['road_class']!r}, not one of {ROAD_CLASSES}")
    return RoadEdge(
        id=positive(row, "id"),
        from_adcode=row["from_adcode"],
        to_adcode=row["to_adcode"],
        distance_m=positive(row, "distance_m"),
        road_class=row["road_class"],
        refs=row["refs"],
        evidence=row["evidence"],
    )


def read_edges(folder: Path = DATA) -> list[RoadEdge]:
    """The 317 road edges."""
    return read_csv(folder / "road_edges.csv", _edge)


def _vehicle_class(row: dict[str, str]) -> VehicleClass:
    return VehicleClass(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        payload_kg=positive(row, "payload_kg"),
        volume_cm3=positive(row, "volume_cm3"),
        fixed_cost_fen=positive(row, "fixed_cost_fen"),
        cost_per_km_fen=positive(row, "cost_per_km_fen"),
        source=row["source"],
        skills=row["skills"],
    )


def read_vehicle_classes(folder: Path = DATA) -> list[VehicleClass]:
    """Kinds of truck; one of zero capacity is refused."""
    return read_csv(folder / "vehicle_classes.csv", _vehicle_class)


def make_fleet(warehouses: list[Warehouse], folder: Path = DATA) -> list[Vehicle]:
    """The default fleet of each warehouse by its tier (an assumption)."""
    rule = read_csv(
        folder / "fleet.csv", lambda r: (r["tier"], r["vehicle_class"], positive(r, "count"))
    )
    return [
        Vehicle(f"{w.code.removeprefix('WH-')}-{kind}-{n}", kind, w.code)
        for w in warehouses
        for tier, kind, count in rule
        if tier == w.tier
        for n in range(1, count + 1)
    ]


def _team(row: dict[str, str]) -> Team:
    return Team(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        tier=row["tier"],
        league_adcode=row["league_adcode"],
        home_county=row["home_county"],
        speciality=row["speciality"],
        staff=positive(row, "staff"),
        volunteers=positive(row, "volunteers"),
        status=row["status"],
        is_assumption=True,
    )


def read_teams(folder: Path = DATA) -> list[Team]:
    """The 15 relief teams."""
    return read_csv(folder / "teams.csv", _team)


def make_minimums(
    warehouses: list[Warehouse], counties: list[County], folder: Path = DATA
) -> dict[tuple[str, str], int]:
    """Safety stock per (warehouse, item): the tier's floor, or more by people served."""
    rule = tomllib.loads((folder / "stock_rule.toml").read_text("utf-8"))
    found = {}
    for warehouse in warehouses:
        people = sum(
            c.population for c in counties
            if warehouse.serves_adcode in (c.adcode, c.league_adcode, REGION_ADCODE)
        )
        share = rule["per_10000"].get(warehouse.tier, {})
        for item, floor in rule["minimum"][warehouse.tier].items():
            found[warehouse.code, item] = max(floor, round(share.get(item, 0) * people / 10_000))
    return found


def make_facilities(warehouses: list[Warehouse]) -> list[Facility]:
    """A first assumption of each warehouse's room by its tier, to be replaced by its keepers."""
    standard = load_standard()
    area = {Tier.REGION: 5200, Tier.LEAGUE: 400, Tier.COUNTY: 100}
    return [
        Facility(
            w.code, area[w.tier],
            area[w.tier] * standard.stack_height_m * standard.floor_used_percent * 10_000,
            area[w.tier] * standard.floor_load_kg_per_m2 * standard.floor_used_percent // 100,
            "", "", is_assumption=True,
        )
        for w in warehouses
    ]


def load_all(session: Session, folder: Path = DATA) -> None:
    """Read everything first (so that a bad line stops it whole), then save by code."""
    leagues = read_leagues(folder)
    counties, items, warehouses = (
        read_counties(folder), read_items(folder), read_warehouses(folder)
    )
    kits = read_kits(items, folder)
    edges, classes, teams = read_edges(folder), read_vehicle_classes(folder), read_teams(folder)
    save_leagues(session, leagues)
    save_counties(session, counties, load_boundaries())
    save_items(session, items)
    save_kits(session, kits)
    save_warehouses(session, warehouses)
    save_minimums(session, make_minimums(warehouses, counties, folder))
    save_roads(session, edges)
    save_fleet(session, classes, make_fleet(warehouses, folder))
    save_facilities(session, make_facilities(warehouses))
    save_teams(session, teams)
