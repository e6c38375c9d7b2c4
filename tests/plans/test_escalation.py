"""The level in force: up at once, down only by a person after the hold, never milder than what stands."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dispatch.alerts.model import Colour, LossCounts, Situation
from dispatch.alerts.timeline import Material, describe
from dispatch.errors import Conflict, DispatchError, InvalidInput, Refused
from dispatch.plans.escalation import (
    STAGE_RANKS,
    Change,
    Standing,
    follow,
    in_force,
    lower,
    special,
)
from tests.builders import AT, POLICY, judged, make_alert, make_situation

HOLD = POLICY.hold
HOUR = timedelta(hours=1)
RED = make_situation()
ORANGE = make_situation(hazards={"blizzard": Colour.ORANGE})
OVER = make_situation(hazards={})
DEAD = make_situation(hazards={}, counts=LossCounts(dead_missing=5))


def raised(situation: Situation = RED) -> Standing:
    change = follow(Standing(), judged(situation), AT)
    assert change is not None and change.kind == "raised"
    return change.standing


def milder(standing: Standing, situation: Situation = OVER, hours: int = 1) -> Standing:
    change = follow(standing, judged(situation), AT + hours * HOUR)
    assert change is not None and change.kind == "milder"
    return change.standing


def test_a_rise_is_at_once_and_restarts_the_clocks() -> None:
    first = raised(ORANGE)
    assert (first.level, first.stage, first.since, first.change) == (3, "pre_alert", AT, "raised")
    change = follow(first, judged(DEAD), AT + HOUR)
    assert change == Change("raised", Standing(1, "response", AT + HOUR, None, "raised"))


def test_losses_raise_the_stage_without_making_the_level_milder() -> None:
    change = follow(raised(RED), judged(make_situation(hazards={}, counts=LossCounts(dead_missing=1), counties={"150522": Colour.RED, "150421": Colour.RED},
                                                       places={"150522": LossCounts(dead_missing=1)})), AT + HOUR)
    assert change is not None
    assert (change.standing.level, change.standing.stage) == (2, "response")


def test_a_milder_answer_is_noted_once_and_forgotten_when_it_is_over() -> None:
    noted = milder(raised(), ORANGE)
    assert (noted.level, noted.milder_since) == (2, AT + HOUR)
    assert follow(noted, judged(OVER), AT + 2 * HOUR) is None
    again = follow(noted, judged(RED), AT + 3 * HOUR)
    assert again == Change("again", replace(noted, milder_since=None))
    assert follow(raised(), judged(RED), AT + HOUR) is None


def test_nothing_met_with_nothing_in_force_changes_nothing() -> None:
    assert follow(Standing(), judged(OVER), AT) is None


@pytest.mark.parametrize("target", [4, 3, None])
def test_down_after_the_hold_and_not_a_minute_before(target: int | None) -> None:
    noted = milder(raised())
    free_at = AT + HOUR + HOLD
    with pytest.raises(Refused, match="hold lasts until") as caught:
        lower(noted, target, "approver", (free_at - timedelta(minutes=1), HOLD))
    assert caught.value.facts["free_at"] == free_at.isoformat()
    change = lower(noted, target, "approver", (free_at, HOLD))
    assert (change.kind, change.standing.level, change.standing.since) == ("lowered" if target else "ended", target, free_at)
    assert change.standing.is_active == (target is not None)


@pytest.mark.parametrize("target", [2, 1, 0, 5, 7, -1])
def test_down_is_never_up_nor_to_a_level_there_is_not(target: int) -> None:
    with pytest.raises(InvalidInput, match="not milder"):
        lower(milder(raised()), target, "approver", (AT + 99 * HOUR, HOLD))


@pytest.mark.parametrize("role", ["planner", "viewer", "storekeeper", ""])
def test_only_some_roles_may_lower_or_start_a_special_response(role: str) -> None:
    with pytest.raises(Refused, match="may not"):
        lower(milder(raised()), None, role, (AT + 99 * HOUR, HOLD))
    with pytest.raises(Refused, match="may not"):
        special(Standing(), role, AT)


def test_down_is_refused_while_the_figures_hold_it_or_nothing_is_in_force() -> None:
    with pytest.raises(Refused, match="still hold"):
        lower(raised(), 4, "administrator", (AT + 999 * HOUR, HOLD))
    with pytest.raises(Conflict, match="No response"):
        lower(Standing(), None, "administrator", (AT, HOLD))


def test_the_cancel_of_everything_leaves_the_level_and_tells_that_it_may_go() -> None:
    alert = make_alert()
    cancel = make_alert(identifier="A-2", msg_type="Cancel", references=("A-1",), colour=None, sent=AT + HOUR, effective=AT + HOUR)
    before = describe("S", Material((alert,)), AT, {})
    after = describe("S", Material((alert, cancel)), AT + 2 * HOUR, {})
    assert after.is_cancelled and not before.is_cancelled
    standing = raised(before)
    change = follow(standing, judged(after), AT + 2 * HOUR)
    assert change is not None and change.kind == "milder" and change.standing.level == standing.level == 2
    force = in_force(judged(after), change.standing, POLICY, after)
    assert (judged(after).level, force.level, force.stage) == (None, 2, "pre_alert")
    assert force.stock_share_percent == POLICY.levels[2].stock_share_percent
    # and only a person ends it
    assert follow(change.standing, judged(after), AT + 999 * HOUR) is None
    assert lower(change.standing, None, "approver", (AT + 2 * HOUR + HOLD, HOLD)).kind == "ended"


def test_the_special_response_sends_goods_outside_the_levels() -> None:
    standing = special(Standing(), "approver", AT).standing
    force = in_force(judged(OVER), standing, POLICY, OVER)
    assert (force.level, force.special, force.stage, force.kind) == (None, True, "response", "dispatch")
    assert force.stock_share_percent > 0
    assert follow(standing, judged(OVER), AT + HOUR) is None
    # ends without a hold; there is no milder level to go to
    assert lower(standing, None, "approver", (AT + HOUR, HOLD)).kind == "ended"
    with pytest.raises(InvalidInput):
        lower(standing, 4, "approver", (AT + HOUR, HOLD))


def test_a_special_response_never_hides_a_level() -> None:
    standing = special(Standing(), "approver", AT).standing
    force = in_force(judged(RED), standing, POLICY, RED)
    assert (force.level, force.special, force.stage, force.kind) == (2, False, "response", "dispatch")
    change = follow(standing, judged(RED), AT + HOUR)
    assert change is not None and (change.standing.level, change.standing.stage) == (2, "response")


def test_a_special_response_does_not_replace_what_is_in_force() -> None:
    with pytest.raises(Conflict, match="Level II"):
        special(raised(), "approver", AT)
    with pytest.raises(Conflict, match="special response"):
        special(special(Standing(), "approver", AT).standing, "approver", AT + HOUR)


def test_what_is_told_belongs_to_the_level_in_force() -> None:
    standing = milder(raised(), ORANGE)
    force = in_force(judged(ORANGE), standing, POLICY, ORANGE)
    assert (force.level, force.next_up_level, force.next_down) == (2, 1, ())
    assert all(f"{POLICY.thresholds[s.tier][s.name].edges[0]:,}" in s.words.zh for s in force.next_up)
    assert force.first_goods_there_h == POLICY.levels[2].first_goods_there_h
    assert in_force(judged(RED), standing, POLICY, RED) == judged(RED)


SITUATIONS = st.builds(
    make_situation,
    hazards=st.dictionaries(st.sampled_from(["blizzard", "road_ice"]), st.sampled_from(list(Colour)), max_size=2),
    counts=st.builds(LossCounts, dead_missing=st.none() | st.integers(0, 6), relocated=st.none() | st.integers(0, 6_000)),
    government=st.dictionaries(st.sampled_from(["150500", "150522"]), st.integers(1, 4), max_size=1))


class Levels(RuleBasedStateMachine):
    """Answers of the engine and steps of people in any order."""

    @initialize()
    def start(self) -> None:
        self.at, self.standing, self.answer = AT, Standing(), judged(OVER)
        self.situation, self.by_person = OVER, False
        self.before = self.standing
        self.since_milder = AT

    @rule(situation=SITUATIONS, hours=st.integers(0, 40))
    def hear(self, situation: Situation, hours: int) -> None:
        self.at += hours * HOUR
        self.situation, self.answer = situation, judged(situation)
        change = follow(self.standing, self.answer, self.at)
        if change is not None:
            assert change.kind in ("raised", "milder", "again")
            self.standing = change.standing
        if self.standing.level is None or (self.answer.level or 5) <= self.standing.level:
            self.since_milder = self.at
        self.by_person = False

    @rule(to=st.none() | st.integers(0, 5), role=st.sampled_from(["approver", "planner"]), hours=st.integers(0, 40))
    def step_down(self, to: int | None, role: str, hours: int) -> None:
        self.at += hours * HOUR
        was = self.standing
        try:
            self.standing = lower(was, to, role, (self.at, HOLD)).standing
        except DispatchError as refusal:
            assert refusal.remedy and refusal.remedy_zh
            return
        assert role == "approver" and was.is_active
        assert to is None or (was.level or 5) < to <= 4
        assert was.change == "special" or self.at - self.since_milder >= HOLD
        self.by_person = True

    @rule(role=st.sampled_from(["approver", "viewer"]))
    def go_special(self, role: str) -> None:
        try:
            self.standing = special(self.standing, role, self.at).standing
        except DispatchError:
            return
        assert role == "approver"

    @invariant()
    def never_milder_without_a_person(self) -> None:
        force = in_force(self.answer, self.standing, POLICY, self.situation)
        assert (force.level or 5) <= min(self.standing.level or 5, self.answer.level or 5)
        assert STAGE_RANKS[force.stage] >= max(STAGE_RANKS[self.answer.stage], STAGE_RANKS[self.standing.stage])
        if not self.by_person:
            assert (self.standing.level or 5) <= (self.before.level or 5)
            assert STAGE_RANKS[self.standing.stage] >= STAGE_RANKS[self.before.stage]
        if self.standing.is_active:
            assert force.kind != "watch" and force.stock_share_percent > 0
        if force.level is not None:
            assert force.first_goods_there_h == POLICY.levels[force.level].first_goods_there_h
            assert force.kind == "dispatch" or force.stage == "pre_alert"
        self.before, self.by_person = self.standing, False


TestLevels = Levels.TestCase
TestLevels.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
