"""One tier's table: the level and the ways to the next."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.alerts.model import LossCounts
from dispatch.plans.policy import MEASURES, TIERS
from dispatch.plans.tiers import assess_tier
from tests.builders import POLICY

COUNTS = st.builds(LossCounts, **{m: st.none() | st.integers(0, 100_000) for m in MEASURES})


@given(st.sampled_from(TIERS), COUNTS)
def test_what_is_missing_is_just_enough(tier: str, counts: LossCounts) -> None:
    answer = assess_tier(tier, counts, POLICY)
    fields = {m: getattr(counts, m) for m in MEASURES}
    for step in answer.next_up:
        assert step.missing > 0
        reached = LossCounts(**{**fields, step.name: (step.observed or 0) + step.missing})
        short = LossCounts(**{**fields, step.name: (step.observed or 0) + step.missing - 1})
        assert assess_tier(tier, reached, POLICY).level == answer.next_level
        assert assess_tier(tier, short, POLICY).level == answer.level


def test_nothing_is_above_the_most_severe() -> None:
    answer = assess_tier("county", LossCounts(dead_missing=9), POLICY)
    assert (answer.level, answer.next_level, answer.next_up) == (1, None, ())
