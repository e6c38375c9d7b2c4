"""Travel over the real graph and small ones: closures, weather, paths."""

from datetime import timedelta

from dispatch.alerts.model import RoadNotice
from dispatch.reference.load import read_edges
from dispatch.routing.roads import RoadConditions, build_matrix, edge_duration_s, edge_percent
from tests.builders import AT, SPEEDS, make_edge, make_matrix


def test_the_path_adds_up_to_the_duration() -> None:
    edges = read_edges()
    matrix = build_matrix(edges, SPEEDS, RoadConditions({}, {}), ["150102", "150526", "152921"])
    for a, b in (("150102", "150526"), ("152921", "150526")):
        legs = matrix.path(a, b)
        assert legs[0].from_adcode == a and legs[-1].to_adcode == b
        assert sum(leg.duration_s for leg in legs) == matrix.duration_s[a, b]
        assert sum(leg.distance_m for leg in legs) == matrix.distance_m[a, b]
        assert matrix.duration_s[a, b] == matrix.duration_s[b, a]


def test_a_closed_road_is_driven_around() -> None:
    edges = [make_edge(1, "a", "b", 100), make_edge(2, "a", "c", 100), make_edge(3, "c", "b", 100)]
    assert [leg.edge_id for leg in make_matrix(edges).path("a", "b")] == [1]
    assert [leg.edge_id for leg in make_matrix(edges, {1: 0}).path("a", "b")] == [2, 3]


def test_no_road_left_is_unreachable() -> None:
    matrix = make_matrix([make_edge(1, "a", "b")], {1: 0})
    assert ("a", "b") not in matrix.duration_s


def test_weather_slows_by_the_worse_end() -> None:
    edge = make_edge(1, "a", "b", 58)
    assert edge_duration_s(edge, SPEEDS, RoadConditions()) == 3600
    red = RoadConditions({"a": (("blizzard", 2),), "b": (("blizzard", 4),)})
    assert edge_duration_s(edge, SPEEDS, red) == 7200


def test_a_notice_means_its_road_number_at_its_counties_until_it_ends() -> None:
    edges = [make_edge(1, "150522", "b", refs="G45/G304"), make_edge(2, "150522", "c"), make_edge(3, "x", "y", refs="G45")]
    notice = RoadNotice("G45", ("150522",), 0.0, AT + timedelta(hours=1))
    assert edge_percent(edges, [notice], AT) == {1: 0}
    assert edge_percent(edges, [notice], AT + timedelta(hours=2)) == {}
    slower = RoadNotice("G45", ("150522",), 0.4)
    assert edge_percent(edges, [slower], AT) == {1: 40}
