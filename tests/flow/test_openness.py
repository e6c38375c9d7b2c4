"""What everybody may know: sums and places that fit the ledger, and nothing about a person."""

import json
from datetime import date

import pytest
from sqlalchemy import Engine

from dispatch.clock import FixedClock
from dispatch.db import reading
from dispatch.errors import NotFound
from dispatch.flow import openness as page
from dispatch.flow.approve import approve, submit
from dispatch.flow.money import Gift, give
from dispatch.inventory.queries import stock_rows
from dispatch.operations.model import Kind
from dispatch.proposals.queries import get_proposal, list_proposals
from tests.operations.conftest import Store

DAY = date(2021, 11, 8)


def read(engine: Engine) -> dict:  # type: ignore[type-arg]
    with reading(engine) as session:
        return page._read(session)


def test_stock_by_league_is_what_the_ledger_holds(demo: Engine) -> None:
    shown = read(demo)["stock"]
    with reading(demo) as session:
        held = sum(r["on_hand"] for r in stock_rows(session) if r["condition"] == "good")
    assert sum(r["on_hand"] for r in shown) == held > 0
    assert len({r["place"] for r in shown}) == 13, "12 leagues and the region's own"
    assert len({(r["place"], r["item"]) for r in shown}) == len(shown)


def test_a_gift_of_goods_is_followed_in_words_of_places(bare: Engine) -> None:
    store = Store(bare)
    code = store.do(Kind.RECEIPT, source="donation", party="某公司", agreement="X-1", lines=[{"item": "QUILT", "quantity": 5}])
    store.do(Kind.ISSUE, county="150522", purpose="blizzard", lines=[{"item": "QUILT", "quantity": 2}],
             recipients=[{"name": "甲某某", "items": {"QUILT": 2}}])
    with reading(bare) as session:
        found = page.public_trace(session, f"JW-{code.removeprefix('GR-')}")
        with pytest.raises(NotFound):
            page.public_trace(session, "JW-NONE")
    assert [(s["quantity"], s["to_zh"]) for s in found["steps"]][-1] == (2, "科尔沁左翼后旗受灾群众")
    assert {n["quantity"] for n in found["now"]} == {3, 2}
    said = json.dumps([found, read(bare)], ensure_ascii=False)
    assert "甲某某" not in said and all(f'"{name}"' not in said for name in ("duty", "store", "approver")), "nobody who worked on it"


def test_a_donor_who_does_not_want_to_be_named_is_not(bare: Engine) -> None:
    store = Store(bare)
    code = give(bare, Gift("王某某", 10_000, DAY, is_public=False), "a", "duty", store.clock)
    told = read(bare)
    with reading(bare) as session:
        found = page.public_trace(session, code)
    assert found["donor"] is None and told["gifts"][0]["donor"] is None and "王某某" not in json.dumps([found, told], ensure_ascii=False)
    assert told["totals"]["amount_fen"] == 10_000
    assert [(f["fund"], f["percent"], f["holds_fen"]) for f in told["funds"]] == [("reserve", 20, 2000), ("brands", 30, 3000), ("projects", 50, 5000)]


def test_only_approved_responses_are_told(demo: Engine, clock: FixedClock) -> None:
    assert read(demo)["responses"] == []
    with reading(demo) as session:
        code = list_proposals(session)[0]["code"]
        seen = get_proposal(session, code)["body_hash"]
    submit(demo, code, "duty", clock)
    approve(demo, code, "approver", seen, clock)
    (told,) = read(demo)["responses"]
    assert told["code"] == code and told["percent_covered"] == 100 and told["counties"] == 7 and told["level"] == 1


@pytest.mark.parametrize(("place", "words"), [
    ("wh:WH-X/A1", ("某库", "a store")), ("wh:WH-Y", ("仓库", "a warehouse")), ("transit:WB-1", ("运输途中（WB-1）", "under way (WB-1)")),
    ("recipient:150522", ("某旗受灾群众", "people in county")), ("recipient:999999", ("受灾地区受灾群众", "people in the affected area")),
    ("supplier:张三", ("供货方", "supplier")), ("loss:x", ("报损", "written off")),
])
def test_places_in_words(place: str, words: tuple[str, str]) -> None:
    assert page.place_words(place, ({"150522": ("某旗", "county")}, {"WH-X": ("某库", "a store")})) == words
