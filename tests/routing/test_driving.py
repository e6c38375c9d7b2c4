"""Breaks and sleep: the crew's day, and the short form of it."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.routing.driving import Crew, stops_on_the_way_s
from dispatch.routing.rates import DrivingRules
from tests.builders import ROUTING

RULES = ROUTING.driving
ANY = st.builds(
    DrivingRules, st.integers(600, 20_000), st.integers(60, 3600), st.integers(1, 3),
    st.integers(600, 30_000), st.integers(3601, 40_000),
)


def test_four_hours_need_no_break_and_a_minute_more_needs_one() -> None:
    assert stops_on_the_way_s(RULES.rest_after_s, RULES) == 0
    assert stops_on_the_way_s(RULES.rest_after_s + 60, RULES) == RULES.rest_s


def test_a_long_stand_counts_as_break_and_as_sleep() -> None:
    crew = Crew(RULES)
    crew.drive(RULES.rest_after_s)
    crew.stand(RULES.rest_s)
    assert crew.drive(RULES.rest_after_s) == 0
    crew.stand(RULES.sleep_s)
    assert crew.drive(RULES.day_s) == 3 * RULES.rest_s


@given(st.integers(0, 400_000), ANY, st.floats(0, 1))
def test_the_short_form_is_the_day_gone_through(drive_s: int, rules: DrivingRules, share: float) -> None:
    driven_s = int(share * rules.day_s)
    assert stops_on_the_way_s(drive_s, rules, driven_s) == Crew(rules, 0, driven_s).drive(drive_s)
