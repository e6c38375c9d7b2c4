"""One interface for the roads; the fact graph behind it, and Valhalla's answers read."""

from datetime import timedelta
from typing import Any

import pytest

from dispatch.errors import InvalidInput, NotFound, Unavailable
from dispatch.geo import LonLat
from dispatch.routing.backends import Closures, FactRoads, Point, weather_left
from dispatch.routing.roads import RoadConditions
from dispatch.routing.valhalla import ValhallaRoads, read_shape
from tests.builders import AT, SPEEDS, make_edge

H = timedelta(hours=1)
A, B, C, FAR = (Point(code, LonLat(116.0 + n, 44.0)) for n, code in enumerate(("a", "b", "c", "far")))
EDGES = (make_edge(1, "a", "b", 58), make_edge(2, "a", "c", 58), make_edge(3, "c", "b", 58))


def facts(conditions: RoadConditions | None = None) -> FactRoads:
    return FactRoads(EDGES, SPEEDS, conditions or RoadConditions(), AT)


def test_facts_answer_matrix_and_route() -> None:
    matrix = facts().matrix([A, B, FAR])
    assert matrix.duration_s["a", "b"] == 3600 and ("a", "far") not in matrix.duration_s
    route = facts().route(A, B)
    assert route is not None and [leg.edge_id for leg in route.legs] == [1]
    assert facts().route(A, FAR) is None


def test_a_closure_goes_before_what_the_facts_expect() -> None:
    opens_soon = facts(RoadConditions({}, {1: 0}, {1: ((AT + H / 2, 100),)}))
    waited, around = opens_soon.route(A, B), opens_soon.route(A, B, Closures(frozenset({1})))
    assert waited is not None and waited.wait_s == 1800
    assert around is not None and [leg.edge_id for leg in around.legs] == [2, 3]
    assert opens_soon.route(A, B, Closures(frozenset({1, 2}))) is None


def test_facts_refuse_what_they_cannot_place() -> None:
    with pytest.raises(InvalidInput, match="no course on the map"):
        facts().matrix([A], Closures(points=(A.at,)))
    with pytest.raises(InvalidInput, match="roads there are not: .99."):
        facts().matrix([A], Closures(frozenset({99})))
    with pytest.raises(InvalidInput, match="fewer than three corners"):
        Closures(areas=((A.at, B.at, A.at),))


def test_the_weather_left_is_that_of_the_worst_hazard() -> None:
    conditions = RoadConditions({"a": (("gale", 1), ("blizzard", 4)), "b": (("earthquake", 4),)})
    assert weather_left(SPEEDS, conditions) == {"a": 50, "b": 100}


class Answers:
    """A service that says what it is told to and keeps what it was asked."""

    def __init__(self, status: int, answer: dict[str, Any]) -> None:
        self.status, self.answer = status, answer
        self.asked: list[dict[str, Any]] = []

    def ask(self, action: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.asked.append(body)
        return self.status, self.answer


def test_a_table_with_holes_and_other_times_back() -> None:
    table = {"durations": [[0, 60, None], [90, 0, None], [None, None, None]], "distances": [[0, 1.0, None], [1.5, 0, None], [None] * 3]}
    service = Answers(200, {"sources_to_targets": table})
    matrix = ValhallaRoads(service, 1800, {"b": 50}).matrix([A, B, C])
    assert matrix.duration_s == {("a", "b"): 120, ("b", "a"): 180, ("a", "a"): 1800, ("b", "b"): 1800, ("c", "c"): 1800}
    assert matrix.distance_m["b", "a"] == 1500
    assert [leg.to_adcode for leg in matrix.path("a", "b")] == ["b"]
    assert matrix.drive("a", "c", AT) is None
    with pytest.raises(NotFound):
        matrix.path("a", "c")


def test_a_way_in_bad_weather_takes_longer_by_its_worse_end() -> None:
    service = Answers(200, {"trip": {"summary": {"time": 3600.4, "length": 58.0}}})
    route = ValhallaRoads(service, 1800, {"a": 80, "b": 50}).route(A, B)
    assert route is not None and (route.duration_s, route.distance_m) == (7200, 58_000)


@pytest.mark.parametrize("code", [170, 171, 442])
def test_no_way_is_an_answer(code: int) -> None:
    roads = ValhallaRoads(Answers(400, {"error_code": code, "error": "none"}), 1800)
    assert roads.route(A, B) is None
    assert roads.matrix([A, B]).duration_s == {("a", "a"): 1800, ("b", "b"): 1800}


def test_a_refusal_is_told() -> None:
    with pytest.raises(Unavailable, match="Exceeded max locations"):
        ValhallaRoads(Answers(400, {"error_code": 150, "error": "Exceeded max locations"}), 1800).route(A, B)


def test_closures_are_put_as_points_and_closed_rings() -> None:
    service = Answers(200, {"trip": {"summary": {"time": 1, "length": 1}}})
    ring = (LonLat(1, 1), LonLat(2, 1), LonLat(2, 2))
    ValhallaRoads(service, 1800).route(A, B, Closures(points=(B.at,), areas=(ring,)))
    (body,) = service.asked
    assert body["exclude_locations"] == [{"lon": 117.0, "lat": 44.0}]
    assert body["exclude_polygons"] == [[[1, 1], [2, 1], [2, 2], [1, 1]]]


def test_an_encoded_line_is_read() -> None:
    # a line the encoding's description gives with five decimals; here they count as six
    assert read_shape("_p~iF~ps|U_ulLnnqC_mqNvxq`@") == [LonLat(-12.02, 3.85), LonLat(-12.095, 4.07), LonLat(-12.6453, 4.3252)]
