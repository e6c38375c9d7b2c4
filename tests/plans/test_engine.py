"""Levels: real activations, monotony, reasons."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.alerts.model import Colour, LossCounts, Observations, Situation
from dispatch.plans.grade_table import load_grades
from dispatch.plans.model import Activation
from dispatch.plans.policy import MEASURES, Bands
from tests.builders import POLICY, judged, make_situation


@dataclass(frozen=True)
class Event:
    """A real activation: what was known, what the region did, and what explains it here."""

    hazard: str
    counts: LossCounts
    by_counts: int | None
    in_life: int
    because: tuple[str, str, str]
    changes: dict[str, Any] = field(default_factory=dict)


# Publicly reported activations; the flood of 7 August (2024) is left out: no counts are known of it.
EVENTS = {
    "2010-01-14 blizzard and cold wave": Event(
        "blizzard", LossCounts(dead_missing=2, relocated=20_000, affected=400_000, livestock_dead=43_000), None, 3,
        ("relocated", "lowered", "从低启动"), {"lowered": ("border",)}),
    "2012-06-28 hail, wind, flood": Event(
        "flood", LossCounts(dead_missing=19, relocated=211_000, rooms=2_300, affected=500_000), 3, 3,
        ("relocated", "reported", "内政办发")),
    "2013-08-23 flood": Event(
        "flood", LossCounts(dead_missing=19, relocated=116_000, rooms=23_000, affected=790_000), 3, 3,
        ("relocated", "reported", "内政办发")),
    "2015-09-27 drought": Event(
        "drought", LossCounts(need_aid=1_020_000, affected=3_618_000), 3, 3, ("need_aid", "reported", "内政办发")),
    "2018-07-24 flood": Event(
        "flood", LossCounts(dead_missing=14, relocated=99_900, rooms=5_680, affected=761_000), 4, 3,
        ("relocated", "forecast", "内政办发"), {"forecast": LossCounts(relocated=100_000)}),
}
TWO_LEAGUES = {"150522": Colour.BLUE, "150421": Colour.BLUE}


@pytest.mark.parametrize("name", EVENTS)
def test_real_activations_and_the_rule_that_explains_each(name: str) -> None:
    event = EVENTS[name]
    bare = make_situation(counts=event.counts, hazards={}, counties=TWO_LEAGUES, hazard=event.hazard)
    alone = judged(bare)
    assert alone.level == event.by_counts
    full = judged(replace(bare, **event.changes))
    assert (full.level, full.stage, full.kind) == (event.in_life, "response", "dispatch")
    measure, basis, source = event.because
    (why, *_) = [c for c in full.criteria if c.met and c.level == event.in_life and c.name == measure]
    assert (why.basis, why.tier) == (basis, "region") and source in why.source
    assert why.words.zh in full.reasons[0].zh and why.words.en in full.reasons[0].en
    # the national level IV that went with it would alone not explain the region's III
    mirrored = judged(replace(bare, government={"150000": 4}))
    assert mirrored.level == min(event.by_counts or 4, 4)


@pytest.mark.parametrize("hazard,counts,off", [
    ("flood", LossCounts(relocated=99_900), {"counts_forecast": False}),
    ("blizzard", LossCounts(relocated=20_000), {"lowered_codes": ()}),
])
def test_the_rules_that_explain_history_can_be_switched_off(hazard: str, counts: LossCounts, off: dict[str, Any]) -> None:
    situation = make_situation(counts=counts, hazards={}, counties=TWO_LEAGUES, hazard=hazard,
                               forecast=LossCounts(relocated=100_000) if hazard == "flood" else None, lowered=("border",) if hazard == "blizzard" else ())
    assert judged(situation).level == 3
    assert judged(situation, policy=replace(POLICY, **off)).level in (4, None)


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


# --- three tiers -----------------------------------------------------------------------------

def seen(places: dict[str, LossCounts], **changes: Any) -> Situation:
    """Losses alone in counties of two leagues."""
    base = {"hazards": {}, "counties": TWO_LEAGUES, "hazard": "flood", "counts": LossCounts(), "places": places}
    return make_situation(**{**base, **changes})


def levels(activation: Activation) -> dict[str, int | None]:
    return {p.place: p.level for p in activation.places}


def test_each_place_is_held_against_its_own_tiers_table() -> None:
    """900 relocated: a county's IV; 1,800 a league's IV; 50,000 the region's IV."""
    activation = judged(seen({"150522": LossCounts(relocated=900), "150525": LossCounts(relocated=299),
                              "150500": LossCounts(relocated=1_800)}, counts=LossCounts(relocated=49_999)))
    assert levels(activation) == {"150000": None, "150522": 4, "150525": None, "150500": 4}
    assert (activation.level, activation.lead_tier) == (4, "league")
    assert judged(seen({}, counts=LossCounts(relocated=50_000))).lead_tier == "region"


def test_the_whole_is_its_only_countys_too_and_the_higher_figure_counts() -> None:
    one = {"150522": Colour.RED}
    known = seen({}, counties=one, counts=LossCounts(dead_missing=5))
    assert levels(judged(known)) == {"150000": None, "150500": 2, "150522": 1}
    # a smaller first report of the county itself must not make it milder
    assert judged(replace(known, places={"150522": LossCounts(dead_missing=1)})).level == 1


def test_what_is_judged_likely_counts_at_every_tier_that_holds_the_whole() -> None:
    likely = seen({"150525": LossCounts(affected=1)}, counties={"150522": Colour.RED}, forecast=LossCounts(relocated=1_000))
    found = judged(likely)
    assert levels(found) == {"150000": None, "150500": 4, "150522": 3, "150525": None}
    assert {c.basis for c in found.criteria if c.met} == {"forecast"}


# --- neighbours ------------------------------------------------------------------------------

LINKED = replace(POLICY, thresholds={**POLICY.thresholds, "league": {
    **POLICY.thresholds["league"], "dead_missing": Bands((400, 300, 200, 100), "test", True)}})
NEAR = {"150500": frozenset({"150400"}), "150400": frozenset({"150500"})}


@pytest.mark.parametrize("dead,level", [(79, None), (80, 4), (100, 4), (159, 4), (160, 3), (239, 3), (240, 3)])
def test_a_neighbour_is_linked_at_exactly_80_percent(dead: int, level: int | None) -> None:
    """The neighbour has 250 dead (III, from 200): linked at III from 160, at IV from 80; never above III."""
    places = {"150500": LossCounts(dead_missing=250), "150400": LossCounts(dead_missing=dead)}
    activation = judged(seen(places), policy=LINKED, neighbours=NEAR)
    assert levels(activation) == {"150000": None, "150500": 3, "150400": level}
    link = [c for c in activation.criteria if c.basis == "linked"]
    own = 3 if dead >= 200 else 4 if dead >= 100 else None
    assert bool(link) == (level != own)
    assert all("160/200" in c.source and c.place == "150400" for c in link)
    # apart, or alone, nothing is linked
    assert levels(judged(seen(places), policy=LINKED))["150400"] == own
    alone = {"150400": LossCounts(dead_missing=dead)}
    assert levels(judged(seen(alone), policy=LINKED, neighbours=NEAR))["150400"] == own


def test_the_share_told_of_an_odd_edge_is_what_it_takes() -> None:
    """80 % of a league's 3 dead is 2.4: three are needed, and told."""
    odd = replace(POLICY, thresholds={**POLICY.thresholds, "league": {
        **POLICY.thresholds["league"], "dead_missing": Bands((9, 6, 3, 2), "test", True)}})
    places = {"150500": LossCounts(dead_missing=6), "150400": LossCounts(dead_missing=5)}
    (link,) = [c for c in judged(seen(places), policy=odd, neighbours=NEAR).criteria if c.basis == "linked"]
    assert (link.level, link.threshold) == (2, 5)


# --- totality and monotony over anything -----------------------------------------------------

CODES = st.sampled_from(["150522", "150525", "150421", "150500", "150400", "150000", "620000", "", "x", "00", "15052200"])
COUNTS = st.builds(LossCounts, **{m: st.none() | st.integers(0, 2_000_000) | st.integers(0, 40) for m in MEASURES})
COLOURS = st.sampled_from(list(Colour))
HAZARDS = st.sampled_from(["blizzard", "flood", "drought", "earthquake", "road_ice", "grassland_fire", "", "unheard_of"])
OBSERVED = st.builds(
    Observations, magnitude=st.none() | st.floats(0, 10), snow_days=st.none() | st.integers(0, 200),
    grass_buried_percent=st.none() | st.integers(0, 100), fire_danger_class=st.none() | st.integers(1, 5))
SITUATIONS = st.builds(
    make_situation, hazard=HAZARDS, hazards=st.dictionaries(HAZARDS, COLOURS, max_size=3),
    counties=st.dictionaries(CODES, COLOURS, max_size=4), counts=COUNTS,
    places=st.dictionaries(CODES, COUNTS, max_size=4), forecast=st.none() | COUNTS,
    government=st.dictionaries(CODES, st.integers(-1, 9), max_size=3),
    lowered=st.lists(st.sampled_from(["border", "poor", "nonsense", ""]), max_size=3).map(tuple),
    county_hazards=st.dictionaries(CODES, st.dictionaries(HAZARDS, COLOURS, max_size=3), max_size=4),
    observations=OBSERVED)
GROUNDS = st.fixed_dictionaries({
    "population": st.dictionaries(CODES, st.integers(0, 3_000_000), max_size=5),
    "neighbours": st.dictionaries(CODES, st.frozensets(CODES, max_size=4), max_size=5),
    "strong_elsewhere": st.dictionaries(CODES, st.lists(HAZARDS, max_size=2).map(tuple), max_size=3),
    "grades": st.sampled_from([None, load_grades(date(2024, 7, 1))]),
})


@settings(deadline=None)
@given(SITUATIONS, GROUNDS)
def test_assess_answers_anything_and_the_same_twice(situation: Situation, ground: dict[str, Any]) -> None:
    before = repr(situation)
    activation = judged(situation, **ground)
    assert activation == judged(situation, **ground) and repr(situation) == before
    met = [c for c in activation.criteria if c.met]
    assert activation.level == min((c.level for c in met), default=None)
    assert (activation.stage == "watch") == (activation.level is None)
    assert {s.name for s in activation.next_down} <= {c.name for c in met if c.level == activation.level}
    assert all(c.source and c.words.zh and c.words.en for c in activation.criteria)
    assert activation.reasons and activation.source_tiers == tuple(dict.fromkeys(activation.source_tiers))


@settings(deadline=None)
@given(SITUATIONS, GROUNDS, st.data())
def test_more_loss_never_means_a_milder_level(situation: Situation, ground: dict[str, Any], data: st.DataObject) -> None:
    """In the whole, in any single place, and in what is judged likely."""
    where = data.draw(st.sampled_from(["counts", "forecast", *sorted(situation.places)]))
    measure = data.draw(st.sampled_from(MEASURES))
    counts = situation.places[where] if where in situation.places else getattr(situation, where) or LossCounts()
    worse = replace(counts, **{measure: (getattr(counts, measure) or 0) + data.draw(st.integers(0, 2_000_000) | st.integers(0, 9))})
    if where in situation.places:
        after = replace(situation, places={**situation.places, where: worse})
    else:
        after = replace(situation, **{where: worse})
    assert (judged(after, **ground).level or 5) <= (judged(situation, **ground).level or 5)


@settings(deadline=None)
@given(SITUATIONS, GROUNDS, st.data())
def test_a_report_of_one_more_place_never_means_a_milder_level(situation: Situation, ground: dict[str, Any], data: st.DataObject) -> None:
    place = data.draw(CODES.filter(lambda code: code not in situation.places))
    after = replace(situation, places={**situation.places, place: data.draw(COUNTS)})
    assert (judged(after, **ground).level or 5) <= (judged(situation, **ground).level or 5)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["150522", "150525"]),
                       st.dictionaries(st.sampled_from(["blizzard", "road_ice", "flood"]), COLOURS, min_size=1), min_size=1),
       st.booleans(), st.data())
def test_a_stronger_colour_never_means_a_milder_level(here: dict[str, dict[str, Colour]], elsewhere: bool, data: st.DataObject) -> None:
    def level(colours: dict[str, dict[str, Colour]]) -> int:
        every = [(h, c) for found in colours.values() for h, c in found.items()]
        top = {h: max((c for n, c in every if n == h), key=lambda c: c.rank) for h, _ in every}
        situation = make_situation(hazards=top, counties=dict.fromkeys(colours, Colour.BLUE), county_hazards=colours)
        return judged(situation, strong_elsewhere={"150522": ("gale",)} if elsewhere else {}).level or 5

    county = data.draw(st.sampled_from(sorted(here)))
    hazard = data.draw(st.sampled_from(sorted(here[county])))
    colour = data.draw(COLOURS.filter(lambda c: c.rank >= here[county][hazard].rank))
    stronger = {**here, county: {**here[county], hazard: colour}}
    assert level(stronger) <= level(here)


# --- what separates a situation from another level -------------------------------------------

PLACES = st.dictionaries(st.sampled_from(["150522", "150525", "150421", "150500", "150000"]),
                         st.builds(LossCounts, **{m: st.none() | st.integers(0, 60) | st.integers(0, 20_000) for m in MEASURES}),
                         min_size=1)
POPULATION = {"150522": 400_000, "150525": 400_000, "150421": 400_000, "150500": 3_000_000, "150000": 24_000_000}


@settings(deadline=None)
@given(PLACES, st.sampled_from(["flood", "earthquake", "drought"]), st.sampled_from([(), ("border",)]))
def test_the_ways_up_are_just_enough(places: dict[str, LossCounts], hazard: str, lowered: tuple[str, ...]) -> None:
    def level(now: dict[str, LossCounts]) -> int | None:
        return judged(seen(now, hazard=hazard, lowered=lowered), population=POPULATION).level

    activation = judged(seen(places, hazard=hazard, lowered=lowered), population=POPULATION)
    assert bool(activation.next_up) == (activation.level != 1)
    for step in activation.next_up:
        if step.name == "need_aid_percent":
            continue
        now = places.get(step.place, LossCounts())

        def raised(by: int, now: LossCounts = now, name: str = step.name) -> LossCounts:
            return replace(now, **{name: (getattr(now, name) or 0) + by})

        # small lowered edges fall together: one more may reach more than was asked
        reached = level({**places, step.place: raised(step.missing)})
        by_share = step.name == "need_aid" and hazard == "drought"
        assert reached == activation.next_up_level or ((lowered or by_share) and (reached or 5) < activation.next_up_level)
        short = level({**places, step.place: raised(step.missing - 1)})
        # in a drought the same people also count as a share, which may get there first
        assert short == activation.level or by_share


@settings(deadline=None)
@given(PLACES, st.sampled_from(["flood", "earthquake"]), st.sampled_from([(), ("border",)]))
def test_the_ways_down_are_exactly_what_holds_the_level(places: dict[str, LossCounts], hazard: str, lowered: tuple[str, ...]) -> None:
    def level(now: dict[str, LossCounts]) -> int:
        return judged(seen(now, hazard=hazard, lowered=lowered)).level or 5

    activation = judged(seen(places, hazard=hazard, lowered=lowered))
    falls: dict[tuple[str, str], int] = {}
    for step in activation.next_down:
        key = step.place, step.name.partition(".")[0]
        falls[key] = max(falls.get(key, 0), step.missing)

    def fallen(without: tuple[str, str] | None, less: int = 0) -> dict[str, LossCounts]:
        now = dict(places)
        for (place, name), missing in falls.items():
            if (place, name) != without:
                now[place] = _less(now[place], name, missing - less)
        return now

    if activation.level is None:
        assert not falls
        return
    assert level(fallen(None)) > activation.level
    assert all(level(fallen(key)) == activation.level for key in falls)
    assert level(fallen(None, less=1)) == activation.level


def _less(counts: LossCounts, name: str, by: int) -> LossCounts:
    """``by`` fewer; people relocated and people in need are one figure."""
    value = getattr(counts, name) or 0
    if name != "relocated" or by <= value:
        return replace(counts, **{name: value - by})
    return replace(counts, relocated=0, need_aid=(counts.need_aid or 0) - (by - value))


def test_government_grades_and_warnings_hold_without_a_number() -> None:
    held = make_situation(hazards={"blizzard": Colour.ORANGE}, government={"150500": 3})
    assert [(s.name, s.missing) for s in judged(held).next_down] == [("government.level", 0), ("warning.blizzard", 0)]


def test_everything_that_holds_is_told_however_much_it_is() -> None:
    many = {f"1505{n}": LossCounts(dead_missing=5) for n in range(22, 42)}
    assert {s.place for s in judged(seen(many)).next_down} == set(many)


def test_a_warning_is_a_way_up_too() -> None:
    up = judged(make_situation(hazards={"blizzard": Colour.YELLOW})).next_up
    assert (up[-1].name, up[-1].observed, up[-1].threshold, up[-1].missing) == ("warning", "yellow", "orange", 0)


def test_the_way_up_is_by_the_row_that_asks_least() -> None:
    """The earthquake row of the region asks one dead for IV, the general row ten."""
    up = judged(seen({"150000": LossCounts(relocated=1)}, hazard="earthquake", counties={})).next_up
    assert [(s.missing, s.threshold) for s in up if s.name == "dead_missing"] == [(1, 1)]
