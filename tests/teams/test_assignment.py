"""Who goes where: brute force on small instances, every rule kept, every reason true."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.errors import InvalidInput
from dispatch.teams.model import TeamResult
from dispatch.teams.problem import Candidate, Cover, Ride, TeamPins, TeamProblem, why_not
from dispatch.teams.solver import assign, cost, solve
from dispatch.teams.verify import told_wrongly, violations
from dispatch.words import Words
from tests.builders import AT, make_candidate, make_team_problem

SEEDS = st.integers(0, 10**6)


def random_problem(seed: int) -> TeamProblem:
    """At most five teams, three sites, under every rule there is."""
    chance = Random(seed)
    places, sites = ["p", "q", "r"], {s: chance.randint(1, 9) for s in "xyz"[: chance.randint(1, 3)]}
    teams = tuple(
        make_candidate(
            f"T{n}", chance.choice(places), readiness=chance.randint(0, 1000), is_ready=chance.random() < 0.85,
            has_vehicle=chance.random() < 0.8, skills={"winter_survival": chance.randint(0, 3)},
            speciality=chance.choice(["relief", "medical", "boats"]), recent=chance.randint(0, 3),
            self_sufficient_h=chance.choice([None, 24, 200]), is_assumed=chance.random() < 0.2,
            rested_at=chance.choice([None, AT + timedelta(hours=chance.randint(-9, 30))]),
        )
        for n in range(chance.randint(1, 5))
    )
    codes = [t.team.code for t in teams]
    go = tuple((c, chance.choice(sorted(sites))) for c in codes if chance.random() < 0.1)
    stay = frozenset(c for c in codes if chance.random() < 0.1 and c not in dict(go))
    return make_team_problem(
        sites, teams, teams_wanted=chance.randint(0, 5), specialities=("relief", "medical"),
        travel_s={(p, s): chance.randint(600, 90_000) for p in places for s in sites if chance.random() < 0.9},
        skills={"winter_survival": 2} if chance.random() < 0.5 else {},
        sufficient_h={s: chance.choice([0, 48, 100]) for s in sites},
        rides={(c, s): make_ride(chance.randint(-5000, 90_000)) for c in codes for s in sites if chance.random() < 0.4},
        covers=tuple(
            Cover(f"league {n}", f"league {n}", frozenset(chance.sample(codes, chance.randint(1, len(codes)))), None)
            for n in range(chance.randint(0, 3))
        ),
        pins=TeamPins(go, stay),
    )


def make_ride(after_s: int) -> Ride:
    """Leaves so long after a muster of two hours, and is there five hours later."""
    leaves = AT + timedelta(hours=2, seconds=after_s)
    return Ride(leaves, leaves + timedelta(hours=5))


Value = tuple[int, int, int, int, int]


def weigh(problem: TeamProblem, choice: dict[str, str]) -> Value:
    """(empty sites, bare, missing teams, missing certificates, minutes) from the words of the rule."""
    teams = {c.team.code: c for c in problem.candidates}
    heaviest = max(problem.sites.values(), default=1) or 1
    wanted = problem.wanted()
    empty = missing = lack = 0
    for site, count in wanted.items():
        there = [teams[t] for t, s in choice.items() if s == site]
        weight = 1 + 999 * problem.sites[site] // heaviest
        missing += weight * (count - len(there))
        empty += 0 if there else weight
        for skill, asked in problem.skills.items():
            lack += max(0, asked - sum(min(asked, c.skills.get(skill, 0)) for c in there))
    bare = sum(cover.teams <= set(choice) for cover in problem.covers)
    minutes = 0
    for team, site in choice.items():
        times = problem.arrival(teams[team], site)
        assert times
        minutes += cost(problem, teams[team], site, times[1])
    return empty, bare, missing, lack, minutes


def brute(problem: TeamProblem) -> Value:
    """The best of all choices."""
    wanted, pinned, best = problem.wanted(), dict(problem.pins.go), None
    codes = [c.team.code for c in problem.candidates]
    may = {
        c.team.code: [s for s in wanted if why_not(problem, c, s) is None and pinned.get(c.team.code, s) == s]
        for c in problem.candidates
    }
    for picks in product(*([None, *may[c]] if not (c in pinned and may[c]) else may[c] for c in codes)):
        choice = {c: s for c, s in zip(codes, picks, strict=True) if s}
        if all(list(choice.values()).count(s) <= n for s, n in wanted.items()):
            value = weigh(problem, choice)
            best = value if best is None else min(best, value)
    assert best is not None
    return best


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_the_choice_is_the_best_there_is_and_keeps_every_rule(seed: int) -> None:
    problem = random_problem(seed)
    result = assign(problem)
    assert violations(problem, result.assignments) == []
    choice = {a.team_code: a.county for a in result.assignments}
    assert len(choice) == len(result.assignments)
    assert result.is_optimal and weigh(problem, choice) == brute(problem)
    if result.values:
        assert tuple(v for v, _ in result.values) == weigh(problem, choice) == tuple(b for _, b in result.values)
    for a in result.assignments:
        team = next(c for c in problem.candidates if c.team.code == a.team_code)
        assert team.team.rested_at is None or a.departs_at >= team.team.rested_at
    assert {s.team_code for s in result.stays} == (
        {c.team.code for c in problem.candidates} - set(choice) if problem.wanted() else set()
    )
    assert solve(problem) == solve(problem)


def test_two_teams_two_sites_in_the_least_time() -> None:
    teams = (make_candidate("T1", "a"), make_candidate("T2", "b"))
    times = {("a", "x"): 100, ("a", "y"): 9000, ("b", "x"): 200, ("b", "y"): 300}
    result = assign(make_team_problem({"x": 5, "y": 5}, teams, travel_s=times))
    assert {(a.team_code, a.county) for a in result.assignments} == {("T1", "x"), ("T2", "y")} and not result.shortfalls


def test_the_heaviest_site_is_served_when_teams_are_few() -> None:
    problem = make_team_problem({"light": 1, "heavy": 9}, (make_candidate("T1"),))
    result = assign(problem)
    assert [a.county for a in result.assignments] == ["heavy"] and [s.county for s in result.shortfalls] == ["light"]
    assert [a.county for a in assign(replace(problem, teams_wanted=1)).assignments] == ["heavy"]


def test_where_nobody_is_ready_the_nearest_to_ready_is_named_with_what_it_lacks() -> None:
    lacks = (Words("step.kit", "补 1 台发电机", "get 1 more: generator"),)
    teams = (make_candidate("T1", is_ready=False, readiness=580, lacks=lacks), make_candidate("T2", is_ready=False, readiness=200))
    result = assign(make_team_problem({"x": 1}, teams))
    assert result.assignments == () and "T1 is nearest to ready (58 of 100); first: get 1 more: generator" in result.shortfalls[0].remedy.en
    assert "补 1 台发电机" in result.shortfalls[0].remedy.zh
    assert {s.reason.code for s in result.stays} == {"team.not_ready"}
    none = assign(make_team_problem({"x": 1}, ()))
    assert none.shortfalls[0].remedy.code == "remedy.head_office"


def test_a_league_is_not_left_bare_when_another_team_can_go() -> None:
    teams = (make_candidate("NEAR"), make_candidate("FAR", "b"))
    problem = make_team_problem(
        {"x": 1}, teams, travel_s={("a", "x"): 3600, ("b", "x"): 36_000}, covers=(Cover("甲盟", "league A", frozenset({"NEAR"})),)
    )
    result = assign(problem)
    assert [a.team_code for a in result.assignments] == ["FAR"] and result.bare == ()
    assert result.stays[0].reason.en == "stays so that league A is not left bare"
    assert result.assignments[0].reason.en.endswith("; NEAR would be 9.0 h sooner but keeps cover of league A")


def test_a_second_team_is_not_sent_where_it_would_bare_a_league_and_the_gap_says_so() -> None:
    teams = (make_candidate("T1"), make_candidate("T2", "b"))
    problem = make_team_problem({"x": 1}, teams, teams_wanted=2, covers=(Cover("乙盟", "league B", frozenset({"T2"})),))
    result = assign(problem)
    assert [a.team_code for a in result.assignments] == ["T1"] and result.bare == ()
    (short,) = result.shortfalls
    assert short.cause.en == "1 more wanted in x; those that could go keep cover"
    assert short.remedy.en == "fix T2 to go (there in 4.0 h), which leaves league B bare; or ask the head office or neighbours"


def test_what_must_be_left_bare_is_told_with_the_move_up() -> None:
    teams = (make_candidate("T1"), make_candidate("T2", "b"))
    problem = make_team_problem(
        {"x": 1}, teams, travel_s={("a", "x"): 3600, ("b", "seat"): 5400}, covers=(Cover("甲盟", "league A", frozenset({"T1"}), "seat"),)
    )
    (bare,) = assign(problem).bare
    assert bare.en == "league A" and bare.move_up is not None
    assert bare.move_up.en == "let T2 stand by there, 1.5 h of driving"
    assert bare.since == AT + timedelta(hours=2) and bare.until == AT + timedelta(hours=3.5) and not bare.is_beyond


def test_bare_beyond_the_limit_where_nobody_can_stand_by_until_the_team_is_back_and_rested() -> None:
    problem = make_team_problem({"x": 1}, (make_candidate("T1"),), travel_s={("a", "x"): 3600}, covers=(Cover("甲盟", "league A", frozenset({"T1"}), "seat"),))
    (bare,) = assign(problem).bare
    assert bare.move_up is None and bare.is_beyond
    assert bare.until == AT + timedelta(hours=2 + 1 + 1, days=7 + 3)


def test_one_team_is_not_proposed_for_two_move_ups() -> None:
    teams = (make_candidate("T1"), make_candidate("T2", "b"))
    covers = tuple(Cover(n, n, frozenset({"T1"}), seat) for n, seat in (("A", "seat"), ("B", "other")))
    problem = make_team_problem({"x": 1}, teams, travel_s={("a", "x"): 3600, ("b", "seat"): 5400, ("b", "other"): 60}, covers=covers)
    first, second = assign(problem).bare
    assert first.move_up is not None and second.move_up is None and second.is_beyond


def test_a_hazard_left_bare_has_a_stand_in_of_its_next_speciality() -> None:
    teams = (make_candidate("T1", speciality="medical"), make_candidate("T2", "b"))
    cover = Cover("医疗专业", "the speciality medical", frozenset({"T1"}), None, ("T2",))
    problem = make_team_problem({"x": 1}, teams, travel_s={("a", "x"): 3600}, specialities=("medical", "relief"), covers=(cover,))
    (bare,) = assign(problem).bare
    assert bare.move_up is not None and bare.move_up.en == "let T2 stand in for it" and bare.until == bare.since
    (none,) = assign(replace(problem, covers=(cover, Cover("乙盟", "league B", frozenset({"T2"}))))).bare
    assert none.move_up is None, "it keeps a league's cover"


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_what_is_told_is_so(seed: int) -> None:
    problem = random_problem(seed)
    assert told_wrongly(problem, assign(problem)) == []


def _told() -> tuple[TeamProblem, TeamResult]:
    """One team sent of two wanted, which bares a league; one wish in vain; certificates lacking."""
    teams = (make_candidate("T1"), make_candidate("T2", "b"), make_candidate("T3", "c", is_ready=False))
    problem = make_team_problem(
        {"x": 1}, teams, travel_s={("a", "x"): 3600, ("b", "seat"): 600, ("c", "x"): 60}, teams_wanted=2, skills={"winter_survival": 2},
        covers=(Cover("甲盟", "league A", frozenset({"T1"}), "seat"),), pins=TeamPins((("T3", "x"),)),
    )
    return problem, assign(problem)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda r: replace(r, stays=r.stays[1:]), "told to stay"),
        (lambda r: replace(r, stays=r.stays + r.stays[:1]), "told to stay"),
        (lambda r: replace(r, shortfalls=tuple(s for s in r.shortfalls if not s.missing)), "teams missing are"),
        (lambda r: replace(r, shortfalls=tuple(s for s in r.shortfalls if s.cause.code != "team.pin_in_vain")), "wishes"),
        (lambda r: replace(r, shortfalls=tuple(s for s in r.shortfalls if s.cause.code != "team.unskilled")), "certificates"),
        (lambda r: replace(r, bare=()), "left bare"),
        (lambda r: replace(r, bare=(replace(r.bare[0], since=AT),)), "another time"),
        (lambda r: replace(r, bare=(replace(r.bare[0], is_beyond=True),)), "another time than it is"),
        (lambda r: replace(r, bare=(replace(r.bare[0], move_up=None),)), "another time than it is"),
        (lambda r: replace(r, bare=(replace(r.bare[0], until=r.bare[0].until + timedelta(days=99), is_beyond=True),)), "another time than it is"),
    ],
)
def test_each_thing_told_wrongly_is_caught(wrong: Callable[[TeamResult], TeamResult], words: str) -> None:
    problem, result = _told()
    assert told_wrongly(problem, result) == []
    assert any(words in fault for fault in told_wrongly(problem, wrong(result)))


def test_a_team_without_a_vehicle_rides_with_a_convoy_or_stays() -> None:
    team = make_candidate("T1", has_vehicle=False)
    problem = make_team_problem({"x": 1}, (team,), rides={("T1", "x"): make_ride(3600)})
    (a,) = assign(problem).assignments
    assert a.rides and a.arrives_at == AT + timedelta(hours=2 + 1 + 5) and "with a convoy of goods" in a.reason.en
    gone = assign(replace(problem, rides={("T1", "x"): make_ride(-3600)}))
    assert gone.assignments == () and gone.stays[0].reason.en.endswith("the convoy to x would have to wait 1.0 h for it")
    assert assign(replace(problem, rides={})).stays[0].reason.code == "team.no_vehicle"


def test_missing_certificates_are_a_shortfall_of_their_own() -> None:
    problem = make_team_problem({"x": 1}, (make_candidate("T1", skills={"winter_survival": 1}),), skills={"winter_survival": 2})
    (short,) = assign(problem).shortfalls
    assert short.missing == 0 and short.cause.en == "the teams for x lack 1 with winter_survival"


def test_pins_are_kept_and_contradictions_named() -> None:
    teams = (make_candidate("T1"), make_candidate("T2", "b"))
    problem = make_team_problem({"x": 1, "y": 1}, teams, travel_s={(h, s): 3600 for h in "ab" for s in "xy"}, teams_wanted=1)
    pinned = replace(problem, pins=TeamPins((("T2", "y"),), frozenset({"T1"})))
    result = assign(pinned)
    assert [(a.team_code, a.county, a.is_pinned) for a in result.assignments] == [("T2", "y", True)]
    assert result.assignments[0].reason.code == "team.pinned" and result.stays[0].reason.code == "team.kept"
    with pytest.raises(InvalidInput, match="T1 is fixed to x and to y"):
        assign(replace(problem, pins=TeamPins((("T1", "x"), ("T1", "y")))))
    with pytest.raises(InvalidInput, match="to stay"):
        assign(replace(problem, pins=TeamPins((("T1", "x"),), frozenset({"T1"}))))


def test_the_checker_sees_every_mutation() -> None:
    def of(*teams: Candidate, **changes: object) -> TeamProblem:
        return make_team_problem({"x": 1, "y": 1}, teams, **changes)

    problem = of(make_candidate("T1", "a", rested_at=AT), make_candidate("T2", "b"))
    made = assign(problem).assignments
    first, second = made
    hour = timedelta(hours=1)
    for wrong in (
        [first, first], [replace(first, team_code="T9")], [replace(first, county="z")],
        [replace(first, arrives_at=first.arrives_at - hour)], [replace(first, rides=True)],
        [replace(first, departs_at=first.departs_at - 3 * hour, arrives_at=first.arrives_at - 3 * hour)],
        [replace(first, tour_ends_at=first.arrives_at)],
    ):
        assert violations(problem, wrong), wrong
    for changed in (
        replace(problem, pins=TeamPins((("T1", second.county), ("T2", first.county)))), replace(problem, pins=TeamPins(stay=frozenset({"T1"}))),
        replace(problem, specialities=("medical",)), replace(problem, sufficient_h={"x": 100, "y": 100}),
        replace(problem, travel_s={}), replace(problem, teams_wanted=1),
        replace(problem, candidates=(replace(problem.candidates[0], is_ready=False), problem.candidates[1])),
        replace(problem, candidates=(make_candidate("T1", rested_at=AT + 9 * hour), problem.candidates[1])),
        replace(problem, candidates=(make_candidate("T1", status="on_site"), problem.candidates[1])),
        replace(problem, candidates=(make_candidate("T1", has_vehicle=False), problem.candidates[1])),
        replace(problem, weights=replace(problem.weights, most_per_site=0)),
    ):
        assert violations(changed, made)


def test_a_wish_for_a_county_that_is_not_affected_is_told_and_the_rest_is_planned() -> None:
    problem = make_team_problem({"x": 1}, (make_candidate("T1"), make_candidate("T2", "b")))
    result = assign(replace(problem, pins=TeamPins((("T1", "z"),)), travel_s={**problem.travel_s, ("a", "z"): 60}))
    assert [(a.team_code, a.county) for a in result.assignments] == [("T2", "x")]
    assert result.shortfalls[0].cause.en == "T1 was fixed and cannot go: z is not an affected county"


def test_a_team_that_is_out_is_not_offered_as_nearest_to_ready() -> None:
    teams = (make_candidate("OUT", status="on_site", is_ready=False, readiness=590), make_candidate("T2", is_ready=False, readiness=10))
    (short,) = assign(make_team_problem({"x": 1}, teams)).shortfalls
    assert short.remedy.en.startswith("T2 is nearest to ready")
