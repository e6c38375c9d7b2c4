"""The record on both databases: in turn, only added to, and what was done behind its back shows."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from dispatch.audit.queries import export, list_acts, verify, verify_export
from dispatch.audit.store import Act, record
from dispatch.db import reading, run_in_transaction, snapshot_of, transaction
from dispatch.errors import InvalidInput
from tests.conftest import NOW


def add(engine: Engine, *subjects: str) -> None:
    with transaction(engine) as session:
        for subject in subjects:
            record(session, Act("tester", "test.act", subject, "蒙古包 ✓", "f" * 64), NOW)


def lift_guards(engine: Engine) -> None:
    """What somebody with the keys of the database can do."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER audit_no_update"))
            connection.execute(text("DROP TRIGGER audit_no_delete"))
        else:
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))


def test_acts_are_chained_across_transactions(bare: Engine) -> None:
    with reading(bare) as session:
        before = verify(session)
    add(bare, "one", "two")
    add(bare, "three")
    with reading(bare) as session:
        after = verify(session)
    assert before.broken is after.broken is None and after.acts == before.acts + 3


def test_what_is_undone_leaves_no_act(bare: Engine) -> None:
    with pytest.raises(RuntimeError), transaction(bare) as session:
        record(session, Act("tester", "test.act", "undone"), NOW)
        raise RuntimeError
    with reading(bare) as session:
        assert verify(session).broken is None and list_acts(session, {"subject": "undone"}) == []


def test_many_writers_at_once_make_one_chain(bare: Engine) -> None:
    def write(number: int) -> None:
        def work(session) -> None:  # type: ignore[no-untyped-def]
            record(session, Act(f"w{number % 8}", "test.act", f"many-{number}"), NOW)
            record(session, Act(f"w{number % 8}", "test.act", f"many-{number}"), NOW)
        run_in_transaction(bare, work)

    with reading(bare) as session:
        before = verify(session).acts
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(80)))
    with reading(bare) as session:
        verdict = verify(session)
    assert verdict.broken is None and verdict.acts == before + 160


def test_the_proof_holds_while_others_write(bare: Engine) -> None:
    """Read at one moment: acts that come after the head was read are not taken for added ones."""
    add(bare, "one")
    with reading(snapshot_of(bare)) as session:
        lines = export(session)
        head = next(lines)
        add(bare, "two", "three")
        assert verify_export([head, *lines]).broken is None and verify(session).broken is None


@pytest.mark.parametrize("sql", ["UPDATE audit SET detail = 'x'", "DELETE FROM audit", "UPDATE audit SET chain = ''"])
def test_the_record_is_only_added_to(bare: Engine, sql: str) -> None:
    add(bare, "one")
    with pytest.raises(DBAPIError, match="only ever added to"), bare.begin() as connection:
        connection.execute(text(sql))


@pytest.mark.parametrize(
    ("sql", "number"),
    [
        ("UPDATE audit SET actor = 'somebody else' WHERE subject = 'two'", 2),
        ("UPDATE audit SET seen = '' WHERE subject = 'three'", 3),
        ("DELETE FROM audit WHERE subject = 'one'", 1),
        ("DELETE FROM audit WHERE subject = 'three'", 3),
        ("UPDATE audit SET subject = 'x', chain = '" + "0" * 64 + "' WHERE subject = 'two'", 2),
    ],
)
def test_what_is_done_behind_its_back_is_named(bare: Engine, sql: str, number: int) -> None:
    with reading(bare) as session:
        before = verify(session).acts
    add(bare, "one", "two", "three")
    lift_guards(bare)
    with bare.begin() as connection:
        connection.execute(text(sql))
    with reading(bare) as session:
        broken = verify(session).broken
    assert broken is not None and broken.number == before + number


def test_an_export_verifies_without_the_database_and_shows_a_change(bare: Engine) -> None:
    add(bare, "one", "two")
    with reading(bare) as session:
        lines = list(export(session))
        here = verify(session)
    there = verify_export(lines)
    assert (there.broken, there.acts, there.chain) == (None, here.acts, here.chain)
    last = json.loads(lines[-1])
    assert verify_export([*lines[:-1], json.dumps({**last, "detail": "other"})]).broken is not None
    cut = verify_export(lines[:-1]).broken
    assert cut is not None and "taken away" in cut.en


@pytest.mark.parametrize("spoil", [lambda _: [], lambda _: ["{}"], lambda _: ["no json"], lambda lines: [lines[0], "[1]"],
                                   lambda lines: [lines[0], '{"id": 1}'], lambda lines: [lines[0], lines[1].replace("at", "ta")]])
def test_another_file_is_refused_in_words(bare: Engine, spoil: Callable[[list[str]], list[str]]) -> None:
    add(bare, "one")
    with reading(bare) as session:
        lines = list(export(session))
    with pytest.raises(InvalidInput, match="not an export of the audit record"):
        verify_export(spoil(lines))


def test_acts_are_found_by_how_they_begin_newest_first(bare: Engine) -> None:
    add(bare, "find-1", "find-2", "find%")
    with reading(bare) as session:
        found = list_acts(session, {"subject": "find-", "actor": ""})
        assert [a["subject"] for a in found] == ["find-2", "find-1"]
        assert [a["subject"] for a in list_acts(session, {"subject": "find"}, before=found[0]["id"])] == ["find-1"]
