"""The split to the fen, the reserve's lock, the donor's trace."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from dispatch.db import reading, transaction
from dispatch.errors import InvalidInput, NotEnoughStock, NotFound, Refused
from dispatch.flow.money import Gift, give, spend_reserve, trace
from dispatch.money.model import split, to_fen
from dispatch.money.store import balances, load_rule, money_differences
from dispatch.operations.model import Kind
from tests.operations.conftest import Store

DAY = date(2021, 11, 8)
RULE = load_rule()


@given(st.integers(1, 10**12))
def test_the_parts_make_the_whole_and_are_nearest(amount: int) -> None:
    parts = split(amount, RULE)
    assert sum(parts.values()) == amount
    assert all(abs(parts[fund] * 100 - amount * share) < 100 for fund, share in RULE.percent.items())


@pytest.mark.parametrize("text_,fen", [("1", 100), ("1,234.5", 123_450), ("0.01", 1)])
def test_yuan_as_people_write_them(text_: str, fen: int) -> None:
    assert to_fen(text_) == fen


@pytest.mark.parametrize("text_", ["", "0", "-5", "1.234", "一百", "1e9", "9" * 30])
def test_no_other_amount(text_: str) -> None:
    with pytest.raises(InvalidInput):
        to_fen(text_)


@pytest.fixture
def store(bare: Engine) -> Store:
    return Store(bare)


def test_undesignated_money_is_split_and_designated_kept_beside(store: Store) -> None:
    plain = give(store.engine, Gift("某公司", 10_001, DAY), "a", "duty", store.clock)
    assert give(store.engine, Gift("某公司", 10_001, DAY), "a", "duty", store.clock) == plain
    bound = give(store.engine, Gift("王某", 500, DAY, designation="白灾饲草"), "b", "duty", store.clock)
    with reading(store.engine) as session:
        assert balances(session) == {
            "fund:reserve": 2000, "fund:brands": 3000, "fund:projects": 5001, f"designated:{bound}": 500,
        }
        assert money_differences(session) == []


def test_the_reserve_opens_only_for_a_response_or_a_refill(store: Store) -> None:
    give(store.engine, Gift("某公司", 10_000, DAY), "a", "duty", store.clock)
    with pytest.raises(Refused, match="neither"):
        spend_reserve(store.engine, 100, "BIRTHDAY", "s", "approver", store.clock)
    receipt = store.do(Kind.RECEIPT, source="purchase", party="厂", lines=[{"item": "COAT", "quantity": 1}])
    with pytest.raises(Refused, match="Only an approver"):
        spend_reserve(store.engine, 100, receipt, "s", "duty", store.clock)
    for _ in range(2):
        spend_reserve(store.engine, 1500, receipt, "s", "approver", store.clock)
    with pytest.raises(NotEnoughStock):
        spend_reserve(store.engine, 501, receipt, "t", "approver", store.clock)
    with reading(store.engine) as session:
        assert balances(session)["fund:reserve"] == 500 and money_differences(session) == []


def test_the_database_keeps_money_facts(store: Store) -> None:
    give(store.engine, Gift("某公司", 100, DAY), "a", "duty", store.clock)
    for sql in ("UPDATE money_movement SET amount_fen = 1", "DELETE FROM money_movement",
                "UPDATE money_balance SET balance_fen = -1"):
        with pytest.raises(DBAPIError), transaction(store.engine) as session:
            session.execute(text(sql))


def test_a_donor_follows_goods_to_the_people(store: Store) -> None:
    code = store.do(Kind.RECEIPT, source="donation", party="某公司", agreement="X-1",
                    lines=[{"item": "QUILT", "quantity": 5, "restriction": "blizzard"}])
    store.do(Kind.ISSUE, county="150522", purpose="blizzard", lines=[{"item": "QUILT", "quantity": 2}],
             recipients=[{"name": "甲", "items": {"QUILT": 2}}])
    with reading(store.engine) as session:
        found = trace(session, f"JW-{code.removeprefix('GR-')}")
        with pytest.raises(NotFound):
            trace(session, "JW-NONE")
    assert found["donor"] == "某公司" and [lot["item"] for lot in found["lots"]] == ["QUILT"]
    assert [step["to"].partition(":")[0] for step in found["steps"]] == ["wh", "recipient"]


