"""A roster in figures."""

from dataclasses import replace
from datetime import date, timedelta

from dispatch.teams.board import Validity, kit_lines, lapses, standing, validity_of
from dispatch.teams.model import (
    Certificate,
    Member,
    MemberKind,
    MemberStatus,
    Roster,
    TeamVehicle,
)
from dispatch.teams.rules import load_team_rule
from tests.builders import make_team

RULE = load_team_rule()
DAY = date(2021, 11, 8)
TEAM = make_team("RT-1", "150502")


def proof(days: int | None, skill: str = "first_aid", issued: int = 400) -> Certificate:
    return Certificate(skill, DAY - timedelta(days=issued), None if days is None else DAY + timedelta(days=days))


def member(code: str, *proofs: Certificate, **changes: object) -> Member:
    base = Member(code, "RT-1", "王", MemberKind.VOLUNTEER, MemberStatus.ACTIVE, "13800000000", certificates=proofs)
    return replace(base, **changes)  # type: ignore[arg-type]


def test_the_last_and_first_days_of_a_certificate() -> None:
    for days, wanted in ((-1, Validity.LAPSED), (0, Validity.LAPSING), (RULE.lapse_warning_days, Validity.LAPSING),
                         (RULE.lapse_warning_days + 1, Validity.VALID), (None, Validity.VALID)):
        one = proof(days)
        assert validity_of(one, member("a", one), RULE, DAY) is wanted, days


def test_a_renewed_certificate_does_not_lapse() -> None:
    old, new = proof(-5), proof(700, issued=1)
    person = member("a", old, new)
    assert validity_of(old, person, RULE, DAY) is Validity.REPLACED
    row = standing(Roster(TEAM, (person,)), RULE, DAY)
    assert (row.valid, row.lapsing, row.lapsed) == (1, 0, 0)
    assert list(lapses([Roster(TEAM, (person,))], RULE, DAY)) == [f"{new.expires_on:%Y-%m}"]


def test_only_active_people_are_counted() -> None:
    people = (
        member("a", proof(10), proof(500, "radio"), kind=MemberKind.STAFF), member("b", proof(-1)),
        member("c", proof(10), status=MemberStatus.PAUSED), member("d", proof(10), status=MemberStatus.APPLIED),
    )
    row = standing(Roster(TEAM, people), RULE, DAY)
    assert (row.staff, row.volunteers, row.waiting) == (1, 1, 1)
    assert (row.valid, row.lapsing, row.lapsed) == (2, 1, 1)


def test_kit_against_the_rule() -> None:
    needed = RULE.specialities["relief"].kit
    full = standing(Roster(TEAM, kit=dict(needed)), RULE, DAY)
    assert full.kit_complete == full.kit_lines == len(needed)
    short = {**needed, "tent": needed["tent"] - 1, "life_jacket": 4}
    del short["radio"]
    lines = {line.item: line for line in kit_lines(Roster(TEAM, kit=short), RULE)}
    assert not lines["tent"].is_complete and lines["radio"].have is None and lines["life_jacket"].needed == 0
    assert standing(Roster(TEAM, kit=short), RULE, DAY).kit_complete == len(needed) - 2
    assert standing(Roster(TEAM), RULE, DAY).kit_complete == 0


def test_vehicles_and_drills() -> None:
    vehicles = tuple(TeamVehicle(f"蒙G1234{n}", "RT-1", "4wd", 5, n > 0, DAY) for n in range(3))
    last = DAY - timedelta(days=RULE.drill_every_days)
    row = standing(Roster(TEAM, vehicles=vehicles, drills=(last - timedelta(days=9), last, DAY + timedelta(days=1))), RULE, DAY)
    assert (row.vehicles_fit, row.vehicles, row.last_drill, row.is_drill_due) == (2, 3, last, False)
    assert standing(Roster(TEAM, drills=(last - timedelta(days=1),)), RULE, DAY).is_drill_due
    assert standing(Roster(TEAM), RULE, DAY).is_drill_due


def test_the_calendar_goes_by_month_and_leaves_out_for_life_and_applicants() -> None:
    people = (member("a", proof(3), proof(None, "radio")), member("b", proof(40), status=MemberStatus.PAUSED),
              member("c", proof(5), status=MemberStatus.APPLIED))
    found = lapses([Roster(TEAM, people)], RULE, DAY)
    assert {month: [x.member.code for x in listed] for month, listed in found.items()} == {"2021-11": ["a"], "2021-12": ["b"]}
