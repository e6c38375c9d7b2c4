"""One leader, one clock: it starts once, never goes back, and takes nothing for a moment gone by."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from dispatch.clock import SystemClock
from dispatch.db import make_engine, reading, transaction
from dispatch.demo_time import clock_of
from dispatch.drills import control
from dispatch.drills.control import Hand
from dispatch.drills.ground import Stage, open_ground
from dispatch.drills.model import Inject, InjectKind
from dispatch.drills.run import DrillRoom
from dispatch.errors import Conflict, DispatchError, InvalidInput, Refused

BEGINS = datetime(2015, 4, 15, 7, 39, tzinfo=UTC)
REAL = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def drill(room: DrillRoom) -> Iterator[Engine]:
    engine = open_ground(room.new_file(), room.template, Stage("test-quake", BEGINS), REAL)
    yield engine
    engine.dispose()


def hand(minutes: int = 0, name: str = "duty") -> Hand:
    return Hand(name, REAL + minutes * MINUTE)


def do(drill: Engine, act, *given) -> None:
    with transaction(drill) as session:
        act(session, *given)


def shown(drill: Engine, at: datetime) -> datetime:
    with reading(drill) as session:
        return control.shown(session, Hand("", at))


def test_the_clock_runs_pauses_steps_jumps_and_stands_at_the_end(drill: Engine) -> None:
    assert clock_of(drill).now() == BEGINS  # stands until the start
    do(drill, control.start, hand(), 60)
    assert shown(drill, REAL + MINUTE) == BEGINS + timedelta(hours=1)
    do(drill, control.pause, hand(1))
    assert shown(drill, REAL + 9 * MINUTE) == BEGINS + timedelta(hours=1)
    do(drill, control.step, hand(9), timedelta(hours=2))
    do(drill, control.set_rate, hand(9), 10_000)
    do(drill, control.resume, hand(10))
    assert shown(drill, REAL + 10 * MINUTE) == BEGINS + timedelta(hours=3)
    assert shown(drill, REAL + 11 * MINUTE) == BEGINS + timedelta(hours=3) + 10_000 * MINUTE
    do(drill, control.jump, hand(10), BEGINS + timedelta(days=1))
    with pytest.raises(InvalidInput, match="does not go back"):
        do(drill, control.jump, hand(10), BEGINS)
    do(drill, control.end, hand(10))
    assert clock_of(drill).now() == BEGINS + timedelta(days=1)
    with pytest.raises(Conflict, match="The drill is ended"):
        do(drill, control.resume, hand(11))


@pytest.mark.parametrize("rate", [0, -1, 10_001])
def test_a_rate_out_of_bounds_is_refused(drill: Engine, rate: int) -> None:
    with pytest.raises(InvalidInput, match="is not 1 to 10,000"):
        do(drill, control.start, hand(), rate)


def test_of_two_leaders_one_wins(drill: Engine) -> None:
    url = drill.url.render_as_string(hide_password=False)

    def press(name: str) -> str | DispatchError:
        engine = make_engine(url)
        try:
            do(engine, control.start, Hand(name, SystemClock().now()))
            return name
        except DispatchError as error:
            return error
        finally:
            engine.dispose()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(press, [f"leader{n}" for n in range(8)]))
    (won,) = [a for a in answers if isinstance(a, str)]
    lost = [a for a in answers if isinstance(a, Conflict)]
    assert len(lost) == 7 and all(won in error.message for error in lost)


def test_a_stale_change_loses(drill: Engine) -> None:
    do(drill, control.start, hand())
    with transaction(drill) as session:
        row = control.the_drill(session)
        version = row.version
        control._set(session, row, {"rate": 2})
        stale = control.the_drill(session)
        session.expunge(stale)
        stale.version = version
        with pytest.raises(Conflict, match="duty was first"):
            control._set(session, stale, {"rate": 3})


def test_only_the_leader_leads(drill: Engine) -> None:
    do(drill, control.start, hand())
    with pytest.raises(Refused, match="duty leads this drill"):
        do(drill, control.pause, hand(1, "approver"))


def test_something_is_thrown_in_for_a_moment_to_come_only(drill: Engine) -> None:
    inject = Inject(0, 0, BEGINS + timedelta(hours=2), InjectKind.CLOSE_ROAD, ("152921",), "G307", hours=3)
    with pytest.raises(Conflict, match="The drill is ready"):
        do(drill, control.throw, hand(), inject)
    do(drill, control.start, hand(), 60)
    do(drill, control.throw, hand(1), inject)
    with pytest.raises(InvalidInput, match="clock shows 2015-04-15 18:39 already"):
        do(drill, control.throw, hand(3), inject)
    with reading(drill) as session:
        (kept,) = control.list_injects(session)
    assert (kept.number, kept.kind, kept.places, kept.road, kept.hours) == (1, InjectKind.CLOSE_ROAD, ("152921",), "G307", 3)
