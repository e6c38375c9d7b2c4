"""The demo rosters: marked, valid by our own rules, and with something to see."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from dispatch.clock import to_local
from dispatch.db import reading, transaction
from dispatch.reference.demo_roster import add_demo_rosters
from dispatch.teams.board import standing
from dispatch.teams.fields import clean_name, clean_phone, clean_plate
from dispatch.teams.rules import load_team_rule
from dispatch.teams.store import list_rosters
from dispatch.teams.tables import CertificateRow, MemberRow
from tests.conftest import NOW

RULE = load_team_rule()
DAY = to_local(NOW).date()


@pytest.fixture
def filled(bare: Engine) -> Engine:
    with transaction(bare) as session:
        add_demo_rosters(session, NOW)
    return bare


def test_everybody_is_marked_demo_and_valid(filled: Engine) -> None:
    with reading(filled) as session:
        rosters = list_rosters(session)
    people = [m for r in rosters for m in r.members]
    assert len(rosters) == 15 and len(people) == 150 == len({m.phone for m in people})
    for member in people:
        assert clean_name(member.name).startswith("演示") and clean_phone(member.phone) == member.phone
        assert (member.phone or "").startswith("1000000") and set(member.roles) <= set(RULE.roles)
    assert all(clean_plate(v.plate) == v.plate for r in rosters for v in r.vehicles)
    assert all(set(r.kit or {}) <= set(RULE.items) for r in rosters)


def test_there_is_something_to_see(filled: Engine) -> None:
    with reading(filled) as session:
        rows = [standing(r, RULE, DAY) for r in list_rosters(session)]
    for what in ("valid", "lapsing", "lapsed", "waiting", "is_drill_due"):
        assert any(getattr(r, what) for r in rows), what
    assert {r.kit_complete == r.kit_lines for r in rows} == {True, False} == {r.vehicles_fit == r.vehicles for r in rows}
    assert all(r.last_drill and r.last_drill < DAY for r in rows)


def test_a_second_time_changes_nothing_and_another_day_moves_with_it(filled: Engine) -> None:
    with transaction(filled) as session:
        before = session.scalar(select(func.max(CertificateRow.expires_on)))
        add_demo_rosters(session, NOW + timedelta(days=50))
        assert session.scalar(select(func.count()).select_from(MemberRow)) == 150
        assert session.scalar(select(func.max(CertificateRow.expires_on))) == before
