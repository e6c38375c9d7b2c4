"""Short, over, expiring: each with something to do."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.inventory.fefo import Use, in_area, order, pick, why_not
from dispatch.inventory.health import StockRules, check_health
from dispatch.inventory.model import Lot, StockLine, StockSnapshot
from dispatch.reference.load import read_warehouses

TODAY = date(2026, 11, 24)
HOUSES = {w.code: w for w in read_warehouses()}
A, B, C = "WH-150500", "WH-150522", "WH-152921"


def line(place: str = A, units: int = 10, days: int | None = 900, **facts: object) -> StockLine:
    expires = None if days is None else TODAY + timedelta(days=days)
    return StockLine(place, Lot(f"L{place}{days}", "QUILT", None, expires, "o", **facts), units, 0)  # type: ignore[arg-type]


def health(lines: list[StockLine], minimum: dict[tuple[str, str], int]):  # type: ignore[no-untyped-def]
    return check_health(StockSnapshot(datetime.now(UTC), tuple(lines), minimum), HOUSES, StockRules(), TODAY)


def test_below_minimum_is_ordered_up_to_the_maximum() -> None:
    (short,) = health([line(units=3)], {(A, "QUILT"): 10}).reorder
    assert (short.available, short.order, short.action.code) == (3, 17, "reorder.buy")


def test_a_neighbour_with_plenty_gives_first() -> None:
    (short,) = health([line(units=3), line(B, 50)], {(A, "QUILT"): 10}).reorder
    assert short.action.code == "reorder.transfer" and HOUSES[B].name_zh in short.action.zh


def test_expired_goods_do_not_count_as_stock() -> None:
    found = health([line(units=30, days=0)], {(A, "QUILT"): 10})
    assert found.reorder[0].available == 0
    assert found.expiring[0].action.code == "expiry.write_off"


def test_over_the_maximum() -> None:
    assert health([line(units=21)], {(A, "QUILT"): 10}).over == ((A, "QUILT", 21, 20),)


def test_what_to_do_with_what_ends() -> None:
    soon = health([line(days=100)], {(B, "QUILT"): 5}).expiring[0]
    assert soon.action.code == "expiry.rotate"
    assert health([line(days=100)], {}).expiring[0].action.code == "expiry.distribute"
    assert health([line(days=10)], {}).expiring[0].action.code == "expiry.exchange"
    assert health([line(days=500)], {}).expiring == ()


LINES = st.builds(
    lambda n, units, held, days, facts: StockLine(
        A, Lot(f"L{n}", "QUILT", None, None if days is None else TODAY + timedelta(days=days), "o", **facts), units + held, held),
    st.integers(0, 99), st.integers(0, 40), st.integers(0, 5), st.none() | st.integers(-5, 30),
    st.sampled_from([{}, {"restriction": "flood"}, {"restriction": "blizzard"}, {"area": "150500"},
                     {"area": "150400"}, {"inspection": "pending"}, {"condition": "damaged"}]),
)
USE = Use("blizzard", "150522", TODAY, 3)


@given(st.lists(LINES, max_size=12, unique_by=lambda x: x.lot_code), st.integers(1, 200))
def test_no_usable_earlier_lot_stays_behind_a_later_one(lines: list[StockLine], wanted: int) -> None:
    taken = pick(lines, wanted, USE)
    units = {piece.lot_code: n for piece, n in taken}
    usable = [x for x in lines if why_not(x, USE) is None and x.lot.inspection == "passed" and x.lot.condition == "good"]
    assert set(units) <= {x.lot_code for x in usable}
    assert sum(units.values()) == min(wanted, sum(x.available for x in usable))
    left = [x for x in usable if units.get(x.lot_code, 0) < x.available]
    for piece, _ in taken:
        assert all(order(piece) <= order(x) for x in left)
        assert piece.expires_on is None or (piece.expires_on - TODAY).days >= 3


def test_areas_by_county_league_and_region() -> None:
    assert in_area("150522", "150522") and in_area("150522", "150500") and in_area("150522", "150000")
    assert not in_area("150522", "150400") and not in_area("150431", "150430")
