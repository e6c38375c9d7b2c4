"""From reports to the figure that holds: conflicts, corrections, sums, age."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.alerts.figures import Point, board, counts_of, development, heard
from dispatch.alerts.model import LossCounts
from dispatch.alerts.reports import Report
from tests.builders import AT, make_report

HOUR = 60


def figure(*reports: Report, place: str = "150522", measure: str = "relocated") -> tuple[int, int | None]:
    found = board(reports)[place][measure]
    return found.value, found.rival


def test_two_reporters_within_six_hours_the_higher_with_its_rival() -> None:
    high, low = make_report(relocated=300), make_report(minutes=6 * HOUR, relocated=200, reporter="other")
    assert figure(low, high) == (300, 200)
    later = make_report(minutes=6 * HOUR + 1, relocated=200, reporter="other")
    assert figure(high, later) == (200, None)
    assert figure(make_report(relocated=200), make_report(minutes=1, relocated=300, reporter="other")) == (300, 200)


def test_a_disputed_figure_does_not_outlive_its_window_by_being_disputed() -> None:
    """300 was said once; another says 200 every five hours, and after six hours 200 holds."""
    said = [make_report(relocated=300), *(make_report(minutes=n * 5 * HOUR, relocated=200, reporter="other") for n in (1, 2, 3))]
    assert figure(*said[:2]) == (300, 200)
    assert board(said[:2])["150522"]["relocated"].as_of == AT
    assert figure(*said) == (200, None)


def test_verified_beats_reported_whoever_comes_first() -> None:
    sure, unsure = {"certainty": "verified", "reporter": "inspector"}, {"certainty": "estimated"}
    assert figure(make_report(relocated=100, **sure), make_report(minutes=5, relocated=300)) == (100, None)
    assert figure(make_report(relocated=300), make_report(minutes=5, relocated=100, **sure)) == (100, None)
    assert figure(make_report(relocated=300, **unsure), make_report(minutes=5, relocated=100, reporter="other")) == (100, None)


def test_corrections_and_the_same_reporter_replace() -> None:
    first = make_report(relocated=300)
    assert figure(first, make_report(minutes=5, relocated=100, reporter="other", is_correction=True)) == (100, None)
    assert figure(first, make_report(minutes=5, relocated=400)) == (400, None)


def test_a_measure_not_named_stays() -> None:
    found = board([make_report(relocated=300, rooms=4), make_report(minutes=5, rooms=6)])["150522"]
    assert counts_of(found) == LossCounts(relocated=300, rooms=6)


def test_townships_counties_leagues_and_the_region_add_up() -> None:
    found = board([
        make_report(township="甘旗卡", relocated=30), make_report(township="金宝屯", relocated=12),
        make_report("150525", relocated=8), make_report("150421", relocated=100),
    ])
    assert {p: (f["relocated"].value, f["relocated"].parts) for p, f in found.items()} == {
        "150522": (42, 2), "150525": (8, 0), "150500": (50, 2), "150421": (100, 0), "150400": (100, 1), "150000": (150, 2)}


def test_the_larger_of_own_and_sum() -> None:
    parts = [make_report(relocated=30), make_report("150525", relocated=8)]
    assert figure(*parts, make_report("150500", relocated=50), place="150500") == (50, None)
    assert figure(*parts, make_report("150500", relocated=20, minutes=9), place="150500") == (38, None)


def test_a_verified_league_figure_stands_against_older_parts_only() -> None:
    parts = [make_report(relocated=30), make_report("150525", relocated=8, minutes=20)]
    verified = {"relocated": 25, "certainty": "verified"}
    assert figure(*parts, make_report("150500", minutes=20, **verified), place="150500") == (25, None)
    assert figure(*parts, make_report("150500", minutes=20, **verified), place="150000") == (25, None)
    # one county has said more since: the older verified figure must not hide it
    assert figure(*parts, make_report("150500", minutes=10, **verified), place="150500") == (38, None)
    corrected = make_report("150500", minutes=30, relocated=25, is_correction=True)
    assert figure(*parts, corrected, place="150500") == (25, None)


def test_a_nil_report_confirms_and_is_heard() -> None:
    reports = [make_report(relocated=3), make_report(minutes=11 * HOUR, kind="nil"), make_report("150525", kind="nil")]
    found = board(reports)["150522"]["relocated"]
    assert (found.value, found.as_of) == (3, AT + timedelta(hours=11))
    assert not found.is_stale(AT + timedelta(hours=23)) and found.is_stale(AT + timedelta(hours=23, seconds=1))
    assert "150525" not in board(reports)
    assert heard(reports) == {"150522": AT + timedelta(hours=11), "150525": AT}


def test_a_sum_is_as_old_as_its_oldest_part_and_as_sure_as_its_weakest() -> None:
    found = board([make_report(relocated=3, certainty="verified"), make_report("150525", relocated=2, minutes=90, certainty="estimated")])
    assert (found["150500"]["relocated"].as_of, found["150500"]["relocated"].certainty) == (AT, "estimated")


def test_development_has_a_point_for_each_change() -> None:
    reports = [make_report(relocated=3), make_report(minutes=60, relocated=3), make_report(minutes=120, relocated=9),
               make_report(minutes=180, relocated=4, is_correction=True), make_report("150421", minutes=240, relocated=50)]
    line = development(reports[::-1], "150522")["relocated"]
    assert line == tuple(Point(AT + timedelta(minutes=m), v) for m, v in ((0, 3), (120, 9), (180, 4)))
    assert [p.value for p in development(reports, "150000")["relocated"]] == [3, 9, 4, 54]
    many = [make_report(minutes=n, relocated=n) for n in range(400)]
    drawn = development(many, "150522")["relocated"]
    assert len(drawn) == 120 and drawn[-1].value == 399


REPORTS = st.lists(st.builds(
    make_report, place=st.sampled_from(["150522", "150525", "150421", "150500", "150000"]), minutes=st.integers(0, 900),
    relocated=st.none() | st.integers(0, 50), dead_missing=st.none() | st.integers(0, 3), reporter=st.sampled_from(["a", "b"]),
    township=st.sampled_from(["", "", "甲"]), certainty=st.sampled_from(["estimated", "reported", "verified"]), is_correction=st.booleans(),
), max_size=7, unique_by=lambda r: r.code)


@settings(deadline=None)
@given(REPORTS, st.randoms(use_true_random=False))
def test_the_board_does_not_depend_on_the_order_of_arrival(reports: list[Report], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(reports)
    random.shuffle(shuffled)
    assert board(shuffled) == board(reports)
    # whatever is known below is known above, and the region is never below its leagues' newest word
    found = board(reports)
    assert all("150000" in found for place in found)
    assert all(f.value >= 0 for figures in found.values() for f in figures.values())
