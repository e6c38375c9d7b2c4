"""Readiness: six factors, each with its reason, and what would raise it most."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from dispatch.db import transaction
from dispatch.teams.candidates import candidates, covers
from dispatch.teams.history import by_league, is_kept, keep_day, past_days, readiness_now
from dispatch.teams.model import Certificate, Member, MemberKind, MemberStatus, Roster, TeamVehicle
from dispatch.teams.readiness import readiness
from dispatch.teams.rules import load_team_rule
from tests.builders import AT, make_candidate, make_team

DAY = date(2021, 11, 8)
RULE = load_team_rule()
NEEDS = RULE.specialities["relief"]


def make_member(number: int, *skills: str, until: date | None = date(2022, 11, 8), **changes: object) -> Member:
    proofs = tuple(Certificate(s, date(2021, 1, 1), until) for s in skills)
    base = Member(f"M-{number:03}", "T1", f"队员{number}", MemberKind.VOLUNTEER, MemberStatus.ACTIVE, None, certificates=proofs)
    return replace(base, **changes)  # type: ignore[arg-type]


def make_roster(**changes: object) -> Roster:
    """A team that lacks nothing."""
    members = tuple(make_member(n, *NEEDS.skills, "winter_survival") for n in range(RULE.unit_least))
    vehicles = tuple(
        TeamVehicle(f"蒙A{kind}{n}", "T1", kind, 5, True, DAY) for kind, count in NEEDS.vehicles.items() for n in range(count)
    )
    return replace(Roster(make_team("T1"), members, dict(NEEDS.kit), vehicles, (DAY - timedelta(days=10),)), **changes)  # type: ignore[arg-type]


def factor(roster: Roster, name: str, day: date = DAY) -> int:
    return next(f.per_mille for f in readiness(roster, RULE, day).factors if f.name == name)


def test_a_team_that_lacks_nothing_is_fully_ready_and_has_nothing_to_do() -> None:
    found = readiness(make_roster(), RULE, DAY)
    assert found.per_mille == 1000 and found.steps == () and found.is_ready(RULE)
    assert {f.name for f in found.factors} == {"people", "certificates", "kit", "vehicles", "rest", "drill"}


def test_a_certificate_counts_through_its_last_day_and_not_the_day_after() -> None:
    roster = make_roster(members=tuple(make_member(n, *NEEDS.skills, until=DAY) for n in range(8)))
    assert factor(roster, "certificates") == 1000
    assert factor(roster, "certificates", DAY + timedelta(days=1)) == 0
    (step, *_) = readiness(roster, RULE, DAY + timedelta(days=1)).steps or [None]
    assert step is None or "renew" in step.words.en


@pytest.mark.parametrize(("changes", "name", "level", "words"), [
    ({"vehicles": ()}, "vehicles", 0, "fit vehicles are short: 4WD 0 of 2, truck 6.8 m 0 of 1"),
    ({"drills": ()}, "drill", 500, "no drill on record"),
    ({"drills": (DAY - timedelta(days=270),)}, "drill", 750, "last drill 270 days ago"),
    ({"kit": {**NEEDS.kit, "generator": 0}}, "kit", 900, "kit lacks 1 generator"),
    ({"team": make_team("T1", status="on_site")}, "rest", 0, "out on a task"),
    ({"team": make_team("T1", status="resting", rested_at=AT + timedelta(days=1))}, "rest", 667, "1 more days of rest"),
])
def test_each_factor_falls_with_what_is_missing_and_says_so(changes: dict[str, object], name: str, level: int, words: str) -> None:
    found = readiness(make_roster(**changes), RULE, DAY)
    one = next(f for f in found.factors if f.name == name)
    assert (one.per_mille, one.reason.en) == (level, words)
    assert found.per_mille == level


def test_paused_members_and_applicants_do_not_count_and_bringing_them_back_is_a_step() -> None:
    members = make_roster().members
    roster = make_roster(members=(*members[:6], *(replace(m, status=MemberStatus.PAUSED) for m in members[6:])))
    found = readiness(roster, RULE, DAY)
    assert factor(roster, "people") == 750 and found.steps[0].words.code == "step.people"
    assert "accept or bring back 2, recruit 0" in found.steps[0].words.en and found.steps[0].per_mille == 1000


def test_a_team_without_a_roster_goes_by_the_assumption() -> None:
    found = readiness(Roster(make_team("T1")), RULE, DAY)
    assert found.is_assumed and found.per_mille == RULE.assumed_per_mille
    assert readiness(Roster(make_team("T1", status="on_site")), RULE, DAY).per_mille == 0


@given(st.lists(st.tuples(st.sampled_from(sorted(RULE.skills)), st.integers(-400, 400)), max_size=20),
       st.dictionaries(st.sampled_from(sorted(NEEDS.kit)), st.integers(0, 40)), st.integers(0, 500))
def test_readiness_stays_between_its_ends_and_steps_raise_it(
    proofs: list[tuple[str, int]], kit: dict[str, int], ago: int
) -> None:
    members = tuple(
        make_member(n, skill, until=date(2021, 1, 1) + timedelta(days=max(0, left + 311))) for n, (skill, left) in enumerate(proofs)
    )
    found = readiness(make_roster(members=members, kit=kit, drills=(DAY - timedelta(days=ago),)), RULE, DAY)
    assert 0 <= found.per_mille <= 1000 and all(0 <= f.per_mille <= 1000 for f in found.factors)
    assert all(s.per_mille > found.per_mille for s in found.steps)
    assert [s.per_mille for s in found.steps] == sorted((s.per_mille for s in found.steps), reverse=True)


def test_a_certificate_that_lapses_on_the_tour_is_not_counted_for_it() -> None:
    short = make_roster(members=tuple(make_member(n, *NEEDS.skills, until=DAY + timedelta(days=3)) for n in range(8)))
    (one,) = candidates((short,), RULE, DAY, {})
    assert one.is_ready and one.skills == {}
    (full,) = candidates((make_roster(),), RULE, DAY, {"T1": 2})
    assert full.skills["winter_survival"] == 8 and full.recent == 2


def test_a_resting_team_is_judged_as_rested_and_one_that_is_out_not_at_all() -> None:
    resting = make_roster(team=make_team("T1", status="resting", rested_at=AT + timedelta(days=2)))
    out = make_roster(team=make_team("T1", status="on_site"))
    assert [c.is_ready for c in candidates((resting, out), RULE, DAY, {})] == [True, False]


def test_covers_are_what_somebody_ready_covers_today() -> None:
    ready = (make_candidate("T1", "h"), make_candidate("T2", "far"), make_candidate("T3", "h", is_ready=False),
             make_candidate("T4", "h", rested_at=AT + timedelta(hours=1)), make_candidate("T5", "h", has_vehicle=False))
    found = covers(ready, {"150500": ("通辽", "Tongliao", "seat"), "150600": ("鄂", "Ordos", "none")}, (RULE, {("h", "seat"): 3600, ("far", "seat"): 99_999}), AT)
    assert [(c.en, c.teams, c.place) for c in found if c.place] == [("Tongliao", frozenset({"T1"}), "seat")]
    assert ("the speciality relief", frozenset({"T1", "T2"})) in {(c.en, c.teams) for c in found}


def test_a_day_is_kept_once_and_said_again_takes_its_place(demo: Engine) -> None:
    with transaction(demo) as session:
        assert not is_kept(session, DAY)
        keep_day(session, RULE, DAY)
        keep_day(session, RULE, DAY)
        assert is_kept(session, DAY)
        ((day, _, factors),) = past_days(session, "RT-150500", DAY - timedelta(days=3))
        assert day == DAY and all(0 <= value <= 1000 for value in factors.values()) and factors
        leagues = by_league(readiness_now(session, RULE, DAY), RULE)
        assert sum(one.teams for one in leagues.values()) == 15 and len(leagues) == 12


@given(st.lists(st.tuples(st.sampled_from(["winter_survival", "first_aid"]), st.integers(-900, 30), st.integers(-60, 60) | st.none()), max_size=12),
       st.integers(0, 30))
def test_no_certificate_counts_that_is_not_valid_on_the_last_day_of_the_tour(proofs: list[tuple[str, int, int | None]], rest_days: int) -> None:
    rested = AT + timedelta(days=rest_days)
    ends = rested.date() + timedelta(days=RULE.travel_days + RULE.tour_days)
    members = []
    for n, (skill, issued, left) in enumerate(proofs):
        begun = ends + timedelta(days=issued)
        until = None if left is None else max(begun, ends + timedelta(days=left))
        members.append(replace(make_member(n), certificates=(Certificate(skill, begun, until),)))
    (one,) = candidates((make_roster(members=tuple(members), team=make_team("T1", status="resting", rested_at=rested)),), RULE, DAY, {})
    for skill in ("winter_survival", "first_aid"):
        valid = [c for m in members for c in m.certificates if c.skill == skill and c.issued_on <= ends and (c.expires_on is None or c.expires_on >= ends)]
        assert one.skills.get(skill, 0) == len(valid)
