"""Teams: heaviest sites first, one place each, shortfalls told."""

from dataclasses import replace
from datetime import timedelta

from dispatch.teams.solver import assign
from dispatch.teams.verify import violations
from tests.builders import make_team, make_team_problem


def test_two_teams_two_sites_in_the_least_time() -> None:
    teams = (make_team("T1", "a"), make_team("T2", "b"))
    problem = make_team_problem({"x": 5, "y": 5}, teams)
    problem.travel_s.update({("a", "x"): 100, ("a", "y"): 9000, ("b", "x"): 200, ("b", "y"): 300})  # type: ignore[attr-defined]
    made, short = assign(problem)
    assert violations(problem, made) == [] and short == ()
    assert {(a.team_code, a.county) for a in made} == {("T1", "x"), ("T2", "y")}


def test_the_heaviest_site_is_served_when_teams_are_few() -> None:
    problem = make_team_problem({"light": 1, "heavy": 9}, (make_team("T1"),))
    made, short = assign(problem)
    assert len(made) == 1 and len(short) == 1
    wanted_one, _ = assign(replace(problem, teams_wanted=1))
    assert [a.county for a in wanted_one] == ["heavy"]


def test_a_team_that_is_not_ready_stays() -> None:
    made, short = assign(make_team_problem({"x": 1}, (make_team("T1", status="resting"),)))
    assert made == () and short[0].cause.code == "team.none"


def test_the_checker_sees_every_mutation() -> None:
    problem = make_team_problem({"x": 1, "y": 1}, (make_team("T1", "a"), make_team("T2", "b")))
    made, _ = assign(problem)
    first = made[0]
    for wrong in (
        [first, first],
        [replace(first, team_code="T9")],
        [replace(first, county="z")],
        [replace(first, arrives_at=first.arrives_at - timedelta(hours=1))],
    ):
        assert violations(problem, wrong)
