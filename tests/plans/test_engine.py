"""Levels: real activations, monotony, reasons."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.alerts.model import Colour, LossCounts
from dispatch.plans.policy import MEASURES
from tests.builders import judged, make_situation

# (year and hazard, counts, level by the counts alone); what the region really did stands beside it
ACTIVATIONS = [
    ("2012 hail and flood: III in life", LossCounts(dead_missing=19, relocated=211_000, rooms=2_300), 3),
    ("2013 flood: III in life", LossCounts(dead_missing=19, relocated=116_000, rooms=23_000), 3),
    ("2015 drought: III in life", LossCounts(need_aid=1_020_000), 3, "drought"),
    ("2018 flood: IV, then III as 100,000 were about to be relocated", LossCounts(dead_missing=14, relocated=99_900, rooms=5_680), 4),
    ("2010 blizzard: III in life by a snow and livestock judgement, none by counts", LossCounts(dead_missing=2, relocated=20_000), None),
]


@pytest.mark.parametrize("name,counts,level,hazard", [(*a, "flood")[:4] for a in ACTIVATIONS])
def test_real_activations_by_counts_alone(name: str, counts: LossCounts, level: int | None, hazard: str) -> None:
    two_leagues = {"150522": Colour.BLUE, "150421": Colour.BLUE}
    situation = make_situation(counts=counts, hazards={}, counties=two_leagues, hazard=hazard)
    assert judged(situation).level == level


@pytest.mark.parametrize("colour,level", [
    (Colour.BLUE, None), (Colour.YELLOW, 4), (Colour.ORANGE, 3), (Colour.RED, 2),
])
def test_warning_colours(colour: Colour, level: int | None) -> None:
    activation = judged(make_situation(hazards={"blizzard": colour}))
    assert activation.level == level
    assert activation.stage == ("pre_alert" if level else "watch")


def test_two_orange_hazards_lift_one_level() -> None:
    activation = judged(make_situation(hazards={"blizzard": Colour.ORANGE, "road_ice": Colour.ORANGE}))
    assert activation.level == 2
    assert "warning.combined" in [c.name for c in activation.criteria if c.met]


def test_the_most_severe_tier_wins_and_says_so() -> None:
    activation = judged(make_situation(hazards={}, counts=LossCounts(dead_missing=5)))
    assert (activation.level, activation.stage) == (1, "response")
    assert "死亡和失踪人数" in activation.reasons[0].zh
    assert any("尚无报告" in words.zh for words in activation.reasons)


def test_every_criterion_tried_is_told_with_its_source() -> None:
    activation = judged(make_situation(counts=LossCounts(rooms=10)))
    assert {c.name for c in activation.criteria} >= {*MEASURES} - {"need_aid"}
    assert all(c.source and c.words.zh and c.words.en for c in activation.criteria)


COUNTS = st.builds(LossCounts, **{m: st.none() | st.integers(0, 2_000_000) for m in MEASURES})


@given(COUNTS, st.sampled_from(MEASURES), st.integers(0, 2_000_000))
def test_more_loss_never_means_a_milder_level(counts: LossCounts, measure: str, more: int) -> None:
    fields = {m: getattr(counts, m) for m in MEASURES}
    worse = LossCounts(**{**fields, measure: (fields[measure] or 0) + more})
    before = judged(make_situation(counts=counts, hazards={})).level or 5
    after = judged(make_situation(counts=worse, hazards={})).level or 5
    assert after <= before
