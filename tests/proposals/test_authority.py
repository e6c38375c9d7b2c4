"""Authority by level and place: every tier against every level, what crosses a border, the rule's file."""

from datetime import date
from itertools import product

import pytest

from dispatch.errors import InvalidInput, Refused
from dispatch.proposals.approval import Asked, Standing, find_refusal
from dispatch.proposals.authority import (
    FILE,
    Reach,
    authority_on,
    find_lack,
    grade_of,
    is_within,
    read_editions,
    tier_of,
)
from dispatch.proposals.model import ProposalStatus

DAY = date(2021, 11, 8)
REGION, LEAGUE, COUNTY = "150000", "150500", "150525"
AT_HOME = frozenset({COUNTY})


@pytest.mark.parametrize("place,grade", list(product((REGION, LEAGUE, COUNTY), ("1", "2", "3", "4", "special", "none"))))
def test_each_tier_approves_its_own_levels(place: str, grade: str) -> None:
    allowed = {
        REGION: {"1", "2", "3", "4", "special", "none"}, LEAGUE: {"3", "4", "none"}, COUNTY: {"4"},
    }[place]
    lack = find_lack(Reach(grade, AT_HOME, DAY), place)
    assert (lack is None) == (grade in allowed)
    if lack is not None:
        assert lack.facts["tiers"] == list(authority_on(DAY).tiers[grade]) and lack.remedy_zh


@pytest.mark.parametrize("places,place,may", [
    ({"150525", "150502", "150500"}, LEAGUE, True),
    ({"150525", "150000"}, LEAGUE, False),
    ({"150525", "150421"}, LEAGUE, False),
    ({"150525"}, COUNTY, True),
    ({"150525", "150500"}, COUNTY, False),
    ({"150525", "150421", "150000"}, REGION, True),
])
def test_what_crosses_a_border_goes_up(places: set[str], place: str, may: bool) -> None:
    lack = find_lack(Reach("4", frozenset(places), DAY), place)
    assert (lack is None) == may
    assert lack is None or lack.facts["places"] == sorted(p for p in places if not is_within(p, place))


def test_a_league_approver_is_refused_at_level_one_and_may_not_return_it_either() -> None:
    standing = Standing("P-1", ProposalStatus.SUBMITTED, "duty", "h", True, reach=Reach("1", AT_HOME, DAY))
    for target in (ProposalStatus.APPROVED, ProposalStatus.RETURNED):
        asked = Asked("other", "approver", target, "h", LEAGUE, "too much coal")
        refusal = find_refusal(standing, asked)
        assert isinstance(refusal, Refused) and "level I" in refusal.message and "自治区" in refusal.message_zh


def test_grades_and_tiers_are_read_from_codes() -> None:
    assert [grade_of(1, special=False), grade_of(4, special=True), grade_of(None, special=False)] == ["1", "special", "none"]
    assert [tier_of(p) for p in (REGION, LEAGUE, COUNTY)] == ["region", "league", "county"]


GOOD = FILE.read_text("utf-8")


@pytest.mark.parametrize("text,fault", [
    ("", "no edition"),
    (GOOD.replace('1 = ["region"]\n', ""), "levels.1 is missing"),
    (GOOD.replace('3 = ["region", "league"]', '3 = ["region", "town"]'), "names 'town'"),
    (GOOD.replace("special =", "5 = [\"region\"]\nspecial ="), "levels.5 is not known"),
    (GOOD.replace("from = 2017-01-01", 'from = "soon"'), "from"),
])
def test_a_broken_rule_names_its_fault(text: str, fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault):
        read_editions(text)


def test_the_edition_of_the_day_counts() -> None:
    later = GOOD[GOOD.index("[[edition]]"):].replace("2017-01-01", "2030-01-01")
    old, new = read_editions(later + "\n" + GOOD)
    assert (old.valid_from.year, new.valid_from.year) == (2017, 2030)
