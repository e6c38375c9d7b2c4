"""The typed facts: how many there are, that they sum up, that they hang together."""

from collections import Counter

import shapely

from dispatch.boundaries import load_boundaries, simplified
from dispatch.reference.load import (
    read_counties,
    read_edges,
    read_items,
    read_teams,
    read_warehouses,
)


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
