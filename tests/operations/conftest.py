"""A store with people and nothing in it, and short ways to do things."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine, text

from dispatch.accounts.store import save_demo_accounts
from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.inventory.proof import find_differences
from dispatch.operations.desk import start
from dispatch.operations.model import Kind, Request
from tests.conftest import NOW

HERE, THERE = "WH-150500", "WH-150522"


class Store:
    """A warehouse's desk with the clock standing still."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.clock = engine, FixedClock(NOW)
        self.keys = count()
        with transaction(engine) as session:
            save_demo_accounts(session)

    def do(self, kind: Kind, actor: str = "store", warehouse: str = HERE, key: str = "", **body: Any) -> str:
        return start(self.engine, Request(kind, warehouse, body, key or f"k{next(self.keys)}"), actor, self.clock)

    def receive(self, quantity: int = 100, item: str = "QUILT", **line: Any) -> str:
        """The lot of a plain purchase."""
        code = self.do(Kind.RECEIPT, source="purchase", party="供应商",
                       lines=[{"item": item, "quantity": quantity, **line}])
        return f"{code}-01"

    def units(self, place: str, lot: str) -> int:
        with reading(self.engine) as session:
            found = session.scalar(
                text("SELECT on_hand FROM balance WHERE place = :p AND lot_code = :l"), {"p": place, "l": lot}
            )
        return found or 0

    def is_sound(self) -> bool:
        with reading(self.engine) as session:
            return find_differences(session)["discrepancies"] == []


@pytest.fixture
def store(bare: Engine) -> Store:
    return Store(bare)


MakeStore = Callable[[], Store]
