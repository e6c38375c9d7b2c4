"""The typed facts: how many there are, that they sum up, that they hang together."""

import shutil
from collections import Counter
from pathlib import Path

import pytest
import shapely
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from dispatch.boundaries import load_boundaries, simplified
from dispatch.db import transaction
from dispatch.errors import InvalidInput
from dispatch.reference.load import (
    load_all,
    read_counties,
    read_edges,
    read_items,
    read_kits,
    read_teams,
    read_warehouses,
)
from dispatch.reference.read import DATA


def test_network_is_1_region_12_leagues_80_counties_and_23_districts_without() -> None:
    tiers = Counter(w.tier.value for w in read_warehouses())
    assert tiers == {"region": 1, "league": 12, "county": 80}
    counties = read_counties()
    assert len(counties) == 103
    assert sum(c.is_district for c in counties) == 23
    served = {w.serves_adcode for w in read_warehouses() if w.tier == "county"}
    assert served == {c.adcode for c in counties if not c.is_district}


def test_people_sum_to_the_2020_census() -> None:
    assert sum(c.population for c in read_counties()) == 24_049_155


def test_roads_join_all_counties() -> None:
    edges = read_edges()
    assert len(edges) == 317
    reached, frontier = {"150102"}, ["150102"]
    while frontier:
        here = frontier.pop()
        for edge in edges:
            for a, b in ((edge.from_adcode, edge.to_adcode), (edge.to_adcode, edge.from_adcode)):
                if a == here and b not in reached:
                    reached.add(b)
                    frontier.append(b)
    assert reached == {c.adcode for c in read_counties()}


def test_fifteen_teams_all_marked_assumption() -> None:
    teams = read_teams()
    assert Counter(t.tier for t in teams) == {"league": 12, "region": 3}
    assert all(t.is_assumption for t in teams)


def test_unverified_items_say_so() -> None:
    items = read_items()
    assert len(items) >= 20
    assert all(item.verified or "assum" in item.source for item in items)


def test_boundaries_cover_103_counties_and_stay_a_coverage_when_simplified() -> None:
    shapes = load_boundaries()
    assert set(shapes) == {c.adcode for c in read_counties()}
    coarse = simplified()
    assert shapely.coverage_is_valid(list(coarse.values()))
    for county in read_counties():
        assert shapes[county.adcode].contains(shapely.Point(county.seat.lon, county.seat.lat))


def test_every_bad_line_is_named_and_nothing_is_loaded(tmp_path: Path, bare: Engine) -> None:
    shutil.copytree(DATA, tmp_path / "data")
    path = tmp_path / "data" / "vehicle_classes.csv"
    lines = path.read_text("utf-8").splitlines()
    lines[1] = lines[1].replace(",1000,", ",0,", 1)
    lines[3] = lines[3] + ",one field too many"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(InvalidInput) as caught, transaction(bare) as session:
        load_all(session, tmp_path / "data")
    assert "line 2: payload_kg is '0'" in caught.value.message and "line 4" in caught.value.message
    assert caught.value.remedy_zh


@pytest.mark.parametrize("column", ["payload_kg", "volume_cm3"])
def test_the_database_refuses_a_truck_without_capacity(bare: Engine, column: str) -> None:
    with pytest.raises(DBAPIError), transaction(bare) as session:
        session.execute(text(f"UPDATE vehicle_class SET {column} = 0"))


def test_kits_name_only_catalogue_items() -> None:
    items = read_items()
    kits = read_kits(items)
    assert {kit.version for kit in kits} == {"2012-hq", "2024-cold"}
    assert sum(units for _, units in kits[0].parts) == 17
    with pytest.raises(InvalidInput, match="TORCH"):
        read_kits([item for item in items if item.code != "TORCH"])
