"""Trucks that are silent or late are told of once for each word missed."""

from datetime import timedelta

from sqlalchemy import Engine, text

from dispatch.clock import FixedClock
from dispatch.db import reading, run_in_transaction
from dispatch.flow.deliver import depart
from dispatch.flow.model import Way
from dispatch.flow.tracking import list_tracks, raise_silent_trucks
from dispatch.flow.work import make_round
from dispatch.waybills.positions import PositionKind, PositionTold, tell_position
from dispatch.waybills.rules import load_tracking_rule
from tests.conftest import NOW, settings_of
from tests.waybills.desk import approved

H = timedelta(hours=1)


def told(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return list(session.scalars(text("SELECT words_code FROM notice WHERE words_code LIKE 'notice.truck%' ORDER BY id")))


def test_silent_then_heard_of_then_silent_again(demo: Engine, clock: FixedClock) -> None:
    code = approved(demo, clock)[0]
    depart(demo, code, "store", clock)
    every = load_tracking_rule().silent_after

    def watch(at) -> int:  # type: ignore[no-untyped-def]
        return run_in_transaction(demo, lambda s: raise_silent_trucks(s, at))

    assert watch(NOW + every / 2) == 0
    assert watch(NOW + every) == 1 and watch(NOW + every + H / 2) == 0
    assert told(demo) == ["notice.truck_silent"]
    heard = PositionTold(code, PositionKind.CALL, NOW + every + H, "k", county="150525")
    run_in_transaction(demo, lambda s: tell_position(s, heard, "duty", NOW + every + H))
    assert watch(NOW + 2 * every) == 0
    assert watch(NOW + 2 * every + H) == 1
    with reading(demo) as session:
        (track,) = list_tracks(session, NOW + 2 * every + H)
    assert track["is_silent"] and track["position"]["kind"] == "call" and track["heard_min"] == 120


def test_the_worker_watches_and_a_late_truck_is_told_of_once(demo: Engine, clock: FixedClock) -> None:
    code = approved(demo, clock)[0]
    depart(demo, code, "store", clock)
    with reading(demo) as session:
        (track,) = list_tracks(session, NOW)
    assert (track["code"], track["late_min"], track["urgency"]) == (code, None, 3)
    clock.at = NOW + timedelta(days=2)
    way = Way("worker", clock, settings_of(demo), draft=False)
    for _ in range(2):
        make_round(demo, way)
    assert sorted(told(demo)) == ["notice.truck_late", "notice.truck_silent"]
