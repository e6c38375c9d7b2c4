"""Each thing people do in a store, with its rules, on both databases."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from dispatch.db import transaction
from dispatch.errors import Conflict, InvalidInput, NotEnoughStock, Refused
from dispatch.operations.desk import advance, count
from dispatch.operations.model import Kind, Status
from tests.operations.conftest import HERE, THERE, Store

DOCK = f"wh:{HERE}"


def test_a_receipt_makes_lots_and_a_double_submit_makes_one(store: Store) -> None:
    body = {"source": "donation", "party": "某公司", "agreement": "JZ-1", "donation": "D-1",
            "lines": [{"item": "QUILT", "quantity": 7, "restriction": "blizzard"}]}
    first = store.do(Kind.RECEIPT, key="form-1", **body)
    assert store.do(Kind.RECEIPT, key="form-1", **body) == first
    assert store.units(DOCK, f"{first}-01") == 7


@pytest.mark.parametrize("line,words", [
    ({"item": "QUILT", "quantity": -1}, "above zero"),
    ({"item": "QUILT", "quantity": 0}, "above zero"),
    ({"item": "QUILT", "quantity": 1.5}, "above zero"),
    ({"item": "QUILT", "quantity": 10**18}, "above zero"),
    ({"item": "QUILT", "quantity": "十"}, "above zero"),
    ({"item": "QUILT", "quantity": 1, "unit": "箱"}, "is not the unit"),
    ({"item": "NOPE", "quantity": 1}, "not in the catalogue"),
    ({"item": "QUILT", "quantity": 1, "expires_on": "明年"}, "not a date"),
    ({"item": "QUILT", "quantity": 1, "produced_on": "2021-02-01", "expires_on": "2021-01-01"}, "expires before"),
])
def test_a_bad_line_is_told_and_nothing_is_written(store: Store, line: dict, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        store.do(Kind.RECEIPT, source="purchase", party="x", lines=[{"item": "COAT", "quantity": 5}, line])
    assert "第 2 行" in caught.value.message_zh
    assert store.is_sound() and store.units(DOCK, "GR-20211108-0001-01") == 0


def test_every_fault_is_told_at_once(store: Store) -> None:
    with pytest.raises(InvalidInput) as caught:
        store.do(Kind.RECEIPT, source="donation", party="", lines=[{"item": "COAT", "quantity": 1}])
    assert len(caught.value.facts["faults"]) == 2


def test_what_needs_inspection_cannot_leave_before_it(store: Store) -> None:
    code = store.do(Kind.RECEIPT, source="purchase", party="x", inspect=True, lines=[{"item": "COAT", "quantity": 10}])
    lot = f"{code}-01"
    assert store.units(DOCK, lot) == 0 and store.units(f"quarantine:{HERE}", lot) == 10
    with pytest.raises(InvalidInput, match="usable"):
        issue(store, "COAT", 1)
    store.do(Kind.INSPECTION, lines=[{"lot": lot, "quantity": 8, "passed": True}, {"lot": lot, "quantity": 2}])
    assert store.units(DOCK, lot) == 8
    issue(store, "COAT", 8)
    assert store.is_sound()


def issue(store: Store, item: str, quantity: int, lot: str | None = None, purpose: str = "blizzard") -> str:
    return store.do(
        Kind.ISSUE, county="150522", purpose=purpose, lines=[{"item": item, "quantity": quantity, "lot": lot}],
        recipients=[{"name": "巴特尔", "items": {item: quantity}, "signed": True}],
    )


def test_an_issue_takes_the_earliest_lot_and_wants_a_true_list(store: Store) -> None:
    late = store.receive(10, expires_on="2030-01-01")
    soon = store.receive(10, expires_on="2022-01-01")
    issue(store, "QUILT", 12)
    assert (store.units(DOCK, soon), store.units(DOCK, late)) == (0, 8)
    with pytest.raises(InvalidInput, match="adds up to 1, 2 are issued"):
        store.do(Kind.ISSUE, county="150522", lines=[{"item": "QUILT", "quantity": 2}],
                 recipients=[{"name": "甲", "items": {"QUILT": 1}}])


@pytest.mark.parametrize("facts,rule", [
    ({"expires_on": "2021-11-08"}, "expires before"),
    ({"restriction": "flood"}, "another purpose"),
    ({"area": "150400"}, "another area"),
])
def test_a_forced_lot_is_refused_with_its_rule(store: Store, facts: dict, rule: str) -> None:
    lot = store.receive(5, **facts)
    with pytest.raises(Refused, match=rule) as caught:
        issue(store, "QUILT", 1, lot)
    assert "捐赠人" in caught.value.remedy_zh or "报损" in caught.value.remedy_zh


def test_bins_are_places_and_an_issue_finds_them(store: Store) -> None:
    lot = store.receive(10)
    store.do(Kind.PUTAWAY, lines=[{"lot": lot, "quantity": 6, "to_bin": "A-01"}])
    assert (store.units(DOCK, lot), store.units(f"{DOCK}/A-01", lot)) == (4, 6)
    issue(store, "QUILT", 9)
    assert store.units(DOCK, lot) + store.units(f"{DOCK}/A-01", lot) == 1


def transfer(store: Store, quantity: int = 10) -> str:
    return store.do(Kind.TRANSFER, target=THERE, lines=[{"item": "QUILT", "quantity": quantity}])


def test_a_transfer_with_damage_and_shortage(store: Store) -> None:
    lot = store.receive(30)
    code = transfer(store)
    with pytest.raises(Refused):
        advance(store.engine, code, Status.APPROVED, "store", store.clock)
    advance(store.engine, code, Status.APPROVED, "approver", store.clock)
    with pytest.raises(InvalidInput, match="usable"):
        issue(store, "QUILT", 21)  # ten of thirty are promised
    advance(store.engine, code, Status.LOADED, "store", store.clock)
    assert store.units(f"transit:{code}", lot) == 10
    with pytest.raises(InvalidInput, match="more than the 10 sent"):
        advance(store.engine, code, Status.RECEIVED, "store2", store.clock, {"received": {lot: {"good": 11}}})
    advance(store.engine, code, Status.RECEIVED, "store2", store.clock, {"received": {lot: {"good": 7, "damaged": 2}}})
    assert (store.units(f"wh:{THERE}", lot), store.units(f"quarantine:{THERE}", lot)) == (7, 2)
    with pytest.raises(Conflict):
        advance(store.engine, code, Status.RECEIVED, "store2", store.clock)
    advance(store.engine, code, Status.CLAIMED, "store2", store.clock, {"note": "承运方"})
    assert store.is_sound()


def test_a_cancelled_transfer_gives_its_lots_back(store: Store) -> None:
    store.receive(10)
    code = transfer(store)
    advance(store.engine, code, Status.APPROVED, "approver", store.clock)
    advance(store.engine, code, Status.CANCELLED, "store", store.clock)
    issue(store, "QUILT", 10)
    assert store.is_sound()


def test_a_loss_needs_a_second_person(store: Store) -> None:
    lot = store.receive(10)
    code = store.do(Kind.LOSS, actor="approver", reason="鼠咬", lines=[{"lot": lot, "quantity": 3}])
    with pytest.raises(Refused, match="cannot decide"):
        advance(store.engine, code, Status.POSTED, "approver", store.clock)
    other = store.do(Kind.LOSS, reason="鼠咬", lines=[{"lot": lot, "quantity": 3}])
    assert store.units(DOCK, lot) == 10
    advance(store.engine, other, Status.POSTED, "approver", store.clock)
    assert store.units(DOCK, lot) == 7


def test_deciding_is_for_the_owners_level(store: Store) -> None:
    lot = store.receive(10)
    code = store.do(Kind.LOSS, reason="鼠咬", lines=[{"lot": lot, "quantity": 3}])
    with transaction(store.engine) as session:
        session.execute(text("UPDATE account SET place = '150400' WHERE name = 'approver'"))
    with pytest.raises(Refused, match="may not decide for"):
        advance(store.engine, code, Status.POSTED, "approver", store.clock)
    with transaction(store.engine) as session:
        session.execute(text("UPDATE account SET place = '150500' WHERE name = 'approver'"))
    advance(store.engine, code, Status.POSTED, "approver", store.clock)


def test_a_blind_count_freezes_only_its_lots_and_needs_two_that_agree(store: Store) -> None:
    lot, other = store.receive(10), store.receive(10)
    code = store.do(Kind.STOCKTAKE, lots=[lot])
    with pytest.raises(InvalidInput, match="usable"):
        issue(store, "QUILT", 11)
    issue(store, "QUILT", 1, other)
    key = f"{DOCK}|{lot}"
    count(store.engine, code, {key: "9"}, "store", store.clock)
    with pytest.raises(Refused, match="counted"):
        count(store.engine, code, {key: "9"}, "store", store.clock)
    count(store.engine, code, {key: "8"}, "store2", store.clock)
    with pytest.raises(Conflict, match="No two counts agree"):
        advance(store.engine, code, Status.POSTED, "approver", store.clock)
    count(store.engine, code, {key: "9"}, "duty", store.clock)
    advance(store.engine, code, Status.POSTED, "approver", store.clock)
    assert store.units(DOCK, lot) == 9 and store.is_sound()
    with pytest.raises(Conflict):
        advance(store.engine, code, Status.POSTED, "approver", store.clock)


def test_a_counter_may_not_close_the_count(store: Store) -> None:
    lot = store.receive(10)
    code = store.do(Kind.STOCKTAKE, lots=[lot])
    for who in ("store2", "approver"):
        count(store.engine, code, {f"{DOCK}|{lot}": 12}, who, store.clock)
    with pytest.raises(Refused, match="cannot also close"):
        advance(store.engine, code, Status.POSTED, "approver", store.clock)
    advance(store.engine, code, Status.CANCELLED, "store", store.clock)
    issue(store, "QUILT", 10)


def test_more_is_found_than_the_book_says(store: Store) -> None:
    lot = store.receive(10)
    code = store.do(Kind.STOCKTAKE, lots=[lot])
    for who in ("store", "store2"):
        count(store.engine, code, {f"{DOCK}|{lot}": 12}, who, store.clock)
    advance(store.engine, code, Status.POSTED, "approver", store.clock)
    assert store.units(DOCK, lot) == 12 and store.is_sound()


PARTS = {"TORCH": 1, "BASIN": 1, "TOWEL": 3, "T-SHIRT": 2, "LUNCH-BOX": 2, "SLIPPERS": 3, "SOAP": 2, "SPOON": 3}


def test_kits_are_built_from_parts_and_broken_into_them(store: Store) -> None:
    lots = {item: store.receive(units * 10, item, expires_on="2024-01-01" if item == "SOAP" else None)
            for item, units in PARTS.items()}
    code = store.do(Kind.KIT_BUILD, kit="FAMILY-KIT", version="2012-hq", quantity=4)
    kit = f"{code}-K"
    assert store.units(DOCK, kit) == 4 and store.units(DOCK, lots["TOWEL"]) == 18
    with pytest.raises(InvalidInput, match="usable"):
        store.do(Kind.KIT_BUILD, kit="FAMILY-KIT", version="2012-hq", quantity=7)
    broken = store.do(Kind.KIT_BREAK, lot=kit, quantity=3)
    assert store.units(DOCK, kit) == 1 and store.units(DOCK, f"{broken}-TOWEL") == 9
    with pytest.raises(NotEnoughStock):
        store.do(Kind.KIT_BREAK, lot=kit, quantity=2)
    assert store.is_sound()


def test_repacking_keeps_the_facts(store: Store) -> None:
    lot = store.receive(10, expires_on="2025-01-01", restriction="flood")
    code = store.do(Kind.REPACK, lot=lot, quantity=4)
    assert (store.units(DOCK, lot), store.units(DOCK, f"{code}-R")) == (6, 4)
    with pytest.raises(Refused, match="another purpose"):
        issue(store, "QUILT", 1, f"{code}-R")


def test_a_viewer_may_not_touch_goods(store: Store) -> None:
    with pytest.raises(Refused):
        store.do(Kind.RECEIPT, actor="viewer", source="purchase", party="x", lines=[{"item": "COAT", "quantity": 1}])


def test_a_clock_gone_back_writes_nothing(store: Store) -> None:
    store.receive(10)
    store.clock.at -= timedelta(days=1)
    with pytest.raises(Refused, match="clock"):
        store.receive(10)
    store.clock.at += timedelta(days=1)
    assert store.is_sound()


def test_the_day_a_lot_expires_it_is_not_given_out(store: Store) -> None:
    today = date(2021, 11, 8)
    store.receive(5, expires_on=(today + timedelta(days=1)).isoformat())
    issue(store, "QUILT", 5)
    store.receive(5, expires_on=today.isoformat())
    with pytest.raises(InvalidInput, match="usable"):
        issue(store, "QUILT", 1)
