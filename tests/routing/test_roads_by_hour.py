"""Roads by the hour: a closed road is waited for or driven around, whichever arrives first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.alerts.model import RoadNotice
from dispatch.errors import InvalidInput, NotFound
from dispatch.reference.load import read_edges
from dispatch.routing.conditions import crossing, paces_of, road_conditions, whole_second
from dispatch.routing.model import Drive, Leg, RoadEdge
from dispatch.routing.road_check import road_violations
from dispatch.routing.roads import RoadConditions, TravelMatrix, build_matrix
from tests.builders import AT, SPEEDS, make_edge

H = timedelta(hours=1)
# 58 km of national road are an hour's drive
STRAIGHT = make_edge(1, "a", "b", 58)
AROUND = [make_edge(2, "a", "c", 116), make_edge(3, "c", "b", 116)]


def matrix(edges: list[RoadEdge], conditions: RoadConditions, leaves_at: datetime | None = None) -> TravelMatrix:
    return build_matrix(edges, SPEEDS, conditions, {e.from_adcode for e in edges} | {e.to_adcode for e in edges}, leaves_at)


def closed(edge: int, hours: float) -> RoadConditions:
    return RoadConditions({}, {edge: 0}, {edge: ((AT + hours * H, 100),)})


def drive(edges: list[RoadEdge], conditions: RoadConditions, leaves_at: datetime = AT) -> Drive | None:
    return matrix(edges, conditions).drive("a", "b", leaves_at)


def test_a_short_closure_is_waited_for() -> None:
    found = drive([STRAIGHT, *AROUND], closed(1, 2))
    assert found == Drive((Leg(1, "a", "b", 58_000, 3600, "G1", 7200),), 58_000, 3600, 7200)


def test_a_long_closure_is_driven_around() -> None:
    found = drive([STRAIGHT, *AROUND], closed(1, 3.5))
    assert found is not None
    assert [leg.edge_id for leg in found.legs] == [2, 3]
    assert (found.distance_m, found.duration_s, found.wait_s) == (232_000, 4 * 3600, 0)


def test_who_leaves_later_waits_less_and_then_not_at_all() -> None:
    waits = [drive([STRAIGHT], closed(1, 2), AT + hour * H) for hour in (0, 1, 2, 3)]
    assert [w.wait_s for w in waits if w] == [7200, 3600, 0, 0]


def test_a_closure_without_end_is_never_used() -> None:
    assert drive([STRAIGHT], RoadConditions({}, {1: 0})) is None
    assert drive([STRAIGHT], RoadConditions({}, {1: 0}), AT + 1000 * H) is None


def test_the_wait_is_at_the_closed_road_not_at_the_start() -> None:
    far = make_edge(4, "b", "d", 58)
    found = matrix([STRAIGHT, far], closed(4, 3)).drive("a", "d", AT)
    assert found is not None
    assert [(leg.duration_s, leg.wait_s) for leg in found.legs] == [(3600, 0), (3600, 7200)]


def test_nobody_drives_the_long_way_round_only_to_wait_at_the_same_road() -> None:
    edges = [make_edge(1, "a", "b", 100), make_edge(2, "a", "c", 200), make_edge(3, "c", "b", 200), make_edge(4, "b", "d", 50)]
    opens = AT + timedelta(hours=20)
    conditions = RoadConditions({}, {1: 0, 4: 0}, {1: ((AT + timedelta(hours=10), 100),), 4: ((opens, 100),)})
    tables = build_matrix(edges, SPEEDS, conditions, PLACES, AT)
    found = tables.drive("a", "d", AT)
    assert found is not None and [leg.edge_id for leg in found.legs] == [1, 4]
    assert found.distance_m == tables.distance_m["a", "d"] == 150_000
    # who goes only as far as b is there sooner by the long way
    assert tables.distance_m["a", "b"] == 400_000


def test_a_truck_under_way_speeds_up_when_the_road_does() -> None:
    slow = RoadConditions({}, {1: 50}, {1: ((AT + H, 100),)})
    found = drive([STRAIGHT], slow)
    assert found is not None and (found.duration_s, found.wait_s) == (5400, 0)


def test_tables_for_a_moment_of_leaving_count_waits_and_the_ones_of_now_do_not() -> None:
    conditions = closed(1, 2)
    edges = [STRAIGHT]
    assert ("a", "b") not in matrix(edges, conditions).duration_s
    leaving = matrix(edges, conditions, AT)
    assert leaving.duration_s["a", "b"] == 3 * 3600 and leaving.distance_m["a", "b"] == 58_000
    assert leaving.path("a", "b")[0].wait_s == 7200
    assert matrix(edges, conditions, AT + 5 * H).duration_s["a", "b"] == 3600


def test_a_place_to_itself_takes_the_local_time() -> None:
    for conditions in (RoadConditions(), closed(1, 2)):
        assert matrix([STRAIGHT], conditions).drive("a", "a", AT) == Drive((), 0, SPEEDS.local_delivery_s, 0)


def test_places_without_roads_are_unreachable_and_a_path_there_says_so() -> None:
    found = build_matrix([STRAIGHT, make_edge(9, "x", "y")], SPEEDS, closed(9, 1), ["a", "b", "x", "nowhere"])
    assert ("a", "x") not in found.duration_s and ("nowhere", "a") not in found.duration_s
    assert found.duration_s["nowhere", "nowhere"] == SPEEDS.local_delivery_s
    assert found.drive("a", "x", AT) is None and found.drive("nowhere", "a", AT) is None
    with pytest.raises(NotFound, match="No open road leads from a to x"):
        found.path("a", "x")


def test_a_matrix_from_elsewhere_with_holes_and_other_times_back_drives_by_its_tables() -> None:
    there, back = Leg(1, "a", "b", 900, 60, ""), Leg(1, "b", "a", 1000, 90, "")
    given_ = TravelMatrix(("a", "b", "c"), {("a", "b"): 60, ("b", "a"): 90}, {("a", "b"): 900, ("b", "a"): 1000},
                          {("a", "b"): there, ("b", "a"): back})
    assert given_.drive("a", "b", AT) == Drive((there,), 900, 60, 0)
    assert given_.drive("b", "a", AT) == Drive((back,), 1000, 90, 0)
    assert given_.drive("a", "c", AT) is None


def test_notices_end_one_by_one() -> None:
    edges = [make_edge(1, "150522", "b", refs="G45"), make_edge(2, "150522", "c", refs="G304"), make_edge(3, "x", "y", refs="G45")]
    notices = [
        RoadNotice("G45", ("150522",), 0.0, AT + 2 * H), RoadNotice("*", ("150522",), 0.4, AT + 5 * H),
        RoadNotice("G304", ("150522",), 0.8), RoadNotice("G45", ("150522",), 0.0, AT - H),
    ]
    found = road_conditions(edges, notices, AT, {})
    assert found.percent == {1: 0, 2: 40}
    assert found.changes == {1: ((AT + 2 * H, 40), (AT + 5 * H, 100)), 2: ((AT + 5 * H, 80),)}


def test_weather_slows_a_class_of_road_by_its_own_factor() -> None:
    worse = replace(SPEEDS, class_factor_percent={"county": {"blizzard": [100, 90, 80, 65, 25]}})
    weather = RoadConditions({"a": (("blizzard", 4),)})
    county = make_edge(1, "a", "b", 35, road_class="county")
    pace, other = (paces_of(e, worse, weather)[0][1] for e in (county, STRAIGHT))
    assert pace == 35 * 25 * 100 and other == 58 * 50 * 100


@pytest.mark.parametrize(("edges", "conditions", "said"), [
    ([replace(STRAIGHT, road_class="lane")], RoadConditions(), "class 'lane' has no speed"),
    ([STRAIGHT], RoadConditions({}, {1: 120}), "not 0 to 100"),
    ([STRAIGHT], RoadConditions({}, {1: 0}, {1: ((AT + H, 50), (AT, 100))}), "not in time's order"),
    ([STRAIGHT], RoadConditions({"a": (("blizzard", 7),)}), "rank 7 of blizzard"),
    ([STRAIGHT, replace(STRAIGHT, to_adcode="c")], RoadConditions(), "doubled number or without length: .1."),
    ([replace(STRAIGHT, distance_m=0)], RoadConditions(), "doubled number or without length: .1."),
    ([STRAIGHT], RoadConditions({}, {7: 0}), "roads there are not: .7."),
])
def test_roads_and_conditions_that_cannot_be_are_refused(edges: list[RoadEdge], conditions: RoadConditions, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        matrix(edges, conditions)


# any small network with closures: checked against plain repeated relaxation, and by the independent check
PLACES = "abcde"
EDGES = st.lists(
    st.builds(
        lambda ends, km, kind: (ends, km, kind),
        st.sampled_from([(a, b) for a in PLACES for b in PLACES if a < b]),
        st.integers(1, 300), st.sampled_from(["expressway", "national", "county"]),
    ), min_size=1, max_size=9,
)
STATES = st.lists(st.tuples(st.integers(0, 8), st.sampled_from([0, 0, 30, 70, 100]), st.integers(1, 60_000)), max_size=9)


def network_of(drawn: list[tuple[tuple[str, str], int, str]], states: list[tuple[int, int, int]]) -> tuple[list[RoadEdge], RoadConditions]:
    edges = [make_edge(n, *ends, km, road_class=kind) for n, (ends, km, kind) in enumerate(drawn)]
    percent: dict[int, int] = {}
    changes: dict[int, tuple[tuple[datetime, int], ...]] = {}
    for number, left, at_s in states:
        if number >= len(edges):
            continue
        if number not in percent:
            percent[number] = left
        else:
            last = changes.get(number, ((AT, 0),))[-1][0]
            changes[number] = (*changes.get(number, ()), (last + timedelta(seconds=at_s), left))
    return edges, RoadConditions({"b": (("blizzard", 3),)}, percent, changes)


def arrivals_by_rounds(edges: list[RoadEdge], conditions: RoadConditions, leaves_at: datetime) -> dict[str, int]:
    """Bellman-Ford: relax every road until nothing changes."""
    best = {"a": whole_second(leaves_at)}
    while True:
        before = dict(best)
        for edge in edges:
            paces = paces_of(edge, SPEEDS, conditions)
            for here, there in ((edge.from_adcode, edge.to_adcode), (edge.to_adcode, edge.from_adcode)):
                passed = crossing(edge.distance_m, paces, best[here]) if here in best else None
                if passed:
                    best[there] = min(best.get(there, 1 << 60), best[here] + sum(passed))
        if best == before:
            return best


@given(EDGES, STATES, st.integers(0, 90_000))
def test_every_drive_arrives_first_and_can_be_driven(
    drawn: list[tuple[tuple[str, str], int, str]], states: list[tuple[int, int, int]], after_s: int
) -> None:
    edges, conditions = network_of(drawn, states)
    leaves_at = AT + timedelta(seconds=after_s)
    tables = build_matrix(edges, SPEEDS, conditions, PLACES, leaves_at)
    best = arrivals_by_rounds(edges, conditions, leaves_at)
    for place in PLACES[1:]:
        found = tables.drive("a", place, leaves_at)
        assert (found is None) == (place not in best) == (("a", place) not in tables.duration_s)
        if found is not None:
            assert found.duration_s + found.wait_s == best[place] - whole_second(leaves_at) == tables.duration_s["a", place]
            assert found.legs == tables.path("a", place) and found.legs[-1].to_adcode == place
            assert road_violations(edges, SPEEDS, conditions, found.legs, leaves_at) == []


@given(EDGES, STATES, st.integers(0, 90_000), st.integers(0, 50_000))
def test_who_leaves_later_never_arrives_sooner(
    drawn: list[tuple[tuple[str, str], int, str]], states: list[tuple[int, int, int]], first_s: int, more_s: int
) -> None:
    edges, conditions = network_of(drawn, states)
    roads = build_matrix(edges, SPEEDS, conditions, "a")
    for place in PLACES[1:]:
        first = roads.drive("a", place, AT + timedelta(seconds=first_s))
        later = roads.drive("a", place, AT + timedelta(seconds=first_s + more_s))
        if later is not None:
            assert first is not None
            assert first.duration_s + first.wait_s <= more_s + later.duration_s + later.wait_s


def test_where_nothing_changes_later_a_drive_is_the_static_answer() -> None:
    edges = list(read_edges())
    conditions = RoadConditions({"150522": (("blizzard", 4),)}, {1: 0, 20: 30})
    unchanging = build_matrix(edges, SPEEDS, conditions, {e.from_adcode for e in edges})
    past = RoadConditions(conditions.weather, {**conditions.percent, 20: 0, 44: 0},
                          {20: ((AT - H, 30),), 44: ((AT - 2 * H, 40), (AT, 100))})
    opened = build_matrix(edges, SPEEDS, past, unchanging.places)
    for a in unchanging.places[::9]:
        for b in unchanging.places[::7]:
            static, by_hour = unchanging.drive(a, b, AT), opened.drive(a, b, AT)
            assert static is not None and by_hour is not None
            assert (static.duration_s, static.distance_m) == (unchanging.duration_s[a, b], unchanging.distance_m[a, b])
            assert (by_hour.duration_s, by_hour.distance_m, by_hour.wait_s) == (static.duration_s, static.distance_m, 0)


def test_times_are_whole_seconds_and_aware() -> None:
    assert whole_second(datetime(1970, 1, 1, 0, 0, 1, 1, tzinfo=UTC)) == 2
    assert drive([STRAIGHT], closed(1, 2), AT.replace(tzinfo=None)) == drive([STRAIGHT], closed(1, 2))


GOOD = Leg(2, "a", "c", 116_000, 7200, "G2")


@pytest.mark.parametrize(("legs", "said"), [
    ((GOOD, Leg(1, "a", "b", 58_000, 3600, "G1")), "starts at a, the truck is at c"),
    ((replace(GOOD, edge_id=77),), "is no road there is"),
    ((replace(GOOD, to_adcode="b"),), "joins other places"),
    ((replace(GOOD, distance_m=1),), "is 1 m, the road 116000 m"),
    ((replace(GOOD, duration_s=7199),), "takes 7200 s, not 7199 s"),
    ((replace(GOOD, wait_s=-60),), "waits -60 s"),
    ((Leg(1, "a", "b", 58_000, 3600, "G1"),), "is closed when it is entered"),
    ((Leg(1, "a", "b", 58_000, 3600, "G1", 7199),), "is closed when it is entered"),
])
def test_the_check_finds_each_broken_rule(legs: tuple[Leg, ...], said: str) -> None:
    found = road_violations([STRAIGHT, *AROUND], SPEEDS, closed(1, 2), legs, AT)
    assert len(found) == 1 and said in found[0]


def test_the_check_lets_a_wait_to_the_second_pass_and_stops_at_a_road_that_closes() -> None:
    assert road_violations([STRAIGHT], SPEEDS, closed(1, 2), [Leg(1, "a", "b", 58_000, 3600, "G1", 7200)], AT) == []
    closing = RoadConditions({}, {}, {1: ((AT + H / 2, 0),)})
    found = road_violations([STRAIGHT], SPEEDS, closing, [Leg(1, "a", "b", 58_000, 3600, "G1")], AT)
    assert found and "closes for good" in found[0]
    assert drive([STRAIGHT], closing) is None
