"""Routes: everything carried once, loads kept, the checker sees each mutation."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.errors import InvalidInput
from dispatch.routing.bundles import Parcel, make_shipments
from dispatch.routing.model import RoutingResult
from dispatch.routing.problem import RoutingParams, RoutingProblem
from dispatch.routing.solver import solve
from dispatch.routing.verify import violations
from tests.builders import AT, CLASSES, make_edge, make_matrix, make_routing, make_shipment

PARAMS = RoutingParams(solution_limit=20)
LINE = [make_edge(1, "a", "b", 60), make_edge(2, "b", "c", 60)]


def line_problem(**changes: object) -> RoutingProblem:
    shipments = (make_shipment(0, "b"), make_shipment(1, "c"), make_shipment(2, "c", 1500))
    return make_routing(shipments, make_matrix(LINE), **changes)


def test_all_is_carried_and_the_answer_stands() -> None:
    problem = line_problem()
    answer = solve(problem, PARAMS)
    assert violations(problem, answer) == []
    assert answer.unserved == ()
    assert 0 < answer.bound <= answer.objective


def test_the_same_question_gets_the_same_answer() -> None:
    first, second = (solve(line_problem(), PARAMS) for _ in range(2))
    assert first.routes == second.routes


def test_no_road_is_told_and_the_rest_still_goes() -> None:
    problem = make_routing(
        (make_shipment(0, "b"), make_shipment(1, "z")), make_matrix([*LINE, make_edge(9, "y", "z")])
    )
    answer = solve(problem, PARAMS)
    assert violations(problem, answer) == []
    assert [u.shipment_id for u in answer.unserved] == [1]
    assert answer.unserved[0].cause.code == "route.no_road"


def test_without_own_trucks_trucks_are_hired_and_marked() -> None:
    problem = line_problem(vehicles=())
    answer = solve(problem, PARAMS)
    assert violations(problem, answer) == []
    assert all(r.is_hired and r.reason.code == "route.hired" for r in answer.routes)


def test_a_long_drive_has_its_rests() -> None:
    problem = make_routing((make_shipment(0, "b"),), make_matrix([make_edge(1, "a", "b", 580)]))
    (route,) = solve(problem, PARAMS).routes
    # 10 h of driving: two rests of 20 min
    assert route.stops[0].arrives_at - route.departs_at == timedelta(hours=10, minutes=40)


def mutations(problem: RoutingProblem, answer: RoutingResult):  # type: ignore[no-untyped-def]
    route = answer.routes[0]
    stop = route.stops[-1]

    def routes(**change: object) -> RoutingResult:
        return replace(answer, routes=(replace(route, **change), *answer.routes[1:]))

    late = replace(stop, arrives_at=stop.arrives_at + timedelta(minutes=1))
    yield "arrival", routes(stops=(*route.stops[:-1], late))
    yield "load", routes(load_g=route.load_g + 1)
    yield "volume", routes(load_cm3=1)
    yield "truck of another yard", routes(warehouse_code="WH-B", vehicle_code="HIRE-X", is_hired=False)
    yield "departure", routes(departs_at=route.departs_at - timedelta(hours=1))
    yield "distance", routes(distance_m=route.distance_m + 1)
    yield "duration", routes(duration_s=route.duration_s + 1)
    yield "legs out of order", routes(legs=route.legs[::-1] if len(route.legs) > 1 else ())
    yield "closed road", routes(legs=tuple(replace(leg, edge_id=99) for leg in route.legs))
    yield "a route lost", replace(answer, routes=answer.routes[1:])
    yield "a route twice", replace(answer, routes=(*answer.routes, route))
    yield "a shipment lost", routes(stops=(*route.stops[:-1], replace(stop, shipment_ids=())))
    yield "smaller truck", routes(vehicle_class="V18" if route.vehicle_class == "V80" else "V80")


def test_the_checker_sees_every_mutation() -> None:
    problem = line_problem()
    answer = solve(problem, PARAMS)
    for name, wrong in mutations(problem, answer):
        if name == "truck of another yard":
            problem.warehouse_county["WH-B"] = "b"
        assert violations(problem, wrong), name


def parcel(**changes: object) -> Parcel:
    base = Parcel("WH-A", "b", "QUILT", "L1", 1000, 3000, 20_000, AT, 1)
    return replace(base, **changes)  # type: ignore[arg-type]


def test_bundles_lose_no_unit_and_fit_the_largest_truck() -> None:
    shipments = make_shipments([parcel(), parcel(lot_code="L2", quantity=4000)], CLASSES)
    assert sum(n for s in shipments for _, _, n in s.items) == 5000
    assert all(s.load_g <= 8_000_000 and s.load_cm3 <= 36_000_000 for s in shipments)


def test_a_unit_larger_than_any_truck_is_refused() -> None:
    with pytest.raises(InvalidInput, match="larger than any truck"):
        make_shipments([parcel(unit_cm3=40_000_000)], CLASSES)
