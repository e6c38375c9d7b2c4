"""The ledger: pure rules under Hypothesis, then the same on both databases."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.errors import InvalidInput, NotEnoughStock
from dispatch.inventory import ledger
from dispatch.inventory.book import append_movements
from dispatch.inventory.model import Movement
from dispatch.inventory.proof import find_differences
from dispatch.inventory.queries import stock_rows
from dispatch.inventory.service import Claim, release, reserve
from tests.conftest import NOW

AT = NOW
PLACES = ("supplier:s", "wh:A", "wh:B", "transit:T", "recipient:r", "loss:l")


def move(**changes: object) -> Movement:
    base = Movement("L1", 5, "supplier:s", "wh:A", AT, "receipt", "duty", "D1", "K1")
    return replace(base, **changes)  # type: ignore[arg-type]


MOVES = st.builds(
    lambda lot, quantity, ends: move(lot_code=lot, quantity=quantity, from_place=ends[0], to_place=ends[1]),
    st.sampled_from(["L1", "L2"]), st.integers(1, 10**9),
    st.permutations(PLACES).map(lambda p: p[:2]),
)


@given(st.lists(MOVES, max_size=20))
def test_what_enters_equals_what_is_there_and_what_left(moves: list[Movement]) -> None:
    for lot in ("L1", "L2"):
        inside = sum(q for (_, code), q in ledger.effects(moves).items() if code == lot)
        entered = sum(m.quantity for m in moves if m.lot_code == lot and not ledger.keeps_stock(m.from_place))
        left = sum(m.quantity for m in moves if m.lot_code == lot and not ledger.keeps_stock(m.to_place))
        assert inside == entered - left


@given(MOVES)
def test_a_reversal_restores(movement: Movement) -> None:
    back = ledger.reverse(movement, 7, AT, "approver")
    assert set(ledger.effects([movement, back]).values()) <= {0}
    assert back.reverses_id == 7


@pytest.mark.parametrize("change", [
    {"quantity": 0}, {"quantity": -1}, {"quantity": 1.5}, {"quantity": True}, {"quantity": 10**18},
    {"to_place": "supplier:s"}, {"to_place": "moon:base"}, {"from_place": "wh:"},
])
def test_bad_movements_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as caught:
        ledger.check(move(**change))
    assert caught.value.remedy


def some_lot(engine: Engine) -> dict:
    with reading(engine) as session:
        return next(row for row in stock_rows(session) if row["on_hand"] > 50)


def test_more_than_there_is_never_leaves_and_nothing_is_half_written(demo: Engine) -> None:
    row = some_lot(demo)
    place = f"wh:{row['warehouse']}"
    good = move(lot_code=row["lot"], quantity=1, from_place=place, to_place="recipient:x", idempotency_key="one")
    bad = replace(good, quantity=row["on_hand"], idempotency_key="two")
    with pytest.raises(NotEnoughStock) as caught, transaction(demo) as session:
        append_movements(session, [good, bad], AT)
    assert caught.value.facts["lines"][0]["free"] == row["available"]
    with reading(demo) as session:
        assert session.scalar(text("SELECT COUNT(*) FROM movement WHERE idempotency_key = 'one'")) == 0


def test_the_same_key_twice_counts_once(demo: Engine) -> None:
    row = some_lot(demo)
    good = move(lot_code=row["lot"], quantity=1, from_place=f"wh:{row['warehouse']}", to_place="recipient:x")
    for _ in range(2):
        with transaction(demo) as session:
            append_movements(session, [good], AT)
    after = next(r for r in _rows(demo) if r["lot"] == row["lot"])
    assert after["on_hand"] == row["on_hand"] - 1


def _rows(engine: Engine) -> list[dict]:
    with reading(engine) as session:
        return stock_rows(session)


def test_reserved_units_cannot_be_issued_until_released(demo: Engine, clock: FixedClock) -> None:
    row = some_lot(demo)
    claim = Claim(row["warehouse"], row["lot"], row["available"])
    with transaction(demo) as session:
        reserve(session, [claim], "P-X", clock.now())
    issue = move(lot_code=row["lot"], quantity=1, from_place=f"wh:{row['warehouse']}", to_place="recipient:x")
    with pytest.raises(NotEnoughStock), transaction(demo) as session:
        append_movements(session, [issue], AT)
    with transaction(demo) as session:
        assert release(session, "P-X") == 1
    with transaction(demo) as session:
        assert append_movements(session, [issue], AT)
    with reading(demo) as session:
        assert find_differences(session)["discrepancies"] == []


def test_a_reservation_is_all_or_none(demo: Engine, clock: FixedClock) -> None:
    row = some_lot(demo)
    other = next(r for r in _rows(demo) if r["lot"] != row["lot"])
    claims = [Claim(other["warehouse"], other["lot"], 1), Claim(row["warehouse"], row["lot"], row["available"] + 1)]
    with pytest.raises(NotEnoughStock), transaction(demo) as session:
        reserve(session, claims, "P-X", clock.now())
    assert all(r["reserved"] == 0 for r in _rows(demo))


def test_a_tampered_balance_is_named(demo: Engine) -> None:
    row = some_lot(demo)
    with transaction(demo) as session:
        session.execute(text("UPDATE balance SET on_hand = on_hand + 3 WHERE lot_code = :lot"), {"lot": row["lot"]})
    with reading(demo) as session:
        (found,) = find_differences(session)["discrepancies"]
    assert (found["lot"], found["on_hand"] - found["movements_sum"]) == (row["lot"], 3)
