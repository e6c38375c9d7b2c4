"""Approval under pressure: double clicks, two approvers, stock that moved, rights by level; all lots or none."""

import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, text

from dispatch.clock import FixedClock
from dispatch.db import make_engine, reading, transaction
from dispatch.errors import Conflict, DispatchError, InvalidInput, NotEnoughStock, Refused
from dispatch.flow.approve import approve, refusal_for, send_back, submit
from dispatch.flow.stale import stale_lines, stale_trucks
from dispatch.inventory.proof import find_differences
from dispatch.inventory.service import Claim, reserve
from dispatch.proposals.queries import get_proposal
from tests.conftest import NOW

CODE = "P-20211108-001"


def body_of(engine: Engine) -> dict:
    with reading(engine) as session:
        return get_proposal(session, CODE)


def figures(engine: Engine) -> dict:
    """What an approval leaves: waybills, decisions, units held, deployments, audit rows."""
    with reading(engine) as session:
        def one(sql: str) -> int:
            return session.scalar(text(sql)) or 0
        return {
            "waybills": one("SELECT COUNT(*) FROM waybill"),
            "decisions": one("SELECT COUNT(*) FROM decision WHERE status = 'approved'"),
            "held": one("SELECT SUM(quantity) FROM reservation WHERE status = 'held'"),
            "deployments": one("SELECT COUNT(*) FROM deployment"),
            "audit": one("SELECT COUNT(*) FROM audit WHERE action = 'proposal.approved'"),
            "wrong": len(find_differences(session)["discrepancies"]),
        }


def attempt(url: str, actor: str, seen: str, ready: Barrier | None = None) -> tuple[str, object]:
    """(what came of it, waybills or sentence) of one approval over connections of its own."""
    engine = make_engine(url)
    try:
        if ready is not None:
            ready.wait()
        return "approved", approve(engine, CODE, actor, seen, FixedClock(NOW))
    except DispatchError as error:
        return type(error).__name__, error.message
    finally:
        engine.dispose()


def address(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def submitted(engine: Engine) -> dict:
    submit(engine, CODE, "duty", FixedClock(NOW))
    return body_of(engine)


def test_many_clicks_at_once_give_one_result(demo: Engine) -> None:
    body, ready = submitted(demo), Barrier(6)
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(attempt, address(demo), "approver", body["body_hash"], ready) for _ in range(6)]
        found = [one.result() for one in asked]
    assert {kind for kind, _ in found} == {"approved"}, found
    assert len({tuple(codes) for _, codes in found}) == 1, "each click is shown the same waybills"
    assert figures(demo) == {
        "waybills": len(body["routes"]), "decisions": 1, "held": sum(n["quantity"] for n in body["lines"]),
        "deployments": len(body["teams"]), "audit": 1, "wrong": 0,
    }


def test_two_approvers_at_once_one_wins_and_the_other_is_told_by_whom_and_when(demo: Engine) -> None:
    body, ready = submitted(demo), Barrier(4)
    people = ["approver", "approver2"] * 2
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(attempt, address(demo), who, body["body_hash"], ready) for who in people]
        found = list(zip(people, (one.result() for one in asked), strict=True))
    winners = {who for who, (kind, _) in found if kind == "approved"}
    losers = {who: said for who, (kind, said) in found if kind == "Conflict"}
    assert len(winners) == 1 and set(losers) == set(people) - winners, found
    (winner,) = winners
    assert all(f"approved, by {winner} at 2021-11-08 23:00" in str(said) for said in losers.values())
    assert figures(demo)["decisions"] == 1 and figures(demo)["waybills"] == len(body["routes"])


def test_two_processes_at_once_reserve_once(demo: Engine) -> None:
    body = submitted(demo)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        asked = [pool.submit(attempt, address(demo), who, body["body_hash"]) for who in ("approver", "approver2")]
        found = Counter(one.result()[0] for one in asked)
    assert found == {"approved": 1, "Conflict": 1}
    assert figures(demo)["held"] == sum(n["quantity"] for n in body["lines"])


def test_one_approves_while_the_other_returns_and_only_one_of_them_counts(demo: Engine) -> None:
    body, ready = submitted(demo), Barrier(2)

    def give_back() -> str:
        engine = make_engine(address(demo))
        ready.wait()
        try:
            send_back(engine, CODE, "approver2", "more coats", FixedClock(NOW))
            return "returned"
        except DispatchError as error:
            return type(error).__name__
        finally:
            engine.dispose()

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.submit(attempt, address(demo), "approver", body["body_hash"], ready), pool.submit(give_back)
        outcome = (one.result()[0], two.result())
    assert outcome in {("approved", "Conflict"), ("Conflict", "returned")}
    assert body_of(demo)["status"] == ("approved" if outcome[0] == "approved" else "returned")
    assert figures(demo)["held"] == (sum(n["quantity"] for n in body["lines"]) if outcome[0] == "approved" else 0)


def test_stock_that_moved_refuses_the_whole_and_names_the_lines(demo: Engine) -> None:
    body = submitted(demo)
    line = body["lines"][-1]
    with reading(demo) as session:
        assert stale_lines(session, body, NOW) == [] and stale_trucks(session, body, NOW) == []
        free = session.execute(text("SELECT SUM(on_hand - reserved) FROM balance WHERE lot_code = :lot AND place LIKE :place"),
                               {"lot": line["lot"], "place": f"wh:{line['from']}%"}).scalar()
    with transaction(demo) as session:
        reserve(session, [Claim(line["from"], line["lot"], int(free) - 1)], "other", NOW)
    with pytest.raises(NotEnoughStock, match=line["id"]) as refused:
        approve(demo, CODE, "approver", body["body_hash"], FixedClock(NOW))
    lines = {n["id"]: n for n in refused.value.facts["lines"]}
    assert lines[line["id"]]["quantity"] == line["quantity"] and lines[line["id"]]["free"] <= 1
    assert {n["lot"] for n in lines.values()} == {line["lot"]} and "没有预留" in refused.value.message_zh
    with reading(demo) as session:
        assert {n["id"] for n in stale_lines(session, body, NOW)} == set(lines), "the page shows what approving would refuse"
    after = figures(demo)
    assert (after["waybills"], after["decisions"], after["deployments"], after["held"]) == (0, 0, 0, int(free) - 1)
    assert body_of(demo)["status"] == "submitted"


def test_approvals_and_other_claims_at_once_never_promise_a_unit_twice(demo: Engine) -> None:
    body, ready = submitted(demo), Barrier(5)
    wanted = Counter()
    for line in body["lines"]:
        wanted[line["from"], line["lot"]] += line["quantity"]
    (place, lot), _ = max(wanted.items(), key=lambda pair: pair[1])

    def take(number: int) -> bool:
        engine = make_engine(address(demo))
        ready.wait()
        try:
            with transaction(engine) as session:
                reserve(session, [Claim(place, lot, wanted[place, lot])], f"other-{number}", NOW)
            return True
        except DispatchError:
            return False
        finally:
            engine.dispose()

    with ThreadPoolExecutor(5) as pool:
        one = pool.submit(attempt, address(demo), "approver", body["body_hash"], ready)
        others = [pool.submit(take, n) for n in range(4)]
        outcome, taken = one.result()[0], sum(o.result() for o in others)
    assert outcome in ("approved", "NotEnoughStock")
    with reading(demo) as session:
        rows = session.execute(text("SELECT on_hand, reserved FROM balance WHERE lot_code = :lot"), {"lot": lot}).all()
        held = session.scalar(text("SELECT SUM(quantity) FROM reservation WHERE lot_code = :lot AND status = 'held' AND owner LIKE 'other%'"), {"lot": lot})
    assert all(0 <= reserved <= on_hand for on_hand, reserved in rows)
    assert (held or 0) == taken * wanted[place, lot]
    assert figures(demo)["waybills"] == (len(body["routes"]) if outcome == "approved" else 0)


def test_a_league_approver_has_no_authority_over_a_level_one_plan(demo: Engine) -> None:
    body = submitted(demo)
    with reading(demo) as session:
        assert isinstance(refusal_for(session, CODE, "tongliao", NOW), Refused)
        assert refusal_for(session, CODE, "approver", NOW) is None
    with pytest.raises(Refused, match="level I"):
        approve(demo, CODE, "tongliao", body["body_hash"], FixedClock(NOW))
    assert body_of(demo)["status"] == "submitted"


def test_returning_takes_a_word_why_and_the_word_stays(demo: Engine) -> None:
    submitted(demo)
    with pytest.raises(InvalidInput, match="word why"):
        send_back(demo, CODE, "approver", "  ", FixedClock(NOW))
    send_back(demo, CODE, "approver", "先保障边境苏木", FixedClock(NOW))
    assert body_of(demo)["decisions"][-1]["comment"] == "先保障边境苏木"
    with pytest.raises(Conflict, match="returned, by approver"):
        approve(demo, CODE, "approver2", body_of(demo)["body_hash"], FixedClock(NOW))
