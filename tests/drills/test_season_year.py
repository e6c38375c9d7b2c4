"""A year through the code that makes proposals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dispatch.alerts.model import Colour
from dispatch.drills import season_year
from dispatch.drills.season_draw import Disaster, Nature, draw_year
from dispatch.drills.season_ground import with_extra
from dispatch.drills.season_year import run_year, situation_of
from dispatch.needs.estimate import spread
from tests.conftest import Databases
from tests.drills.season_nature import make_nature

PEOPLE = 20_000


@pytest.fixture(scope="module")
def nature(databases: Databases) -> Nature:
    return make_nature(databases)


@pytest.fixture(scope="module")
def flood(nature: Nature) -> Disaster:
    """A flood in three districts of Hohhot at the beginning of May, roads open."""
    one = next(
        d for year in range(1, 100) for d in draw_year(nature, 1, year) if d.drawn_from == "2013-05-06-yimin-river"
    )
    places = dict.fromkeys(("150102", "150104", "150105"), Colour.ORANGE)
    need = spread(PEOPLE, {c: nature.base.counties[c].population for c in places})
    return replace(one, roads=(), counties=places, losses={c: {"need": n} for c, n in need.items()}, started_at=nature.base.starts_at)


def year_of(nature: Nature, disasters: Sequence[Disaster], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    numbered = tuple(replace(d, number=n) for n, d in enumerate(disasters, 1))
    monkeypatch.setattr(season_year, "draw_year", lambda *_: numbered)
    return run_year(nature, 1, 1)


def sent(one: dict[str, Any]) -> int:
    return sum(row[1] for row in one["items"].values())


def test_what_is_used_is_gone_until_it_is_replenished(
    nature: Nature, flood: Disaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = replace(flood, started_at=flood.started_at + timedelta(days=4))
    late = replace(flood, started_at=flood.started_at + timedelta(days=100))
    told = year_of(nature, [flood, soon, late], monkeypatch)["disasters"]
    first, second, third = map(sent, told)
    assert 0 < second < first / 2 and third == first
    for one in told:
        for need, units, in_time in one["items"].values():
            assert need >= units >= in_time >= 0
        by_item = [sum(column) for column in zip(*one["items"].values(), strict=True)]
        by_league = [sum(column) for column in zip(*one["leagues"].values(), strict=True)]
        assert by_item == by_league


def test_no_more_leaves_than_was_there(nature: Nature, flood: Disaster, monkeypatch: pytest.MonkeyPatch) -> None:
    held: dict[str, int] = {}
    for line in nature.base.stock.lines:
        held[line.lot.item_code] = held.get(line.lot.item_code, 0) + line.on_hand
    huge = replace(flood, losses={c: {"need": 40 * loss["need"]} for c, loss in flood.losses.items()})
    (one,) = year_of(nature, [huge], monkeypatch)["disasters"]
    assert sent(one) > 0
    for item, (need, units, _) in one["items"].items():
        # two decisions ten days apart at most; nothing but short-lived goods is back by then
        assert units <= held.get(item, 0) and units <= need, item


def test_the_need_is_that_of_the_standards_for_all_who_were_counted(
    nature: Nature, flood: Disaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = year_of(nature, [flood], monkeypatch)["disasters"]
    assert one["people"] == PEOPLE and one["kind"] == "dispatch"
    (rule,) = (r for r in nature.base.standards.rules if r.item == "BED")
    assert rule.per == "shelterless" and rule.season == "all"
    # rounded up county by county, so a few more than 15 % of all
    heads = sum(-(-loss["need"] * nature.base.standards.shelterless_percent // 100) for loss in flood.losses.values())
    assert abs(one["items"]["BED"][0] - heads * rule.units / rule.of) <= len(flood.losses)


def test_the_first_decision_knows_a_part_and_the_level_follows_the_figures(nature: Nature, flood: Disaster) -> None:
    early, full = nature.rules.looks["sudden"]
    at = flood.started_at + timedelta(hours=early.after_h)
    first, last = situation_of(flood, at, early), situation_of(flood, at, full)
    assert (last.counts.need_aid or 0) == PEOPLE
    assert abs((first.counts.need_aid or 0) - PEOPLE * early.percent // 100) <= len(flood.losses)
    leagues = {c[:4] + "00" for c in flood.losses}
    assert sum(last.places[lg].need_aid or 0 for lg in leagues) == PEOPLE


def test_the_pile_said_to_help_helps_when_it_is_there(
    nature: Nature, flood: Disaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The estimate looks at the roads alone; the year run again with the pile has trucks as well."""
    before = year_of(nature, [flood], monkeypatch)
    key = "WH-150000:BLANKET"
    promised = before["help"][key]
    assert promised > 0
    place, item = key.split(":")
    richer = replace(nature, base=with_extra(nature.base, {(place, item): promised}))
    after = year_of(richer, [flood], monkeypatch)
    gained = after["disasters"][0]["items"][item][2] - before["disasters"][0]["items"][item][2]
    assert 0.8 * promised <= gained <= promised
    nothing = year_of(
        replace(nature, base=with_extra(nature.base, {("WH-150700", item): promised})), [flood], monkeypatch
    )
    # from Hulunbuir nothing is in Hohhot in time
    assert nothing["disasters"][0]["items"][item][2] - before["disasters"][0]["items"][item][2] < 0.2 * promised
