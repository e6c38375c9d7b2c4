"""Messages folded into one situation."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.alerts.entries import Entry
from dispatch.alerts.model import Alert, Colour, LossCounts
from dispatch.alerts.timeline import Material, belong, clusters, describe, fold, is_open
from tests.builders import AT, make_alert, make_entry, make_report

NAMES = {"150522": ("科左后旗", "Horqin Left Rear")}


def one(*alerts, hours: int = 1):  # type: ignore[no-untyped-def]
    (situation,) = fold(alerts, AT + timedelta(hours=hours), NAMES)
    return situation


def test_an_update_replaces_what_it_refers_to() -> None:
    update = make_alert(identifier="A-2", msg_type="Update", references=("A-1",),
                        colour=Colour.ORANGE, sent=AT + timedelta(minutes=30))
    assert one(make_alert(), update).colour is Colour.ORANGE


def test_arrival_order_does_not_matter() -> None:
    alerts = [
        make_alert(colour=Colour.YELLOW),
        make_alert(identifier="A-2", msg_type="Update", references=("A-1",), sent=AT + timedelta(minutes=5)),
        make_alert(identifier="A-3", hazard="road_ice", colour=Colour.ORANGE, sent=AT + timedelta(minutes=9)),
    ]
    assert len({repr(one(*order)) for order in permutations(alerts)}) == 1


def test_a_cancel_or_expiry_ends_it() -> None:
    cancel = make_alert(identifier="A-2", msg_type="Cancel", references=("A-1",), counties=(), sent=AT + timedelta(minutes=5))
    assert fold([make_alert(), cancel], AT + timedelta(hours=1), NAMES) == ()
    assert fold([make_alert()], AT + timedelta(hours=25), NAMES) == ()


def test_losses_keep_it_open_and_later_figures_win() -> None:
    first = make_alert(counts=LossCounts(dead_missing=1, affected=10))
    later = make_alert(identifier="A-2", colour=None, counts=LossCounts(affected=20), sent=AT + timedelta(hours=2))
    situation = one(first, later, hours=30)
    assert situation.counts == LossCounts(dead_missing=1, affected=20)
    assert situation.colour is None


def test_another_league_is_another_situation() -> None:
    other = make_alert(identifier="A-2", counties=("152921",))
    assert len(fold([make_alert(), other], AT + timedelta(hours=1), NAMES)) == 2


def test_exercises_are_never_folded() -> None:
    assert fold([make_alert(status="Exercise")], AT + timedelta(hours=1), NAMES) == ()


# --- any order ------------------------------------------------------------------------------

STEM = "15050041600000_20211108155000"
MESSAGES = st.lists(st.builds(
    make_alert, identifier=st.sampled_from(["A-1", "A-2", STEM, STEM + "_1", STEM + "_2"]), part=st.integers(0, 1),
    sent=st.integers(0, 90).map(lambda h: AT + timedelta(hours=h)), effective=st.integers(0, 90).map(lambda h: AT + timedelta(hours=h)),
    expires=st.none() | st.integers(0, 120).map(lambda h: AT + timedelta(hours=h)), msg_type=st.sampled_from(["Alert", "Update", "Cancel"]),
    hazard=st.sampled_from(["blizzard", "road_ice", "flood", ""]), colour=st.none() | st.sampled_from(list(Colour)),
    counties=st.lists(st.sampled_from(["150522", "150525", "150421"]), max_size=2, unique=True).map(tuple),
    references=st.lists(st.sampled_from(["A-1", "A-2", STEM, STEM + "_1", "never-came"]), max_size=2).map(tuple),
    counts=st.builds(LossCounts, relocated=st.none() | st.integers(0, 50)),
    government=st.sampled_from([(), (("150500", 3),), (("150500", 4),)]),
), max_size=6, unique_by=lambda a: (a.identifier, a.part))


@settings(deadline=None)
@given(MESSAGES, st.randoms(use_true_random=False), st.integers(0, 120))
def test_clusters_and_situations_do_not_depend_on_the_order_of_arrival(alerts: list[Alert], random, hours: int) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(alerts)
    random.shuffle(shuffled)
    found = clusters(alerts)
    assert clusters(shuffled) == found
    assert sorted((a.identifier, a.part) for c in found for a in c) == sorted((a.identifier, a.part) for a in alerts)
    at = AT + timedelta(hours=hours)
    first, second = (describe("S", Material(tuple(order)), at, NAMES) for order in (alerts, shuffled))
    assert repr(first) == repr(second)
    assert fold(shuffled, at, NAMES) == fold(alerts, at, NAMES)


def test_the_parts_of_one_message_keep_their_order() -> None:
    parts = [make_alert(part=0), make_alert(part=1, hazard="flood")]
    assert clusters(parts) == clusters(parts[::-1]) == [[parts[0]], [parts[1]]]


@settings(deadline=None)
@given(MESSAGES)
def test_belonging_is_symmetric(alerts: list[Alert]) -> None:
    assert all(belong(a, b) == belong(b, a) for a in alerts for b in alerts)


# --- updates, cancels, references --------------------------------------------------------------

def later(identifier: str, *references: str, **changes: Any) -> Alert:
    moment = AT + timedelta(minutes=10)
    return make_alert(**{"identifier": identifier, "references": references, "sent": moment, "effective": moment, **changes})


def colour(*alerts: Alert, hours: int = 1) -> Colour | None:
    return describe("S", Material(alerts), AT + timedelta(hours=hours), NAMES).colour


@pytest.mark.parametrize("original,reference,is_meant", [
    (STEM + "_1", STEM + "_1", True), (STEM + "_1", STEM, True), (STEM, STEM + "_1", True), (STEM + "_1", STEM + "_2", False),
])
@pytest.mark.parametrize("kind", ["Update", "Cancel"])
def test_an_update_or_cancel_finds_its_message_with_or_without_the_digit(original: str, reference: str, is_meant: bool, kind: str) -> None:
    newer = later("B", reference, msg_type=kind, colour=Colour.YELLOW if kind == "Update" else None)
    replaced = Colour.YELLOW if kind == "Update" else None
    assert colour(make_alert(identifier=original), newer) is (replaced if is_meant else Colour.RED)


def test_a_message_never_replaces_itself() -> None:
    """The update was sent in the same second as what it names without the digit."""
    update = later(STEM + "_2", STEM, msg_type="Update", colour=Colour.ORANGE)
    assert colour(make_alert(identifier=STEM + "_1"), update) is Colour.ORANGE


def test_an_update_replaces_only_when_it_takes_effect() -> None:
    update = later("B", "A-1", msg_type="Update", colour=Colour.YELLOW, effective=AT + timedelta(hours=2))
    assert colour(make_alert(), update, hours=1) is Colour.RED
    assert colour(make_alert(), update, hours=2) is Colour.YELLOW


def test_cancelling_the_update_does_not_bring_the_first_back() -> None:
    update = later("B", "A-1", msg_type="Update", colour=Colour.ORANGE)
    cancel = later("C", "B", msg_type="Cancel", colour=None, counties=())
    situation = describe("S", Material((make_alert(), update, cancel)), AT + timedelta(hours=1), NAMES)
    assert situation.colour is None and situation.is_cancelled
    assert set(situation.counties) == {"150522"}


def test_a_reference_to_a_message_that_has_not_come_is_kept_in_mind() -> None:
    update = later("B", "A-1", msg_type="Update", colour=Colour.YELLOW)
    assert colour(update) is Colour.YELLOW
    assert len(clusters([update, make_alert()])) == 1 and colour(update, make_alert()) is Colour.YELLOW


def test_a_warning_counts_until_the_moment_it_expires() -> None:
    alert = make_alert(expires=AT + timedelta(hours=3))
    assert (colour(alert, hours=2), colour(alert, hours=3)) == (Colour.RED, None)


# --- reports and judgements beside the messages ------------------------------------------------

def test_reports_alone_make_a_situation() -> None:
    situation = describe("S", Material((), (make_report(relocated=40),)), AT + timedelta(hours=1), NAMES)
    assert (situation.hazard, situation.counties, situation.colour) == ("blizzard", {"150522": Colour.BLUE}, None)
    assert situation.counts.relocated == 40 and situation.places["150500"].relocated == 40
    assert (situation.is_cancelled, is_open(situation), "损失报告" in situation.title_zh) == (False, True, True)
    assert not is_open(replace(situation, as_of=AT + timedelta(hours=169)))


def test_a_county_hit_outside_the_warned_area_is_part_of_the_situation() -> None:
    outside, nothing, nil = make_report("150525", relocated=40), make_report("150523", relocated=0), make_report("150524", kind="nil")
    situation = describe("S", Material((make_alert(),), (outside, nothing, nil)), AT + timedelta(hours=1), NAMES)
    assert situation.counties == {"150522": Colour.RED, "150525": Colour.BLUE}
    assert set(situation.county_hazards) == {"150522"} and set(situation.heard) == {"150525", "150523", "150524"}
    # where a warning stands too, its colour stays
    inside = describe("S", Material((make_alert(),), (make_report(relocated=4),)), AT + timedelta(hours=1), NAMES)
    assert inside.counties == {"150522": Colour.RED}


def test_what_was_not_known_yet_is_not_looked_at() -> None:
    material = Material((make_alert(),), (make_report(minutes=120, relocated=9),), (make_entry("forecast", 120, rooms=5),))
    early, late = (describe("S", material, AT + timedelta(hours=h), NAMES) for h in (1, 3))
    assert (early.counts.relocated, early.forecast) == (None, None)
    assert (late.counts.relocated, late.forecast) == (9, LossCounts(rooms=5))


def test_the_newest_word_on_a_governments_level_counts_whoever_said_it() -> None:
    message = make_alert(government=(("150500", 3),))
    ended = make_entry("government", 20, place="150500", level=0)
    graver = later("B", government=(("150500", 2),), sent=AT + timedelta(minutes=30), effective=AT)

    def government(*entries: Entry, alerts: tuple[Alert, ...] = (message,)) -> dict[str, int]:
        return describe("S", Material(alerts, (), entries), AT + timedelta(hours=1), NAMES).government

    assert government() == {"150500": 3}
    assert government(ended) == {}
    assert government(ended, alerts=(message, graver)) == {"150500": 2}
