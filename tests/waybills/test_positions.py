"""Positions of trucks: each kept once, the last said one is where the truck is."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from dispatch.clock import FixedClock
from dispatch.db import reading, run_in_transaction
from dispatch.errors import Conflict, InvalidInput, NotFound
from dispatch.flow.deliver import depart
from dispatch.geo import LonLat
from dispatch.waybills.positions import (
    PositionKind,
    PositionTold,
    last_positions,
    list_positions,
    tell_position,
)
from dispatch.waybills.rules import load_tracking_rule
from dispatch.waybills.tables import PositionRow
from tests.conftest import NOW
from tests.waybills.desk import approved

H = timedelta(hours=1)
HERE = LonLat(121.5, 43.2)


def tell(engine: Engine, waybill: str, key: str, **changes: object) -> bool:
    values = {"kind": PositionKind.GPS, "said_at": NOW, "place": HERE, **changes}
    told = PositionTold(waybill, submit_key=key, **values)  # type: ignore[arg-type]
    return run_in_transaction(engine, lambda s: tell_position(s, told, "store", NOW))


def test_the_last_position_is_by_when_it_was_said_and_sent_twice_is_once(demo: Engine, clock: FixedClock) -> None:
    one, two, *_ = approved(demo, clock)
    with pytest.raises(Conflict, match="not on the road"):
        tell(demo, one, "early")
    for code in (one, two):
        depart(demo, code, "store", clock)
    assert tell(demo, one, "a", place=LonLat(122.0, 43.0)) is True
    assert tell(demo, one, "a", place=LonLat(122.0, 43.0)) is False
    # a telephone that was without signal sends an older place later
    tell(demo, one, "b", said_at=NOW - H, kind=PositionKind.PHONE)
    tell(demo, two, "c", place=None, county="150525", kind=PositionKind.CALL, words="刚过收费站")
    with reading(demo) as session:
        last = last_positions(session, NOW)
        assert session.scalar(select(func.count()).select_from(PositionRow)) == 3
        kinds = [p.kind for p in list_positions(session, one, 10)]
        earlier = last_positions(session, NOW - 30 * timedelta(minutes=1))
    assert set(last) == {one, two}
    assert last[one].place == LonLat(122.0, 43.0) and last[one].age(NOW + H) == H
    assert (last[two].kind, last[two].county, last[two].words) == ("call", "150525", "刚过收费站")
    assert kinds == ["gps", "phone"]
    assert set(earlier) == {one} and earlier[one].kind == "phone"


def test_bad_positions_are_refused(demo: Engine, clock: FixedClock) -> None:
    code = approved(demo, clock)[0]
    depart(demo, code, "store", clock)
    late = load_tracking_rule().most_late
    with pytest.raises(NotFound):
        tell(demo, "WB-none", "k")
    with pytest.raises(InvalidInput, match="within the last"):
        tell(demo, code, "k", said_at=NOW + H)
    with pytest.raises(InvalidInput, match="within the last"):
        tell(demo, code, "k", said_at=NOW - late - H)
    with pytest.raises(InvalidInput, match="neither a point nor a county"):
        tell(demo, code, "k", place=None, county="999999")
    with pytest.raises(InvalidInput, match="needs a key"):
        tell(demo, code, "")
    with reading(demo) as session:
        assert last_positions(session, NOW) == {}


@pytest.mark.parametrize("sql", ["UPDATE position_report SET words = 'x'", "DELETE FROM position_report"])
def test_the_database_itself_keeps_positions(demo: Engine, clock: FixedClock, sql: str) -> None:
    code = approved(demo, clock)[0]
    depart(demo, code, "store", clock)
    tell(demo, code, "a")
    with pytest.raises(DBAPIError, match="facts"), demo.begin() as connection:
        connection.execute(text(sql))
