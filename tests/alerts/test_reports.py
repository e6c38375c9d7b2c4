"""A report is refused with every fault, or kept."""

from datetime import timedelta
from typing import Any

import pytest

from dispatch.alerts.reports import Report, check
from dispatch.errors import InvalidInput
from tests.builders import AT, make_report

PEOPLE = {"150522": 400_000, "150500": 2_800_000, "150000": 24_000_000}


def refused(report: Report, *earlier: Report) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        check(report, earlier, PEOPLE)
    assert caught.value.message_zh != caught.value.message and caught.value.remedy_zh
    return [fault["en"] for fault in caught.value.facts["faults"]]  # type: ignore[index, attr-defined]


def test_a_plain_report_passes_and_so_does_the_edge() -> None:
    check(make_report(relocated=400_000), [], PEOPLE)
    check(make_report(relocated=1, received_at=AT, as_of=AT + timedelta(minutes=5)), [], PEOPLE)
    check(make_report(kind="nil"), [], PEOPLE)


@pytest.mark.parametrize("changes,words", [
    ({"relocated": 400_001}, "more than the 400,000 people"), ({"dead_missing": -1}, "below zero"),
    ({"rooms": 1, "as_of": AT + timedelta(minutes=6), "received_at": AT}, "still to come"),
    ({"kind": "nil", "rooms": 0}, "carries no figures"), ({"kind": "verified"}, "No figure is given"),
    ({"place": "150500", "township": "甘旗卡", "rooms": 1}, "needs the county"), ({"place": "999999", "rooms": 1}, "no place"),
    ({"kind": "rumour", "rooms": 1}, "is not one of"), ({"certainty": "sure", "rooms": 1}, "is not one of"),
    ({"reporter": "  ", "rooms": 1}, "reporter is missing"), ({"note": "x" * 1001, "rooms": 1}, "more than 1000 characters"),
])
def test_faults(changes: dict[str, Any], words: str) -> None:
    (fault,) = refused(make_report(**changes))
    assert words in fault


def test_every_fault_is_told_at_once() -> None:
    assert len(refused(make_report(dead_missing=-1, relocated=500_000, reporter="", place="150522"))) == 3


def test_a_figure_goes_down_only_as_a_correction() -> None:
    before = make_report(relocated=300, rooms=40)
    (fault,) = refused(make_report(minutes=60, relocated=299, rooms=40), before)
    assert "from 300 to 299" in fault
    check(make_report(minutes=60, relocated=299, is_correction=True), [before], PEOPLE)
    # after the correction it is the corrected figure that counts
    corrected = make_report(minutes=60, relocated=200, is_correction=True)
    check(make_report(minutes=90, relocated=250), [corrected, before], PEOPLE)


@pytest.mark.parametrize("changes", [{"reporter": "other"}, {"township": "甘旗卡"}, {"minutes": -60}])
def test_down_beside_another_reporter_place_or_moment_is_no_fall(changes: dict[str, Any]) -> None:
    check(make_report(relocated=1, **{"minutes": 60, **changes}), [make_report(relocated=300)], PEOPLE)
