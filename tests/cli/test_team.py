"""``dispatch team forget``."""

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
