"""Judgements: the latest of each kind, checked before they are kept."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.alerts.entries import KINDS, RANGES, check_entry, fold_entries
from dispatch.alerts.model import LossCounts
from dispatch.errors import InvalidInput
from dispatch.geo import LonLat
from tests.builders import make_entry

PLACES = {"150000": 24_000_000, "150500": 2_800_000, "150522": 400_000}
CODES = ("border", "poor")


def test_the_latest_forecast_counts_and_an_empty_one_takes_it_back() -> None:
    first, second = make_entry("forecast", 1, relocated=100_000), make_entry("forecast", 2, relocated=60_000, rooms=1)
    assert fold_entries([second, first]).forecast == LossCounts(relocated=60_000, rooms=1)
    assert fold_entries([first, make_entry("forecast", 3)]).forecast is None


def test_government_levels_place_by_place_and_zero_ends_one() -> None:
    entries = [make_entry("government", 1, place="150500", level=3), make_entry("government", 2, place="150522", level=2),
               make_entry("government", 3, place="150500", level=0)]
    assert fold_entries(entries).government == {"150522": 2}
    assert fold_entries(entries[:2]).government == {"150500": 3, "150522": 2}


def test_measures_add_up_codes_replace() -> None:
    judged = fold_entries([
        make_entry("observation", 1, snow_depth_cm=20, epicentre=[122.0, 43.5]), make_entry("observation", 2, snow_days=7),
        make_entry("lowered", 1, codes=["border"]), make_entry("lowered", 2, codes=["poor"]),
    ])
    assert (judged.observations.snow_depth_cm, judged.observations.snow_days) == (20, 7)
    assert judged.observations.epicentre == LonLat(122.0, 43.5)
    assert judged.lowered == ("poor",)


@pytest.mark.parametrize("kind,body,field", [
    ("forecast", {"deaths": 1}, "deaths"), ("forecast", {"rooms": -1}, "rooms"), ("forecast", {"rooms": True}, "rooms"),
    ("forecast", {"rooms": 1.5}, "rooms"), ("forecast", {"rooms": 30_000_001}, "rooms"),
    ("government", {"place": "620000", "level": 1}, "place"), ("government", {"place": ["150000"], "level": 1}, "place"),
    ("government", {"place": "150000", "level": 5}, "level"), ("government", {"place": "150000", "level": True}, "level"),
    ("government", {"place": "150000", "level": 1.0}, "level"), ("government", {"place": "150000"}, "level"),
    ("lowered", {"codes": "border"}, "codes"), ("lowered", {"codes": ["because"]}, "codes"), ("lowered", {}, "codes"),
    ("observation", {"snow_depth_cm": 501}, "snow_depth_cm"), ("observation", {"snow_depth_cm": 1.5}, "snow_depth_cm"),
    ("observation", {"magnitude": math.nan}, "magnitude"), ("observation", {"magnitude": math.inf}, "magnitude"),
    ("observation", {"height": 1}, "height"), ("observation", {"epicentre": [1]}, "epicentre"), ("opinion", {}, "kind"),
])
def test_what_is_wrong_is_named(kind: str, body: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_entry(kind, body, PLACES, CODES)
    assert caught.value.facts == {"field": field} and caught.value.remedy_zh


ANY = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6), lambda v: st.lists(v, max_size=3), max_leaves=4)
FIELDS = st.sampled_from(["place", "level", "codes", "epicentre", "rooms", *RANGES, "x"])


@settings(deadline=None)
@given(st.sampled_from(KINDS), st.dictionaries(FIELDS, ANY, max_size=3))
def test_any_body_is_refused_or_can_be_folded(kind: str, body: dict[str, Any]) -> None:
    try:
        kept = check_entry(kind, body, PLACES, CODES)
    except InvalidInput:
        return
    fold_entries([make_entry(kind, **kept)])
