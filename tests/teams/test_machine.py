"""Hypothesis walks two teams through any order of acts; the rows must agree after each."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from dispatch.db import make_engine, reading
from dispatch.errors import DispatchError
from dispatch.teams.alarm import raise_overdue
from dispatch.teams.deployment import ENDED, OUT, TEAM_STATUS, Hand
from dispatch.teams.deployment_store import list_deployments
from dispatch.teams.model import DeploymentState, Muster
from dispatch.teams.operations import Who
from dispatch.teams.rules import load_team_rule
from tests.conftest import Databases
from tests.teams.conftest import COUNTY, OTHER, TEAM, Desk

MEMBERS = st.sampled_from(["M-0001", "M-0002", "M-0003"])
HANDS = st.sampled_from([Who("duty", Hand.DESK), Who("M-0001", Hand.LEADER), Who("M-0002", Hand.MEMBER)])


class Field(RuleBasedStateMachine):
    """Two teams of which one has a roster; refusals are fine, disagreement is not."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()
        shutil.copy(self.template, f"{self.folder}/db.sqlite")
        self.desk = Desk(make_engine(f"sqlite:///{self.folder}/db.sqlite"))
        self.lines = 0

    def teardown(self) -> None:
        self.desk.engine.dispose()
        shutil.rmtree(self.folder)

    def tried(self, action, *arguments, **more):  # type: ignore[no-untyped-def]
        try:
            return action(*arguments, **more)
        except DispatchError as error:
            assert error.remedy and error.message_zh and error.remedy_zh
            return None

    def all(self, team: str):  # type: ignore[no-untyped-def]
        with reading(self.desk.engine) as session:
            return [d for d in list_deployments(session, states=DeploymentState) if d.team_code == team]

    def latest(self, team: str) -> str:
        return max((d.code for d in self.all(team)), default="none")

    @rule(team=st.sampled_from([TEAM, OTHER]))
    def send(self, team: str) -> None:
        self.tried(self.desk.open, team)

    @rule(team=st.sampled_from([TEAM, OTHER]))
    def relieve(self, team: str) -> None:
        self.tried(self.desk.open, team, relieves=self.latest(OTHER if team == TEAM else TEAM), county=COUNTY)

    @rule()
    def call(self) -> None:
        self.tried(self.desk.call, self.latest(TEAM))

    @rule(member=MEMBERS, said=st.sampled_from(Muster))
    def say(self, member: str, said: Muster) -> None:
        self.tried(self.desk.answer, self.latest(TEAM), member, said)

    @rule(team=st.sampled_from([TEAM, OTHER]), state=st.sampled_from(DeploymentState), who=HANDS, note=st.sampled_from(["", "因故"]))
    def move(self, team: str, state: DeploymentState, who: Who, note: str) -> None:
        code = self.latest(team)
        if code != "none":
            self.tried(self.desk.move, code, state, note, who)

    @rule(team=st.sampled_from([TEAM, OTHER]))
    def go_on(self, team: str) -> None:
        """The usual next step, everybody present; else most walks end at the muster point."""
        code = self.latest(team)
        for member, said in (("M-0001", Muster.MUSTERED), ("M-0001", Muster.BACK)):
            if team == TEAM and code != "none" and (said is not Muster.BACK or self.desk.get(code).state == "returning"):
                self.tried(self.desk.answer, code, member, said)
        chain = list(DeploymentState)[:8]
        if code != "none" and self.desk.get(code).state not in ENDED:
            target = chain[chain.index(self.desk.get(code).state) + 1]
            self.tried(self.desk.move, code, target, "8 人，因故")

    @rule(who=HANDS, back=st.integers(0, 9))
    def check_in(self, who: Who, back: int) -> None:
        at = self.desk.clock.now() - timedelta(hours=back)
        self.tried(self.desk.check_in, self.latest(TEAM), who, at=at)

    @rule(hours=st.integers(1, 60))
    def wait(self, hours: int) -> None:
        self.desk.clock.at += timedelta(hours=hours)
        self.desk.do(raise_overdue, self.desk.clock.now())
        assert self.desk.do(raise_overdue, self.desk.clock.now()) == 0

    @invariant()
    def rows_agree(self) -> None:
        rule_ = load_team_rule()
        for team in (TEAM, OTHER):
            found = self.all(team)
            live = [d for d in found if d.state not in ENDED]
            assert len(live) <= 1
            assert self.desk.team(team).status == (TEAM_STATUS[live[0].state] if live else "available")
            for d in found:
                if d.state in OUT:
                    assert d.last_check_in_at and d.alerted_at <= d.last_check_in_at <= self.desk.clock.now()
                if d.on_site_at:
                    assert d.tour_ends_at == d.on_site_at + timedelta(days=rule_.tour_days)
                if d.state is DeploymentState.CLOSED:
                    assert d.rested_at and d.rested_at <= self.desk.clock.now()
                states = self.desk.log(d.code, "state")
                assert len(states) == d.version and states[0]["detail"]["state"] == d.state

    @invariant()
    def the_book_grows_and_keys_end(self) -> None:
        with reading(self.desk.engine) as session:
            lines = session.scalar(text("SELECT COUNT(*) FROM deployment_log"))
            stale = session.scalar(text(
                "SELECT COUNT(*) FROM deployment_member m JOIN deployment d ON d.code = m.deployment "
                "WHERE m.key_sha256 IS NOT NULL AND d.state IN ('closed', 'stood_down')"
            ))
        assert lines >= self.lines and not stale
        self.lines = lines


@pytest.mark.parametrize("kind", ["sqlite"])
def test_any_order_of_acts_keeps_the_rows_in_agreement(databases: Databases, kind: str) -> None:
    url = databases.filled(kind, demo=False)
    Field.template = Path(url.removeprefix("sqlite:///"))
    with sqlite3.connect(Field.template) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    run_state_machine_as_test(
        Field,
        settings=settings(max_examples=25, stateful_step_count=30, deadline=None,
                          suppress_health_check=list(HealthCheck), derandomize=True),
    )
