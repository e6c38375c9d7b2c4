"""Told once; seen by the right people; read marks and wishes kept."""

import threading
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from dispatch.accounts.store import get_account
from dispatch.audit.store import Act, record
from dispatch.audit.tables import AuditRow
from dispatch.db import reading, transaction
from dispatch.notices.model import ROLES, TIERS, Audience, Subscription, Urgency
from dispatch.notices.store import (
    count_unread,
    list_inbox,
    list_subscriptions,
    mark_read,
    post,
    remove_subscription,
)
from dispatch.notices.tables import DeliveryRow, NoticeRow
from tests.builders import AT, make_notice
from tests.conftest import NOW
from tests.notices.conftest import Office


def keys_seen(office: Office, name: str) -> set[str]:
    with reading(office.engine) as session:
        seen = {n["id"] for n in list_inbox(session, get_account(session, name))}
        return set(session.scalars(select(NoticeRow.dedupe_key).where(NoticeRow.id.in_(seen))))


def test_told_once(office: Office) -> None:
    assert office.post(make_notice("a"), make_notice("a"), make_notice("b")) == [True, False, True]
    assert office.post(make_notice("a")) == [False]
    assert keys_seen(office, "league") == {"a", "b"}


def test_a_lost_race_leaves_the_callers_work_whole(office: Office) -> None:
    """One transaction holds the key uncommitted while the other posts the same one."""
    office.subscribe(Subscription("league", "email", "a@b.example"))
    inside, results = threading.Barrier(2), []

    def work(name: str) -> None:
        if name == "second":
            inside.wait(timeout=60)
        with transaction(office.engine) as session:
            record(session, Act(name, "test", "race"), NOW)
            session.flush()
            results.append(post(session, make_notice("same"), NOW))
            if name == "first":
                inside.wait(timeout=60)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(results) == [False, True]
    with reading(office.engine) as session:
        acts = session.scalars(select(AuditRow.actor).where(AuditRow.subject == "race"))
        assert sorted(acts) == ["first", "second"]
        assert session.scalar(select(func.count()).select_from(DeliveryRow)) == 1


def test_a_notice_of_undone_work_is_not_told(office: Office) -> None:
    with pytest.raises(RuntimeError), transaction(office.engine) as session:
        assert post(session, make_notice("undone"), NOW)
        raise RuntimeError
    assert office.post(make_notice("undone")) == [True]


def test_inbox_by_place_tier_and_role(office: Office) -> None:
    office.post(
        make_notice("region", "150000", "region"), make_notice("league", "150500", "league"),
        make_notice("county", "150502", "county"), make_notice("sister", "150503", "county"),
        make_notice("passed-up", "150502", "league"), make_notice("all", "150000", "county"),
        make_notice("chiefs", "150500", "league", "approver"),
    )
    league = {"league", "county", "sister", "passed-up", "all"}
    assert keys_seen(office, "region") == league | {"region"}
    assert keys_seen(office, "league") == keys_seen(office, "viewer") == league
    assert keys_seen(office, "county") == {"county", "all"}
    assert keys_seen(office, "other") == {"all"}
    assert keys_seen(office, "chief") == league | {"chiefs"}


def test_the_query_and_the_rule_agree(office: Office) -> None:
    """Every audience against every account, once in SQL and once in the pure rule."""
    audiences = {
        f"{place}-{tier}-{role}": Audience(place, tier, role)
        for place in ("150000", "150400", "150500", "150502", "150503") for tier in TIERS for role in ROLES
    }
    office.post(*(make_notice(key, audience=audience) for key, audience in audiences.items()))
    for name in ("region", "league", "county", "other", "viewer", "chief"):
        with reading(office.engine) as session:
            person = get_account(session, name)
        expected = {k for k, a in audiences.items() if a.reaches(person["place"], person["role"])}
        assert keys_seen(office, name) == expected


def test_newest_first_and_limited(office: Office) -> None:
    office.post(make_notice("b"))
    office.clock.at = AT
    office.post(make_notice("older"))
    with reading(office.engine) as session:
        person = get_account(session, "league")
        assert [n["at"] for n in list_inbox(session, person)] == [NOW.isoformat(), AT.isoformat()]
        (first,) = list_inbox(session, person, limit=1)
    assert first["zh"] == "通辽市暴雪：启动Ⅱ级响应" and first["path"] == "/situations/S-1"


def test_read_marks_are_ones_own(office: Office) -> None:
    office.post(make_notice("a"), make_notice("b"))

    def unread(name: str) -> tuple[int, list[bool]]:
        with reading(office.engine) as session:
            person = get_account(session, name)
            return count_unread(session, person), [n["is_read"] for n in list_inbox(session, person)]

    assert unread("league") == (2, [False, False])
    with transaction(office.engine) as session:
        newest: Any = list_inbox(session, get_account(session, "league"))[0]["id"]
        mark_read(session, "league", [newest, 999_999], NOW)
        mark_read(session, "league", [newest], NOW)
        mark_read(session, "league", [], NOW)
    assert unread("league") == (1, [True, False])
    assert unread("region") == (2, [False, False])


def test_exercises_are_marked_in_the_inbox(office: Office) -> None:
    office.post(make_notice("e", is_exercise=True))
    with reading(office.engine) as session:
        (notice,) = list_inbox(session, get_account(session, "league"))
    assert notice["is_exercise"] and notice["zh"].startswith("【演练】") and notice["en"].startswith("[EXERCISE] ")


def test_wishes(office: Office) -> None:
    first = Subscription("league", "email", "a@b.example", Urgency.NOW)
    later = Subscription("league", "email", "a@b.example", Urgency.DIGEST)
    office.subscribe(first, later, Subscription("region", "webhook", "值班群"))
    with transaction(office.engine) as session:
        assert list_subscriptions(session, "league") == (later,)
        assert remove_subscription(session, "league", "email", "a@b.example")
        assert not remove_subscription(session, "league", "email", "a@b.example")
        assert list_subscriptions(session, "league") == ()


def test_queued_for_those_told_and_urgent_enough_and_each_address_once(office: Office) -> None:
    office.subscribe(
        Subscription("league", "email", "shared@b.example"), Subscription("chief", "email", "shared@b.example"),
        Subscription("region", "email", "r@b.example", Urgency.NOW), Subscription("other", "email", "o@b.example"),
    )
    office.post(make_notice("now"), make_notice("soon", urgency=Urgency.SOON), make_notice("late", urgency=Urgency.DIGEST))
    with reading(office.engine) as session:
        rows = session.execute(
            select(NoticeRow.dedupe_key, DeliveryRow.address).join(NoticeRow, NoticeRow.id == DeliveryRow.notice_id)
        )
        queued = sorted((key, address) for key, address in rows)
    assert queued == [("now", "r@b.example"), ("now", "shared@b.example"), ("soon", "shared@b.example")]


def test_the_applications_role_posts_and_sends_but_changes_no_notice(office: Office, kind: str) -> None:
    if kind == "sqlite":
        pytest.skip("SQLite has no roles")
    office.subscribe(Subscription("league", "email", "a@b.example"))
    engine: Engine = office.engine
    with transaction(engine) as session:
        session.execute(text("SET LOCAL ROLE dispatch_app"))
        assert post(session, make_notice("app"), NOW)
        mark_read(session, "league", list(session.scalars(select(NoticeRow.id))), NOW)
        session.execute(text("UPDATE delivery SET error = ''"))
        allowed = session.scalar(text("SELECT has_table_privilege('notice', 'UPDATE, DELETE')"))
    assert allowed is False
