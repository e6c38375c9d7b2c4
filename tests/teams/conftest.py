"""A team with people on a bare database, and short ways to send it."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.accounts.store import save_demo_accounts
from dispatch.accounts.tables import AccountRow
from dispatch.clock import FixedClock
from dispatch.db import reading, run_in_transaction, transaction
from dispatch.teams.calls import Call, Summons, call_members
from dispatch.teams.deployment import Deployment, Hand
from dispatch.teams.deployment_store import deployment_of, get_row
from dispatch.teams.logbook import read_log
from dispatch.teams.members import Answer, CheckIn, answer, check_in
from dispatch.teams.model import DeploymentState, Muster
from dispatch.teams.operations import Asked, Order, Who, move, open_deployment
from dispatch.teams.tables import MemberRow, TeamRow
from tests.conftest import NOW

TEAM, OTHER, COUNTY = "RT-150500", "RT-150400", "150522"
DESK = Who("duty", Hand.DESK)
HOUR = timedelta(hours=1)
S = DeploymentState


def make_member(code: str, **changes: Any) -> MemberRow:
    """An active member of the team who may be called."""
    fields = {
        "team_code": TEAM, "name": f"队员{code}", "kind": "volunteer", "status": "active", "phone": f"139{code[-4:]:0>8}",
        "roles": "member", "languages": "zh", "account": None, "applied_at": NOW, "applied_by": "duty", "review_note": "",
    }
    return MemberRow(code=code, **{**fields, **changes})


def save_people(session: Session) -> None:
    """Four members (the first leads, the last has left) and a league's planner."""
    save_demo_accounts(session)
    for name, place in (("tongliao_desk", "150500"), ("chifeng_desk", "150400")):
        session.add(AccountRow(name=name, display_zh=name, role="planner", place=place, password_hash="-", is_demo=True))
    session.flush()
    session.add_all([
        make_member("M-0001", roles="leader driver"), make_member("M-0002", account="viewer"),
        make_member("M-0003", phone=None), make_member("M-0004", status="left"),
    ])


class Desk:
    """The duty desk with the clock standing still until moved."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.clock, self.keys = engine, FixedClock(NOW), count()
        run_in_transaction(engine, save_people)

    def do(self, work: Any, *arguments: Any, **more: Any) -> Any:
        with transaction(self.engine) as session:
            return work(session, *arguments, **more)

    def open(self, team: str = TEAM, actor: str = "duty", **changes: Any) -> str:
        fields = {"county": COUNTY, "muster_by": self.clock.now() + 2 * HOUR, "submit_key": f"o{next(self.keys)}"}
        return self.do(open_deployment, Order(team, **{**fields, **changes}), actor, self.clock.now())

    def call(self, code: str, *members: str) -> tuple[Summons, ...]:
        return self.do(call_members, Call(code, f"c{next(self.keys)}", members), "duty", self.clock.now())

    def move(self, code: str, target: DeploymentState, note: str = "", who: Who = DESK, version: int | None = None) -> None:
        seen = self.get(code).version if version is None else version
        self.do(move, code, Asked(target, seen, note), who, self.clock.now())

    def answer(self, code: str, member: str, said: Muster, who: Who | None = None) -> None:
        self.do(answer, code, Answer(member, said), who or Who(member, Hand.MEMBER), self.clock.now())

    def check_in(self, code: str, who: Who = DESK, **changes: Any) -> bool:
        fields = {"at": self.clock.now(), "submit_key": f"i{next(self.keys)}"}
        return self.do(check_in, code, CheckIn(**{**fields, **changes}), who, self.clock.now())

    def on_site(self, *members: str) -> str:
        """A deployment that has arrived with some members."""
        code = self.open()
        self.call(code)
        for member in members or ("M-0001", "M-0002"):
            self.answer(code, member, Muster.MUSTERED)
        self.move(code, S.EN_ROUTE)
        self.move(code, S.ON_SITE)
        return code

    def get(self, code: str) -> Deployment:
        with reading(self.engine) as session:
            return deployment_of(get_row(session, code))

    def team(self, code: str = TEAM) -> TeamRow:
        with reading(self.engine) as session:
            team = session.get_one(TeamRow, code)
            session.expunge(team)
            return team

    def log(self, code: str, *kinds: str) -> list[dict[str, Any]]:
        with reading(self.engine) as session:
            return [line for line in read_log(session, code) if not kinds or line["kind"] in kinds]


@pytest.fixture
def desk(bare: Engine) -> Desk:
    return Desk(bare)
