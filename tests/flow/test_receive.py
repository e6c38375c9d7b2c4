"""Receipts by stop: only differences are given, each stop once, ledger and claims follow."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from dispatch.clock import FixedClock
from dispatch.db import reading, run_in_transaction
from dispatch.errors import Conflict, InvalidInput, Refused
from dispatch.flow.deliver import depart
from dispatch.flow.gather import gather
from dispatch.flow.receive import sign
from dispatch.inventory.proof import find_differences
from dispatch.waybills.claims import ClaimState, ClaimStep, list_claims, move_claim
from dispatch.waybills.queries import get_waybill, list_away
from dispatch.waybills.receipts import Counted, Signed, find_photo, list_receipts
from tests.conftest import NOW
from tests.waybills.desk import approved, on_the_road

H = timedelta(hours=1)
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 100


def signed(county: str | None, key: str = "k1", **changes: object) -> Signed:
    values = {"signed_by": "包文革", "said_at": NOW, **changes}
    return Signed(county, submit_key=key, **values)  # type: ignore[arg-type]


def booked(engine: Engine, code: str) -> dict[str, int]:
    with reading(engine) as session:
        rows = session.execute(text(
            "SELECT reason, SUM(quantity) FROM movement WHERE document = :code GROUP BY reason"), {"code": code})
        return {reason: int(units) for reason, units in rows}


def test_each_stop_signs_for_its_own_lines(demo: Engine, clock: FixedClock) -> None:
    paper = on_the_road(demo, clock, stops=2)
    code, (first, second, *rest) = paper["code"], [s["place"] for s in paper["stops"]]
    mine = [line for line in paper["lines"] if line["to"] == first]
    one = mine[0]
    done = sign(demo, code, signed(first, differences={one["id"]: Counted(one["quantity"] - 3, 2, "")}), "store", clock)
    assert done.is_new and [r.county for r in done.receipts] == [first] and len(done.claims) == 1
    units = sum(line["quantity"] for line in mine)
    assert booked(demo, code) == {"issue": sum(line["quantity"] for line in paper["lines"]), "delivery": units - 3, "damage": 2, "shortage": 1}
    with reading(demo) as session:
        assert get_waybill(session, code)["status"] == "departed"
    for county in (second, *rest):
        sign(demo, code, signed(county, f"k-{county}"), "store", clock)
    with reading(demo) as session:
        assert get_waybill(session, code)["status"] == "received"
        assert find_differences(session)["discrepancies"] == []
        on_truck = session.scalar(text("SELECT SUM(on_hand) FROM balance WHERE place = :p"), {"p": f"transit:{code}"})
    assert not on_truck


def test_the_same_receipt_twice_books_once_and_another_count_is_refused(demo: Engine, clock: FixedClock) -> None:
    paper = on_the_road(demo, clock)
    code, county = paper["code"], paper["stops"][0]["place"]
    receipt = signed(county, words="夜间卸车", photos=[JPEG], said_at=NOW - H)
    assert sign(demo, code, receipt, "store", clock).is_new
    before = booked(demo, code)
    assert not sign(demo, code, receipt, "store", clock).is_new
    # another telephone that counted the same: no harm
    assert not sign(demo, code, replace(receipt, submit_key="k2"), "store2", clock).is_new
    one = paper["lines"][0]
    other = signed(county, "k3", differences={one["id"]: Counted(one["quantity"] - 1)})
    with pytest.raises(Conflict, match="signed for at .* by 包文革 with other figures"):
        sign(demo, code, other, "store", clock)
    assert booked(demo, code) == before
    with reading(demo) as session:
        (kept,) = [r for r in list_receipts(session, code) if r.county == county]
        assert (kept.signed_by, kept.said_at, kept.recorded_at, kept.photos) == ("包文革", NOW - H, NOW, 1)
        assert find_photo(session, kept.id, 1) == ("image/jpeg", JPEG) and find_photo(session, kept.id, 2) is None


def test_what_cannot_be_is_refused_and_nothing_is_booked(demo: Engine, clock: FixedClock) -> None:
    one, *_ = approved(demo, clock)
    with reading(demo) as session:
        paper = get_waybill(session, one)
    county, line = paper["stops"][0]["place"], paper["lines"][0]
    with pytest.raises(Conflict, match="not been sent off"):
        sign(demo, one, signed(county), "store", clock)
    depart(demo, one, "store", clock)
    for wrong, words in (
        ({"signed_by": " "}, "no name"), ({"said_at": NOW + H}, "within the last"), ({"said_at": NOW - 100 * H}, "within the last"),
        ({"photos": [b"GIF89a"]}, "not a JPEG"), ({"photos": [JPEG] * 7}, "At most 6"),
        ({"differences": {"L9999": Counted(1)}}, "no line L9999"),
        ({"differences": {line["id"]: Counted(line["quantity"], 1)}}, "were sent"),
        ({"differences": {line["id"]: Counted(-1)}}, "were sent"),
    ):
        with pytest.raises(InvalidInput, match=words):
            sign(demo, one, signed(county, **wrong), "store", clock)
    with pytest.raises(InvalidInput, match="does not stop at 150303"):
        sign(demo, one, signed("150303"), "store", clock)
    with pytest.raises(Refused, match="viewer may not"):
        sign(demo, one, signed(county), "viewer", clock)
    assert set(booked(demo, one)) == {"issue"}
    with reading(demo) as session:
        assert list_receipts(session, one) == [] and list_claims(session) == []


def test_a_claim_goes_from_open_to_written_off_by_two_people(demo: Engine, clock: FixedClock) -> None:
    paper = on_the_road(demo, clock)
    code, county, line = paper["code"], paper["stops"][0]["place"], paper["lines"][0]
    (claim,) = sign(demo, code, signed(county, differences={line["id"]: Counted(line["quantity"] - 1)}), "store", clock).claims

    def step(target: str, actor: str, words: str = "车厢门未锁", key: str = "s1") -> bool:
        asked = ClaimStep(ClaimState(target), words, key)
        return run_in_transaction(demo, lambda s: move_claim(s, claim, asked, actor, NOW))

    with pytest.raises(Conflict, match="is open"):
        step("written_off", "approver")
    with pytest.raises(InvalidInput, match="Say why"):
        step("explained", "store", words=" ")
    with pytest.raises(Refused, match="viewer"):
        step("explained", "viewer")
    assert step("explained", "approver") is True
    assert step("explained", "approver") is False
    with pytest.raises(Refused, match="planner may not"):
        step("written_off", "duty", key="s2")
    with pytest.raises(Refused, match="explained this difference"):
        step("written_off", "approver", key="s2")
    assert step("settled", "duty", "承运方赔付", key="s3") is True
    with pytest.raises(Conflict, match="is settled"):
        step("settled", "duty", key="s4")
    with reading(demo) as session:
        (found,) = list_claims(session, code)
    assert (found["state"], found["short"], found["damaged"], found["next"]) == ("settled", 1, 0, [])
    assert [(s["state"], s["actor"]) for s in found["steps"]] == [("open", "store"), ("explained", "approver"), ("settled", "duty")]


def test_a_reason_given_at_the_receipt_explains_it(demo: Engine, clock: FixedClock) -> None:
    paper = on_the_road(demo, clock)
    line = paper["lines"][0]
    signed_for = signed(line["to"], differences={line["id"]: Counted(line["quantity"] - 1, 1, "受潮")})
    sign(demo, paper["code"], signed_for, "store", clock)
    with reading(demo) as session:
        (found,) = list_claims(session)
        covered = gather(session, "S-20211105-150500-blizzard", NOW).covered
        needed = sum(1 for _ in covered)
    assert (found["state"], found["steps"][1]["words"]) == ("explained", "受潮") and needed


def test_lost_and_damaged_goods_count_as_missing_and_the_truck_comes_home(demo: Engine, clock: FixedClock) -> None:
    with reading(demo) as session:
        nothing = gather(session, "S-20211105-150500-blizzard", NOW).covered
    paper = on_the_road(demo, clock)
    line = paper["lines"][0]
    key = (line["to"], line["item"])
    with reading(demo) as session:
        promised = gather(session, "S-20211105-150500-blizzard", NOW).covered[key].dispatched
    assert nothing.get(key) is None or nothing[key].dispatched == 0
    sign(demo, paper["code"], signed(None, differences={line["id"]: Counted(line["quantity"] - 3, 2)}), "store", clock)
    with reading(demo) as session:
        left = gather(session, "S-20211105-150500-blizzard", NOW).covered[key].dispatched
        away = {truck.vehicle for truck in list_away(session, NOW)}
        later = {truck.vehicle for truck in list_away(session, NOW + timedelta(days=3))}
    assert promised - left == 3
    assert paper["vehicle"] in away and paper["vehicle"] not in later
