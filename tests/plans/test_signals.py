"""Warnings and governments as criteria: the two-orange rule, extent, mirrored levels."""

from dataclasses import replace
from typing import Any

import pytest

from dispatch.alerts.model import Colour, Situation
from dispatch.plans.ground import Ground
from dispatch.plans.signals import extent, government_criteria, warning_criteria, wholes
from tests.builders import POLICY, judged, make_situation

ORANGE, RED, YELLOW, BLUE = Colour.ORANGE, Colour.RED, Colour.YELLOW, Colour.BLUE
A, B = "150522", "150525"


def warned(**here: dict[str, Colour]) -> Situation:
    """A situation whose counties have the colours named, as a150522={...}."""
    counties = {name[1:]: colours for name, colours in here.items()}
    hazards: dict[str, Colour] = {}
    for colours in counties.values():
        for hazard, colour in colours.items():
            hazards[hazard] = max(hazards.get(hazard, BLUE), colour, key=lambda c: c.rank)
    highest = {c: max(colours.values(), key=lambda c: c.rank, default=BLUE) for c, colours in counties.items()}
    return make_situation(hazards=hazards, counties=highest, county_hazards={c: h for c, h in counties.items() if h})


def lifted(situation: Situation, ground: Ground | None = None, **policy: Any) -> list[tuple[int, int | float | str | None]]:
    found = warning_criteria(situation, replace(POLICY, **policy), ground or Ground())
    return [(c.level, c.observed) for c in found if c.name == "warning.combined"]


def test_two_strong_hazards_in_one_county_lift_by_one() -> None:
    assert lifted(warned(c150522={"blizzard": ORANGE, "road_ice": ORANGE})) == [(2, 2)]
    assert lifted(warned(c150522={"blizzard": RED, "road_ice": ORANGE})) == [(1, 2)]


def test_the_rule_can_be_switched_off() -> None:
    assert lifted(warned(c150522={"blizzard": RED, "road_ice": RED}), two_orange_lift_one_level=False) == []


def test_orange_and_yellow_or_two_counties_lift_nothing() -> None:
    assert lifted(warned(c150522={"blizzard": ORANGE, "road_ice": YELLOW})) == []
    assert lifted(warned(c150522={"blizzard": ORANGE}, c150525={"road_ice": ORANGE})) == []


def test_the_lift_counts_from_the_countys_own_colours() -> None:
    """A red elsewhere does not make two oranges here a level I."""
    both = warned(c150522={"blizzard": ORANGE, "road_ice": ORANGE}, c150525={"blizzard": RED})
    assert lifted(both) == [(2, 2)]
    assert judged(both).level == 2


def test_a_county_that_only_reported_losses_takes_no_part() -> None:
    """B is in the situation by its losses; the two colours stand in two other counties."""
    situation = warned(c150522={"blizzard": ORANGE}, c150523={"road_ice": ORANGE}, c150525={})
    assert lifted(situation) == []


def test_a_hazard_of_another_situation_counts_where_it_stands() -> None:
    situation = warned(c150522={"blizzard": ORANGE}, c150525={"blizzard": YELLOW})
    assert lifted(situation, Ground(strong_elsewhere={A: ("flood",)})) == [(2, 2)]
    assert lifted(situation, Ground(strong_elsewhere={B: ("flood",)})) == []
    # the same hazard twice is one hazard
    assert lifted(situation, Ground(strong_elsewhere={A: ("blizzard",)})) == []


@pytest.mark.parametrize("codes,place,whole", [
    ((), "150000", ("150000",)),
    ((A,), A, ("150000", "150500", A)),
    ((A, B), "150500", ("150000", "150500")),
    ((A, "150421"), "150000", ("150000",)),
])
def test_extent_is_the_smallest_place_and_wholes_are_all(codes: tuple[str, ...], place: str, whole: tuple[str, ...]) -> None:
    situation = make_situation(counties=dict.fromkeys(codes, BLUE))
    assert extent(situation)[1] == place
    assert wholes(situation) == whole


def test_the_more_severe_of_government_and_own_table() -> None:
    quiet = make_situation(hazards={}, government={"150500": 3})
    activation = judged(quiet)
    assert (activation.level, activation.stage, activation.lead_tier) == (3, "response", "league")
    (own,) = [c for c in activation.criteria if c.name == "government.level"]
    assert (own.basis, own.place, own.tier) == ("government", "150500", "league") and own.source
    assert judged(make_situation(government={"150500": 3})).level == 2  # the red warning
    assert judged(make_situation(government={"150000": 1})).level == 1
    assert judged(quiet, policy=replace(POLICY, mirrors_government=False)).level is None


def test_levels_that_are_none_are_passed_over() -> None:
    assert government_criteria(make_situation(government={"150500": 0, "x": 9}), POLICY, Ground()) == []
