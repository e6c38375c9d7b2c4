"""Hypothesis walks through any order of movements; the book must hold after each step."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from dispatch.db import make_engine, reading, transaction
from dispatch.errors import DispatchError
from dispatch.inventory.book import reverse_movements
from dispatch.inventory.service import Claim, release, reserve
from dispatch.operations.desk import advance, count
from dispatch.operations.model import Kind, Status
from tests.conftest import NOW, Databases
from tests.operations.conftest import HERE, THERE, Store
from tests.operations.test_documents import issue

AMOUNTS = st.integers(1, 60)


class Storehouse(RuleBasedStateMachine):
    """Two warehouses, one item, everything people do; refusals are fine, drift is not."""

    template: Path
    lots = Bundle("lots")
    transfers = Bundle("transfers")
    counts = Bundle("counts")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()
        shutil.copy(self.template, f"{self.folder}/db.sqlite")
        self.store = Store(make_engine(f"sqlite:///{self.folder}/db.sqlite"))

    def teardown(self) -> None:
        self.store.engine.dispose()
        shutil.rmtree(self.folder)

    def tried(self, action, *arguments, **more):  # type: ignore[no-untyped-def]
        try:
            return action(*arguments, **more)
        except DispatchError as error:
            assert error.remedy and error.message_zh
            return None

    @rule(target=lots, quantity=AMOUNTS, years=st.integers(-1, 3))
    def receive(self, quantity: int, years: int) -> str:
        return self.store.receive(quantity, expires_on=f"{2021 + years}-12-01")

    @rule(quantity=AMOUNTS)
    def issue(self, quantity: int) -> None:
        self.tried(issue, self.store, "QUILT", quantity)

    @rule(lot=lots, quantity=AMOUNTS)
    def put_away(self, lot: str, quantity: int) -> None:
        self.tried(self.store.do, Kind.PUTAWAY, lines=[{"lot": lot, "quantity": quantity, "to_bin": "B"}])

    @rule(lot=lots, quantity=AMOUNTS)
    def lose(self, lot: str, quantity: int) -> None:
        code = self.store.do(Kind.LOSS, reason="x", lines=[{"lot": lot, "quantity": quantity}])
        self.tried(advance, self.store.engine, code, Status.POSTED, "approver", self.store.clock)

    @rule(target=transfers, quantity=AMOUNTS)
    def ask_for_transfer(self, quantity: int) -> str:
        return self.store.do(Kind.TRANSFER, target=THERE, lines=[{"item": "QUILT", "quantity": quantity}])

    @rule(code=transfers, status=st.sampled_from([Status.APPROVED, Status.LOADED, Status.RECEIVED, Status.CANCELLED]))
    def move_transfer(self, code: str, status: Status) -> None:
        self.tried(advance, self.store.engine, code, status, "approver", self.store.clock)

    @rule(target=counts, lot=lots)
    def open_count(self, lot: str) -> str:
        return self.tried(self.store.do, Kind.STOCKTAKE, lots=[lot]) or "none"

    @rule(code=counts, found=AMOUNTS)
    def close_count(self, code: str, found: int) -> None:
        with reading(self.store.engine) as session:
            keys = [f"{p}|{lot}" for p, lot in session.execute(text("SELECT place, lot_code FROM freeze WHERE document = :c"), {"c": code})]
        for who in ("store", "store2"):
            self.tried(count, self.store.engine, code, dict.fromkeys(keys, found), who, self.store.clock)
        self.tried(advance, self.store.engine, code, Status.POSTED, "approver", self.store.clock)

    @rule(lot=lots, quantity=AMOUNTS)
    def promise(self, lot: str, quantity: int) -> None:
        def act() -> None:
            with transaction(self.store.engine) as session:
                reserve(session, [Claim(HERE, lot, quantity)], "P-1", NOW)
        self.tried(act)

    @rule()
    def give_back(self) -> None:
        with transaction(self.store.engine) as session:
            release(session, "P-1")

    @rule(number=st.integers(1, 30))
    def reverse(self, number: int) -> None:
        def act() -> None:
            with transaction(self.store.engine) as session:
                reverse_movements(session, [number], "approver", "RV", NOW)
        self.tried(act)

    @invariant()
    def the_book_holds(self) -> None:
        assert self.store.is_sound()
        with reading(self.store.engine) as session:
            assert not session.scalar(text("SELECT COUNT(*) FROM balance WHERE on_hand < 0 OR reserved < 0 OR reserved > on_hand"))
            inside: Counter[str] = Counter(dict(session.execute(text("SELECT lot_code, SUM(on_hand) FROM balance GROUP BY lot_code")).all()))
            crossed: Counter[str] = Counter()
            for lot, units, source, target in session.execute(text("SELECT lot_code, quantity, from_place, to_place FROM movement")):
                kinds = ("wh:", "transit:", "quarantine:")
                crossed[lot] += units * (target.startswith(kinds) - source.startswith(kinds))
        assert {k: v for k, v in inside.items() if v} == {k: v for k, v in crossed.items() if v}


@pytest.mark.parametrize("kind", ["sqlite"])
def test_any_order_of_movements_keeps_the_book(databases: Databases, kind: str) -> None:
    url = databases.filled(kind, demo=False)
    Store(make_engine(url)).engine.dispose()
    Storehouse.template = Path(url.removeprefix("sqlite:///"))
    with sqlite3.connect(Storehouse.template) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    run_state_machine_as_test(
        Storehouse,
        settings=settings(max_examples=25, stateful_step_count=20, deadline=None,
                          suppress_health_check=list(HealthCheck), derandomize=True),
    )
