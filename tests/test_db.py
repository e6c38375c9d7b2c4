"""A database that is read-only, full or away: a clear error, nothing lost, nothing half-written."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import IntegrityError, OperationalError

from dispatch.config import Settings
from dispatch.db import ATTEMPTS, make_engine, reading, retried
from dispatch.errors import InvalidInput, Unavailable
from dispatch.operations.model import Kind
from tests.conftest import Databases
from tests.operations.conftest import Store


def count(engine: Engine, table: str) -> int:
    with reading(engine) as session:
        return session.scalar(text(f"SELECT COUNT(*) FROM {table}")) or 0


def receive(store: Store) -> str:
    return store.do(Kind.RECEIPT, source="purchase", party="厂", lines=[{"item": "COAT", "quantity": 1}])


def test_a_full_disk_in_mid_transaction(databases: Databases) -> None:
    url = databases.filled("sqlite", demo=False)
    Store(make_engine(url))
    engine = make_engine(url)

    @event.listens_for(engine, "connect")
    def shrink(connection, _record) -> None:  # type: ignore[no-untyped-def]
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    store = Store.__new__(Store)
    store.__dict__.update(Store(make_engine(url)).__dict__, engine=engine)
    with pytest.raises(Unavailable, match="full") as caught:
        for number in range(400):
            store.do(Kind.RECEIPT, source="purchase", party="厂", reason="x" * 4000,
                     lines=[{"item": "COAT", "quantity": 1, "number": number}])
    assert "没有任何改动" in caught.value.message_zh
    healthy = make_engine(url)
    assert count(healthy, "movement") == count(healthy, "stock_document") == count(healthy, "lot")
    assert store.is_sound()


def test_a_read_only_database(kind: str, databases: Databases) -> None:
    url = databases.filled(kind, demo=False)
    store = Store(make_engine(url))
    receive(store)
    engine = make_engine(url)

    @event.listens_for(engine, "connect")
    def lock(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA query_only=ON" if kind == "sqlite" else "SET default_transaction_read_only = on")
        if kind == "postgis":
            connection.commit()

    store.engine = engine
    with pytest.raises(Unavailable) as caught:
        receive(store)
    assert caught.value.remedy_zh
    assert count(engine, "movement") == 1


def test_an_address_that_is_none() -> None:
    with pytest.raises(InvalidInput):
        make_engine("not an address")


def test_production_refuses_the_demo_secret() -> None:
    with pytest.raises(InvalidInput, match="DISPATCH_SECRET_KEY"):
        Settings("sqlite://", production=True)


def test_a_lost_race_is_tried_again_and_given_up_in_the_end() -> None:
    calls = []

    @retried
    def step(times: int) -> str:
        calls.append(1)
        if len(calls) < times:
            raise IntegrityError("x", {}, Exception("UNIQUE constraint failed"))
        return "done"

    assert step(3) == "done" and len(calls) == 3
    calls.clear()
    with pytest.raises(IntegrityError):
        step(99)
    assert len(calls) == ATTEMPTS


def test_what_is_no_race_is_not_tried_again() -> None:
    calls = []

    @retried
    def step() -> None:
        calls.append(1)
        raise Unavailable("x") from OperationalError("x", {}, Exception("disk full"))

    with pytest.raises(Unavailable):
        step()
    assert len(calls) == 1
