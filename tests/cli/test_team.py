"""``dispatch team forget|readiness``."""

from datetime import timedelta

from dispatch.config import Settings
from dispatch.db import make_engine, reading, transaction
from dispatch.demo_time import clock_of
from dispatch.teams.rules import load_team_rule
from dispatch.teams.tables import MemberRow
from tests.cli.test_contract import answer, dispatch


def test_forgetting_is_told_and_done_once(demo_file: Settings) -> None:
    engine = make_engine(demo_file.database_url)
    left_at = clock_of(engine).now() - timedelta(days=load_team_rule().retention_days + 1)
    with transaction(engine) as session:
        row = session.get(MemberRow, "TM-000002")
        assert row
        row.status, row.left_at = "left", left_at
    assert answer(demo_file, "team", "forget", "--json") == {"members": ["TM-000002"], "uploads": []}
    assert answer(demo_file, "team", "forget", "--json") == {"members": [], "uploads": []}
    assert "0 名队员" in dispatch(demo_file, "team", "forget").stdout
    with reading(engine) as session:
        row = session.get(MemberRow, "TM-000002")
        assert row and row.name == "" and row.phone is None
    engine.dispose()


def test_readiness_is_told_for_every_team_and_league(demo_file: Settings) -> None:
    told = answer(demo_file, "team", "readiness", "--json")
    assert len(told["teams"]) == 15 and told["is_assumption"] is True and told["source"]
    for team in told["teams"]:
        product = 100.0
        for factor in team["factors"]:
            product *= factor["value"]
            assert 0 <= factor["value"] <= 1 and factor["zh"] and factor["en"]
        assert abs(product - team["readiness"]) < 1 and team["is_ready"] == (team["readiness"] >= 60)
        assert all(step["readiness"] > team["readiness"] for step in team["steps"])
    assert sum(league["teams"] for league in told["leagues"].values()) == 15
    (one,) = answer(demo_file, "team", "readiness", "--json", "--team", "RT-150500")["teams"]
    assert one == next(t for t in told["teams"] if t["team"] == "RT-150500")
    assert "通辽市红十字赈济救援队" in dispatch(demo_file, "team", "readiness").stdout
