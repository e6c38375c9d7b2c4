"""People and moments for the tests of accounts."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from dispatch.accounts import store
from dispatch.accounts.attempts import Caller
from dispatch.accounts.tables import AccountRow
from dispatch.db import transaction
from tests.conftest import NOW

GOOD = "winter road under seven lamps"


def at(seconds: float = 0, remote: str = "10.0.0.1") -> Caller:
    """Somebody asking so many seconds after the start."""
    moment: datetime = NOW + timedelta(seconds=seconds)
    return Caller(remote, "browser", moment, moment)


def add(engine: Engine, *people: tuple[str, str, str]) -> None:
    """Accounts by name, role and place, with a good password of their own."""
    with transaction(engine) as session:
        session.add_all(AccountRow(name=name, display_zh=name, role=role, place=place, is_demo=False,
                                   password_hash=store.hash_password(GOOD)) for name, role, place in people)
