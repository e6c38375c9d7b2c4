"""The rota drawn up from deployments, teams and roads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from dispatch.db import reading, transaction
from dispatch.flow.rota import draw_rota
from dispatch.teams.rota import Rota, load_rota_figures
from dispatch.teams.store import list_teams
from dispatch.teams.tables import TeamDrillRow
from tests.teams.conftest import COUNTY, NOW, OTHER, TEAM, Desk, S

OVERLAP = timedelta(hours=load_rota_figures()["overlap_h"])


@pytest.fixture
def desk(bare: Engine) -> Desk:
    return Desk(bare)


def drawn(desk: Desk, days: int = 30) -> Rota:
    with reading(desk.engine) as session:
        return draw_rota(session, desk.clock.now(), days)


def test_a_team_on_site_is_relieved_by_one_that_is_near_and_free(desk: Desk) -> None:
    code = desk.on_site()
    rota = drawn(desk)
    first = rota.shifts[0]
    assert (first.post.deployment, first.post.county, first.post.team) == (code, COUNTY, TEAM)
    assert first.team != TEAM and first.arrives_at == desk.get(code).tour_ends_at - OVERLAP
    assert rota.open == () and len({s.team for s in rota.shifts}) > 1


def test_who_is_followed_already_is_not_relieved_again_but_the_follower_is(desk: Desk) -> None:
    code = desk.on_site()
    follower = desk.open(OTHER, relieves=code, muster_by=NOW + timedelta(days=6))
    rota = drawn(desk)
    assert {s.post.deployment for s in rota.shifts} == {follower}
    assert rota.shifts[0].team not in (OTHER,)


def test_where_the_follower_turned_back_somebody_else_is_to_follow(desk: Desk) -> None:
    code = desk.on_site()
    follower = desk.open(OTHER, relieves=code)
    for target in (S.MUSTERING, S.EN_ROUTE, S.RETURNING):
        desk.move(follower, target, "10 人，道路中断")
    assert code in {s.post.deployment for s in drawn(desk).shifts}


@pytest.mark.parametrize("state", [S.HANDOVER, S.RETURNING])
def test_nobody_follows_where_nobody_is_to(desk: Desk, state: S) -> None:
    code = desk.on_site()
    desk.move(code, S.HANDOVER, "任务完成")
    if state is S.RETURNING:
        desk.move(code, state)
    assert drawn(desk) == Rota((), ())


def test_no_team_left_is_said(desk: Desk) -> None:
    desk.on_site()
    with transaction(desk.engine) as session:
        session.execute(text("UPDATE team SET status = 'unavailable' WHERE code <> :c"), {"c": TEAM})
    rota = drawn(desk)
    assert rota.shifts == () and [g.cause.code for g in rota.open] == ["rota.nobody"]


def test_a_team_that_is_not_ready_relieves_nobody(desk: Desk) -> None:
    desk.on_site()
    with transaction(desk.engine) as session:
        others = [t.code for t in list_teams(session) if t.code != TEAM]
        for code in others:
            session.add(TeamDrillRow(code=f"TD-{code}", team_code=code, held_on=NOW.date(), title="x", recorded_by="duty", recorded_at=NOW))
    rota = drawn(desk)
    assert rota.shifts == () and [g.cause.code for g in rota.open] == ["rota.nobody"]
