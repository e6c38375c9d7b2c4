"""An approved plan sends its teams, all or none."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.errors import Conflict
from dispatch.flow.approve import approve, submit
from dispatch.flow.gather import gather
from dispatch.flow.send import move_team, send_teams
from dispatch.notices.tables import NoticeRow
from dispatch.plans.store import list_deadlines
from dispatch.proposals.queries import get_proposal, list_proposals
from dispatch.teams.calls import Call, call_members
from dispatch.teams.deployment import Hand
from dispatch.teams.deployment_store import list_deployments
from dispatch.teams.members import Answer, answer
from dispatch.teams.model import DeploymentState, Muster
from dispatch.teams.operations import Asked, Order, Who, move, open_deployment
from dispatch.teams.store import list_teams
from dispatch.teams.tables import DeploymentRow, TeamRow
from dispatch.waybills.queries import list_waybills


def proposal(engine: Engine) -> dict:
    with reading(engine) as session:
        return get_proposal(session, list_proposals(session)[0]["code"])


def test_an_approved_plan_sends_its_teams_from_the_moment_of_approval(demo: Engine, clock: FixedClock) -> None:
    body = proposal(demo)
    submit(demo, body["code"], "duty", clock)
    approve(demo, body["code"], "approver", body["body_hash"], clock)
    with reading(demo) as session:
        sent = {d.team_code: d for d in list_deployments(session, states=DeploymentState)}
        status = {t.code: t.status for t in list_teams(session)}
    assert sent and set(sent) == {t["team"] for t in body["teams"]}
    for team in body["teams"]:
        one = sent[team["team"]]
        planned = {name: datetime.fromisoformat(team[name]) for name in ("departs_at", "arrives_at")}
        muster = planned["departs_at"] - datetime.fromisoformat(body["situation"]["as_of"])
        assert (one.county, one.proposal, one.state) == (team["county"], body["code"], DeploymentState.ALERTED)
        assert one.muster_by == clock.now() + muster and muster > timedelta()
        assert one.expected_at == one.muster_by + (planned["arrives_at"] - planned["departs_at"])
        assert status[team["team"]] == "mustering"


def test_a_plan_whose_team_is_out_by_now_is_not_approved_at_all(demo: Engine, clock: FixedClock) -> None:
    body = proposal(demo)
    submit(demo, body["code"], "duty", clock)
    team = body["teams"][-1]["team"]
    with transaction(demo) as session:
        code = open_deployment(session, Order(team, "150102", clock.now(), "k"), "duty", clock.now())
    with pytest.raises(Conflict, match=f"{team} is out: {code}"):
        approve(demo, body["code"], "approver", body["body_hash"], clock)
    with reading(demo) as session:
        assert len(list_deployments(session, states=DeploymentState)) == 1
        assert list_waybills(session) == [] and get_proposal(session, body["code"])["status"] == "submitted"


def test_a_team_that_still_rests_is_not_sent_and_its_desk_is_told(demo: Engine, clock: FixedClock) -> None:
    body = proposal(demo)
    team = body["teams"][0]["team"]
    with transaction(demo) as session:
        row = session.get_one(TeamRow, team)
        row.status, row.rested_at = "resting", clock.now() + timedelta(days=1)
    with transaction(demo) as session:
        sent = send_teams(session, body, "approver", clock.now())
        told = session.scalars(select(NoticeRow.zh).where(NoticeRow.words_code == "notice.team_rests")).all()
    assert len(sent) == len(body["teams"]) - 1
    assert len(told) == 1 and "休整至 11-09 23:00" in told[0] and body["code"] in told[0]


def test_a_stand_by_list_sends_nobody(demo: Engine, clock: FixedClock) -> None:
    body = proposal(demo)
    with transaction(demo) as session:
        assert send_teams(session, {**body, "kind": "standby"}, "approver", clock.now()) == []
        assert send_teams(session, body, "approver", clock.now())


def test_a_team_that_was_stood_down_can_be_planned_again(demo: Engine, clock: FixedClock) -> None:
    body = proposal(demo)
    submit(demo, body["code"], "duty", clock)
    approve(demo, body["code"], "approver", body["body_hash"], clock)
    with transaction(demo) as session:
        inputs = gather(session, body["situation"]["code"], clock.now())
        assert inputs.busy_teams == {t["team"] for t in body["teams"]}
        first = session.scalars(select(DeploymentRow).order_by(DeploymentRow.code)).first()
        assert first
        asked = Asked(DeploymentState.STOOD_DOWN, first.version, "road closed")
        move(session, first.code, asked, Who("duty", Hand.DESK), clock.now())
        assert gather(session, body["situation"]["code"], clock.now()).busy_teams == inputs.busy_teams - {first.team_code}


def test_the_plans_hour_for_mustering_is_met_when_the_last_team_has_left(demo: Engine, clock: FixedClock) -> None:
    body = proposal(demo)
    submit(demo, body["code"], "duty", clock)
    approve(demo, body["code"], "approver", body["body_hash"], clock)
    desk = Who("duty", Hand.DESK)

    def met() -> str | None:
        with reading(demo) as session:
            rows = list_deadlines(session, [body["situation"]["code"]])
            return next((r.met_by for r in rows if r.name == "muster" and r.met_at), None)

    with reading(demo) as session:
        codes = [d.code for d in list_deployments(session, states=DeploymentState)]
    assert len(codes) > 1
    for number, code in enumerate(codes):
        clock.at += timedelta(minutes=1)
        assert met() is None
        with transaction(demo) as session:
            move_team(session, code, Asked(DeploymentState.MUSTERING, 1), desk, clock.now())
        assert met() is None
        with transaction(demo) as session:
            first = call_members(session, Call(code, code), "duty", clock.now())[0].member
            answer(session, code, Answer(first, Muster.MUSTERED), desk, clock.now())
        # the last one does not go: the others have
        target = DeploymentState.STOOD_DOWN if number == len(codes) - 1 else DeploymentState.EN_ROUTE
        with transaction(demo) as session:
            move_team(session, code, Asked(target, 2, "8 人，由队长带队"), desk, clock.now())
    assert met() == "duty"
