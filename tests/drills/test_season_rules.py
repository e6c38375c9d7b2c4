"""Rates and sizes come from the record, counted as told; a bad rule is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.clock import to_local
from dispatch.drills.season_record import PAST, b_value, load_record
from dispatch.drills.season_rules import FILE, load_season
from dispatch.errors import InvalidInput


def test_every_disaster_on_record_is_drawn_from_once() -> None:
    drawn = [code for group in load_season().groups for code in group.events]
    assert sorted(drawn) == sorted(path.stem for path in PAST.glob("*.toml"))


def test_events_lie_in_the_years_they_were_counted_in() -> None:
    rules = load_season()
    record = load_record(rules)
    for group in rules.groups:
        for code in group.events:
            assert group.since <= to_local(record[code].started_at).year <= group.until, code
            assert record[code].counties_hit >= 1, code


def test_rates_are_events_by_years() -> None:
    rates = {group.name: group.rate for group in load_season().groups}
    # five winters in 2000..2025, eight floods in 2012..2025, four shocks in 1996..2025
    assert rates["snow"] == 5 / 26 and rates["flood"] == 8 / 14 and rates["earthquake"] == 4 / 30
    assert rates["drought"] == 2 / 14 and rates["wind"] == 3 / 14


def test_the_law_of_magnitudes_is_counted_from_four_shocks() -> None:
    rules = load_season()
    (quakes,) = (g for g in rules.groups if g.name == "earthquake")
    record = load_record(rules)
    # mean of 6.4, 5.9, 5.3, 5.8 is 5.85; complete from 5.3, half a bin less is 5.25: 0.4343 / 0.60
    assert b_value([record[c] for c in quakes.events], rules.quake) == pytest.approx(0.7238, abs=1e-4)


@pytest.mark.parametrize(("old", "new", "told"), [
    ("until = 2025", "until = 1990", "until 1990 is before since"),
    ('looks = "slow"', 'looks = "never"', "looks 'never' is not described"),
    ("percent = [30, 100]", "percent = [30, 90]", "end at 100"),
    ("starts_month = 5", "starts_month = 13", "starts_month is 1 to 12"),
    ("days = 60", "days = 0", "replenish days"),
    ("most = 7.0", "most = 5.0", "quake.most"),
    ("people = 2.0", "people = 0.5", "spread.people"),
    ('places = "epicentre"', 'places = "moon"', "places is one of"),
    ("most_years = 10_000", "", "most_years"),
])
def test_a_bad_rule_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = FILE.read_text("utf-8")
    assert old in text
    path = tmp_path / "season.toml"
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(InvalidInput, match="season.toml is refused") as caught:
        load_season(path)
    assert told in caught.value.message


def test_an_event_that_is_not_on_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="2013-08-floods"):
        load_record(load_season(), tmp_path)
