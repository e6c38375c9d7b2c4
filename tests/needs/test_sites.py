"""Pre-positioning: which site serves whom, what it lacks, what would move."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.errors import InvalidInput
from dispatch.inventory.model import Lot, StockLine, StockSnapshot, Tier
from dispatch.needs.sites import SiteCheck, check_sites, serving, toward_sites
from tests.builders import AT, make_need, make_site

OWN = make_site("WH-150522", Tier.COUNTY, "150522", "150522")
LEAGUE = make_site("WH-150500", Tier.LEAGUE, "150500", "150502")
REGION = make_site("WH-150000", Tier.REGION, "150000", "150102")
SITES = {w.code: w for w in (OWN, LEAGUE, REGION)}


def stock(*lines: StockLine) -> StockSnapshot:
    return StockSnapshot(AT, lines, {})


def held(site: str, units: int, reserved: int = 0, **lot: object) -> StockLine:
    fields = {"code": f"L-{site}-{units}", "item_code": "QUILT", "produced_on": None, "expires_on": None, "owner": "rc"}
    return StockLine(site, Lot(**{**fields, **lot}), units, reserved)  # type: ignore[arg-type]


def test_own_then_league_then_region() -> None:
    assert [serving(c, SITES).code for c in ("150522", "150525", "152921")] == ["WH-150522", "WH-150500", "WH-150000"]
    with pytest.raises(InvalidInput, match="152921"):
        serving("152921", {OWN.code: OWN, LEAGUE.code: LEAGUE})


def test_a_site_is_found_by_what_it_serves_not_by_its_code() -> None:
    renamed = make_site("KZHQ-1", Tier.COUNTY, "150522", "150522")
    assert serving("150522", {**SITES, "WH-150522": REGION, "KZHQ-1": renamed}).code == "KZHQ-1"


def test_a_site_is_held_against_all_it_serves_and_only_sound_free_goods_count() -> None:
    needs = [make_need("150525", quantity=100), make_need("150523", quantity=50), make_need("150522", quantity=10)]
    lines = [held("WH-150500", 90, 20), held("WH-150500", 7, condition="damaged"), held("WH-150500", 8, inspection="pending"),
             held("WH-150500", 9, item_code="COAT"), held("WH-150522", 30)]
    checks = check_sites(needs, SITES, stock(*lines))
    assert checks == (SiteCheck("WH-150500", "QUILT", 150, 70), SiteCheck("WH-150522", "QUILT", 10, 30))
    assert [c.short for c in checks] == [80, 0]


@pytest.mark.parametrize("expires,on_hand", [(date(2021, 11, 9), 0), (date(2021, 11, 10), 5), (None, 5)])
def test_goods_that_expire_by_the_day_they_are_due_are_not_held(expires: date | None, on_hand: int) -> None:
    """Due on 9 November at 01:00 in the morning, local time."""
    need = make_need("150522", due_at=datetime(2021, 11, 8, 17, 0, tzinfo=UTC))
    (check,) = check_sites([need], SITES, stock(held("WH-150522", 5, expires_on=expires)))
    assert check.on_hand == on_hand


def test_what_moves_fills_the_gap_of_the_site_by_the_first_need() -> None:
    first = make_need("150525", quantity=60, gross=100, dispatched=30, local=10, due_at=AT + timedelta(hours=6))
    needs = [make_need("150523", quantity=50, gross=50), first, make_need("150522", quantity=10)]
    checks = check_sites(needs, SITES, stock(held("WH-150500", 30), held("WH-150522", 10)))
    (line,) = toward_sites(needs, checks, SITES)
    assert (line.to_warehouse, line.county, line.quantity, line.gross) == ("WH-150500", "150502", 80, 110)
    assert line.due_at == first.due_at
    # what one county already got is taken off its own need, not told again of the site
    assert (line.dispatched, line.local) == (0, 0)
    assert "110" in line.basis.zh and "30" in line.basis.en and "80" in line.basis.en


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["150522", "150525", "150523", "152921"]), st.integers(1, 500), min_size=1),
       st.dictionaries(st.sampled_from(sorted(SITES)), st.integers(0, 500)))
def test_with_the_moves_every_site_holds_what_may_be_needed(wanted: dict[str, int], have: dict[str, int]) -> None:
    needs = [make_need(county, quantity=units) for county, units in wanted.items()]
    lines = stock(*(held(site, units) for site, units in have.items()))
    checks = check_sites(needs, SITES, lines)
    assert sum(c.needed for c in checks) == sum(wanted.values())
    moved = {line.to_warehouse: line.quantity for line in toward_sites(needs, checks, SITES)}
    for check in checks:
        assert moved.get(check.warehouse_code, 0) == max(0, check.needed - have.get(check.warehouse_code, 0))
