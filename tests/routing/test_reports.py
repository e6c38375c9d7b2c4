"""Road reports: kept once, the newest counts, refused with a sentence, never changed."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from dispatch.db import reading, run_in_transaction
from dispatch.errors import InvalidInput, NotFound
from dispatch.geo import LonLat
from dispatch.routing.reports import RoadTold, list_current, list_history, tell_road
from dispatch.routing.road_state import RoadStateKind, load_road_report_rule
from dispatch.routing.roads import road_conditions
from dispatch.routing.tables import RoadReportRow
from tests.builders import AT, make_edge
from tests.conftest import NOW

RULE = load_road_report_rule()
H = timedelta(hours=1)


def told(key: str, state: str = "closed", edge: int = 1, **changes: object) -> RoadTold:
    values = {"said_at": NOW, "kind": "call", "said_by": "养护站 王工", **changes}
    return RoadTold(edge, RoadStateKind(state), submit_key=key, **values)  # type: ignore[arg-type]


def tell(engine: Engine, report: RoadTold) -> bool:
    return run_in_transaction(engine, lambda s: tell_road(s, report, "duty", NOW))


def test_the_same_report_twice_is_one_fact(bare: Engine) -> None:
    report = told("k1", place=LonLat(122.3, 43.6), words="雪阻，清雪中")
    assert tell(bare, report) is True
    assert tell(bare, report) is False
    with reading(bare) as session:
        assert session.scalar(select(func.count()).select_from(RoadReportRow)) == 1
        (state,) = list_current(session, NOW)
    assert (state.edge_id, state.state, state.percent, state.speed_factor) == (1, "closed", 0, 0.0)
    assert (state.said_by, state.actor, state.words, state.place) == ("养护站 王工", "duty", "雪阻，清雪中", LonLat(122.3, 43.6))


def test_the_newest_word_counts_by_when_it_was_said(bare: Engine) -> None:
    tell(bare, told("late", "open", said_at=NOW - H))
    tell(bare, told("early", "closed", said_at=NOW - 3 * H))
    tell(bare, told("other", "slow", edge=2, said_at=NOW - 2 * H))
    with reading(bare) as session:
        now = {s.edge_id: s.percent for s in list_current(session, NOW)}
        before = {s.edge_id: s.percent for s in list_current(session, NOW - timedelta(minutes=90))}
        history = [s.state for s in list_history(session, 1)]
    assert now == {1: 100, 2: RULE.slow_percent}
    # nobody had written anything down by then
    assert before == {}
    assert history == ["open", "closed"]


def test_what_ran_out_does_not_bring_an_older_word_back(bare: Engine) -> None:
    tell(bare, told("a", "closed", said_at=NOW - 3 * H))
    tell(bare, told("b", "slow", said_at=NOW - 2 * H, until=NOW - H))
    with reading(bare) as session:
        assert list_current(session, NOW) == ()


def test_ages(bare: Engine) -> None:
    tell(bare, told("a", said_at=NOW - 5 * H))
    with reading(bare) as session:
        (state,) = list_current(session, NOW)
    assert state.age(NOW) == 5 * H
    assert not state.is_stale(NOW, RULE) and state.is_stale(NOW + RULE.stale_after, RULE)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"edge": 9999}, NotFound, "no road 9999"),
        ({"said_at": NOW + H}, InvalidInput, "within the last"),
        ({"said_at": NOW - RULE.most_late - H}, InvalidInput, "within the last"),
        ({"until": NOW - H}, InvalidInput, "the end must be after"),
        ({"until": NOW + timedelta(days=99)}, InvalidInput, "at most 30 days"),
        ({"state": "slow", "percent": 100}, InvalidInput, "1 to 99 percent"),
        ({"said_by": " "}, InvalidInput, "who told it"),
        ({"words": "雪" * 501}, InvalidInput, "500 characters"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    bare: Engine, changes: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        tell(bare, told("bad", **changes))  # type: ignore[arg-type]
    with reading(bare) as session:
        assert session.scalar(select(func.count()).select_from(RoadReportRow)) == 0


@pytest.mark.parametrize("sql", ["UPDATE road_report SET percent = 0", "DELETE FROM road_report"])
def test_the_database_itself_keeps_reports(bare: Engine, sql: str) -> None:
    tell(bare, told("a", "open"))
    with pytest.raises(DBAPIError, match="facts"), bare.begin() as connection:
        connection.execute(text(sql))


def test_reports_and_notices_together_the_worst_counts() -> None:
    edges = [make_edge(1, "a", "b"), make_edge(2, "b", "c"), make_edge(3, "c", "d")]

    class Told:
        def __init__(self, edge_id: int, speed_factor: float, until: object = None) -> None:
            self.edge_id, self.speed_factor, self.until = edge_id, speed_factor, until

    class Notice(Told):
        ref, counties = "G1", ("a",)

    found = road_conditions(
        edges, [Notice(0, 0.5)], AT, {},  # type: ignore[list-item]
        [Told(1, 0.0, AT + H), Told(2, 0.3), Told(3, 0.2, AT)],  # type: ignore[list-item]
    )
    assert found.percent == {1: 0, 2: 30}
    assert found.changes == {1: ((AT + H, 50),)}
