"""Bands over years, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.drills.season_draw import Nature
from dispatch.drills.season_figures import SeasonTally, band, figures
from dispatch.drills.season_words import assumptions, lines
from tests.conftest import Databases
from tests.drills.season_nature import make_nature


@pytest.fixture(scope="module")
def nature(databases: Databases) -> Nature:
    return make_nature(databases)


def a_year(number: int, disasters: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "year": number, "disasters": disasters, "trucks_at_once": 0, "own_trucks_at_once": 0, "teams_at_once": 0,
        "ran_out": {}, "below_reserve": {}, "help": {}, **more,
    }


def a_disaster(items: dict[str, list[int]], **more: Any) -> dict[str, Any]:
    return {
        "group": "flood", "hazard": "flood", "month": 7, "people": 100, "kind": "dispatch", "teams_missing": 0,
        "without_truck": 0, "items": items,
        "leagues": {"150100": [sum(column) for column in zip(*items.values(), strict=True)]}, **more,
    }


def test_a_band_is_of_nearest_rank() -> None:
    assert band(range(1, 11)) == {"p10": 1, "p50": 5, "p90": 9}
    assert band([3]) == {"p10": 3, "p50": 3, "p90": 3} and band([]) is None


def test_shares_are_of_a_year_and_quiet_years_say_nothing(nature: Nature) -> None:
    tally = SeasonTally()
    # one year of two disasters: 30 of 100 and 50 of 100 are 40 %; one of 9 in 10; one without any
    tally.add(a_year(1, [a_disaster({"BED": [100, 30, 10]}), a_disaster({"BED": [100, 50, 50]}, month=8)]))
    tally.add(a_year(2, [a_disaster({"BED": [5, 4, 4], "BLANKET": [5, 5, 0]})], trucks_at_once=7))
    tally.add(a_year(3, []))
    found = figures(tally, nature)
    assert found["all"]["covered"] == {"p10": 0.4, "p50": 0.4, "p90": 0.9} and found["all"]["years"] == 2
    assert found["all"]["covered_in_time"] == {"p10": 0.3, "p50": 0.3, "p90": 0.4}
    assert found["years_without_disaster"] == 1 and found["by_hazard"]["flood"]["disasters"] == 3
    assert found["by_month"]["07"]["need"] == 110 and found["by_month"]["08"]["covered"]["p50"] == 0.5
    assert found["by_item"]["BLANKET"]["covered"]["p50"] == 1.0
    assert found["by_league"]["150100"]["sent"] == 89
    assert found["bands"]["trucks_at_once"] == {"p10": 0, "p50": 0, "p90": 7}
    assert found["by_hazard"]["snow"]["covered"] is None


def test_where_stock_ends_and_where_more_would_help(nature: Nature) -> None:
    tally = SeasonTally()
    tally.add(a_year(1, [], ran_out={"WH-150100:BED": [7, 8]}, help={"WH-150100:TENT-12": 20, "WH-150100:COAL": 500}))
    tally.add(a_year(2, [], ran_out={"WH-150100:BED": [7]}, help={"WH-150100:TENT-12": 10}))
    tally.add(a_year(3, []))
    tally.add(a_year(4, []))
    found = figures(tally, nature)
    (spot,) = found["ran_out"]
    assert (spot["years"], spot["percent"], spot["months"]) == (2, 50.0, {"07": 2, "08": 1})
    tents, coal = found["help"]
    # 30 tents in four years, a tent for four people
    assert (tents["item"], tents["units_a_year"], tents["people_a_year"], tents["years_used_percent"]) == ("TENT-12", 7.5, 30.0, 50.0)
    assert coal["item"] == "COAL" and coal["people_a_year"] is None


def test_goods_needed_and_held_nowhere_are_named(nature: Nature) -> None:
    tally = SeasonTally()
    tally.add(a_year(1, [a_disaster({"BUCKET": [300, 0, 0], "BED": [1, 1, 1]})]))
    (missing,) = figures(tally, nature)["not_held"]
    assert missing["item"] == "BUCKET" and missing["need_a_year"] == 300


def test_nothing_is_told_without_what_it_rests_on(nature: Nature) -> None:
    told = assumptions(nature.rules)
    assert len(told) >= 8 and all(one["zh"] and one["en"] for one in told)
    assert "60" in " ".join(one["zh"] for one in told)
    tally = SeasonTally()
    tally.add(a_year(1, [a_disaster({"BED": [100, 30, 10]})], ran_out={"WH-150100:BED": [7]}))
    text = "\n".join(lines(figures(tally, nature)))
    assert "30.0%" in text and "洪涝" in text and "7月" in text
