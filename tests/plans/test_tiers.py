"""One tier's table: the level and the ways to the next."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.alerts.model import LossCounts
from dispatch.plans.losses import Table
from dispatch.plans.policy import MEASURES, TIERS
from dispatch.plans.tiers import assess_tier
from tests.builders import POLICY

COUNTS = st.builds(LossCounts, **{m: st.none() | st.integers(0, 100_000) for m in MEASURES})


PLACES = {"region": "150000", "league": "150500", "county": "150522"}


def table(tier: str, hazard: str = "flood") -> Table:
    return Table(POLICY, hazard, tier, PLACES[tier], 400_000)


@given(st.sampled_from(TIERS), COUNTS)
def test_what_is_missing_is_just_enough(tier: str, counts: LossCounts) -> None:
    answer = assess_tier(table(tier), counts)
    fields = {m: getattr(counts, m) for m in MEASURES}
    for step in answer.next_up:
        assert step.missing > 0
        now = fields[step.name] or 0
        reached = LossCounts(**{**fields, step.name: now + step.missing})
        short = LossCounts(**{**fields, step.name: now + step.missing - 1})
        assert assess_tier(table(tier), reached).level == answer.next_level
        assert assess_tier(table(tier), short).level == answer.level


def test_people_in_need_count_beside_the_relocated_except_in_a_drought() -> None:
    counts = LossCounts(relocated=60_000, need_aid=50_000)
    assert assess_tier(table("region"), counts).level == 3
    assert assess_tier(table("region", "drought"), counts).level == 1


def test_the_share_of_herders_needing_aid_is_a_row_of_its_own() -> None:
    # a third of 400,000 people are farmers and herders: 10 % of them are 13,200
    assert assess_tier(Table(POLICY, "drought", "region", "150000", 400_000), LossCounts(need_aid=13_200)).level == 4
    assert assess_tier(Table(POLICY, "drought", "region", "150000", 400_000), LossCounts(need_aid=13_199)).level is None


def test_nothing_is_above_the_most_severe() -> None:
    answer = assess_tier(table("county"), LossCounts(dead_missing=9))
    assert (answer.level, answer.next_level, answer.next_up) == (1, None, ())
