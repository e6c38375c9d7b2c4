"""Accounts at several places and short ways to fill rosters."""

from __future__ import annotations

from itertools import count
from typing import Any

from sqlalchemy import Engine, select

from dispatch.accounts.store import save_demo_accounts
from dispatch.accounts.tables import AccountRow
from dispatch.audit.tables import AuditRow
from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.teams.model import Member, Roster
from dispatch.teams.people import Decision, Person, apply, review
from dispatch.teams.queries import get_roster
from dispatch.teams.tables import MemberRow
from tests.conftest import NOW

TL, HH, REGION_TEAM = "RT-150500", "RT-150100", "RT-150001"
ACCOUNTS = (
    ("tl-plan", "planner", "150500"), ("tl-plan2", "planner", "150500"), ("tl-store", "storekeeper", "150500"),
    ("tl-view", "viewer", "150500"), ("hh-plan", "planner", "150100"), ("horqin", "planner", "150502"),
)


class Desk:
    """The rosters of a database with people who may and may not touch them."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.clock = engine, FixedClock(NOW)
        self.numbers = count(1)
        with transaction(engine) as session:
            save_demo_accounts(session)
            session.add_all(AccountRow(name=n, display_zh=n, role=r, place=p, password_hash="x", is_demo=False)
                            for n, r, p in ACCOUNTS)

    def ask(self, team: str = TL, actor: str = "tl-plan", account: str | None = None, **fields: Any) -> str:
        """A valid application; returns the member's code."""
        n = next(self.numbers)
        person = Person(**{"name": f"王小{n}", "kind": "volunteer", "phone": f"138{n:08d}", **fields})
        return apply(self.engine, (team, person, account), actor, self.clock)

    def member(self, team: str = TL, account: str | None = None, **fields: Any) -> str:
        """An active member."""
        code = self.ask(team, "duty" if account is None else account, account, **fields)
        review(self.engine, Decision(code, True), "approver", self.clock)
        return code

    def roster(self, team: str = TL) -> Roster:
        with reading(self.engine) as session:
            return get_roster(session, team)

    def one(self, code: str) -> Member:
        return next(m for t in (TL, HH, REGION_TEAM) for m in self.roster(t).members if m.code == code)

    def row(self, code: str) -> MemberRow:
        with reading(self.engine) as session:
            row = session.get(MemberRow, code)
            assert row is not None
            session.expunge(row)
            return row

    def acts(self, subject: str) -> list[str]:
        with reading(self.engine) as session:
            return list(session.scalars(select(AuditRow.action).where(AuditRow.subject == subject).order_by(AuditRow.id)))

    def audit_text(self) -> str:
        with reading(self.engine) as session:
            return "\n".join(f"{a.actor} {a.action} {a.subject} {a.detail}" for a in session.scalars(select(AuditRow)))
