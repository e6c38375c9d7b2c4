"""The relief rota: early enough, rested, never a team after itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.teams.rota import Post, Relief, Rota, RotaRule, load_rota_figures, plan_rota
from tests.builders import AT

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
RULE = RotaRule(overlap=12 * HOUR, muster=4 * HOUR, rest=3 * DAY)
COUNTIES = ("150522", "150525")


def post(team: str = "A", county: str = "150522", days: int = 3) -> Post:
    return Post(f"DP-{team}", team, county, AT + days * DAY)


def relief(team: str, hours: int = 2, free_from: datetime | None = AT, days: int = 7) -> Relief:
    return Relief(team, free_from, days * DAY, {c: hours * 3600 for c in COUNTIES})


def test_the_nearest_rested_team_is_there_before_the_tour_ends() -> None:
    rota = plan_rota([post()], [relief("A"), relief("B", 9), relief("C", 5)], AT + 9 * DAY, RULE)
    (shift,) = rota.shifts
    assert rota.open == () and shift.team == "C"
    assert shift.arrives_at == AT + 3 * DAY - 12 * HOUR
    assert shift.call_at == shift.arrives_at - 9 * HOUR
    assert shift.ends_at == shift.arrives_at + 7 * DAY


def test_the_fewest_tours_go_first_and_the_first_team_may_come_again_rested() -> None:
    rota = plan_rota([post()], [relief("A", 1), relief("B", 1), relief("C", 9)], AT + 25 * DAY, RULE)
    assert [s.team for s in rota.shifts] == ["B", "C", "A", "B"] and rota.open == ()


@pytest.mark.parametrize(("teams", "code"), [
    ([relief("A")], "rota.nobody"),
    ([relief("A"), relief("B", free_from=None)], "rota.away"),
    ([relief("A"), Relief("B", AT, 7 * DAY, {})], "rota.away"),
    ([relief("A"), relief("B", free_from=AT + 40 * DAY)], "rota.resting"),
])
def test_a_shift_stays_open_and_says_why(teams: list[Relief], code: str) -> None:
    rota = plan_rota([post()], teams, AT + 9 * DAY, RULE)
    (gap,) = rota.open
    assert rota.shifts == () and gap.cause.code == code and gap.cause.zh != gap.cause.en
    assert (gap.since, gap.until) == (AT + 3 * DAY - 12 * HOUR, AT + 9 * DAY)


def test_who_comes_late_comes_and_the_hole_is_named() -> None:
    rota = plan_rota([post()], [relief("A"), relief("B", 2, AT + 4 * DAY)], AT + 9 * DAY, RULE)
    (gap,), (shift,) = rota.open, rota.shifts
    assert gap.cause.code == "rota.late" and "B" in gap.cause.zh
    assert gap.until == shift.arrives_at == AT + 4 * DAY + 6 * HOUR


def test_nothing_to_do_before_the_end() -> None:
    assert plan_rota([post(days=9)], [relief("B")], AT + 9 * DAY, RULE) == Rota((), ())


@pytest.mark.parametrize("tour", [12 * HOUR, 0 * HOUR, -3 * DAY])
def test_a_tour_no_longer_than_the_handover_is_left_out_and_named(tour: timedelta) -> None:
    odd = Relief("B", AT, tour, {c: 3600 for c in COUNTIES})
    rota = plan_rota([post()], [odd, relief("C", 5)], AT + 9 * DAY, RULE)
    assert [s.team for s in rota.shifts] == ["C"] and rota.odd == ("B",)


def test_figures_come_from_the_file(tmp_path: Path) -> None:
    assert load_rota_figures()["overlap_h"] > 0
    (tmp_path / "rule.toml").write_text("overlap_h = 1\n")
    with pytest.raises(KeyError, match="muster_h"):
        load_rota_figures(tmp_path / "rule.toml")


TEAMS = st.lists(
    st.builds(relief, st.sampled_from("ABCDEFG"), st.integers(1, 40),
              st.integers(-5, 20).map(lambda d: AT + d * DAY), st.integers(2, 12)),
    unique_by=lambda t: t.team, max_size=7,
)
POSTS = st.lists(st.builds(post, st.sampled_from("ABCDXY"), st.sampled_from(COUNTIES), st.integers(0, 9)),
                 unique_by=lambda p: p.team, min_size=1, max_size=4)


@given(POSTS, TEAMS, st.integers(1, 40))
def test_no_team_follows_itself_goes_unrested_or_is_in_two_places(
    posts: list[Post], teams: list[Relief], days: int
) -> None:
    until = AT + days * DAY
    rota = plan_rota(posts, teams, until, RULE)
    known = {t.team: t for t in teams}
    holes = {(g.post.deployment, g.until) for g in rota.open}
    for shift in rota.shifts:
        assert shift.team != shift.post.team
        in_time = shift.arrives_at == shift.post.ends_at - RULE.overlap
        assert in_time or (shift.post.deployment, shift.arrives_at) in holes
    for team, relief_ in known.items():
        away = sorted(
            [(s.call_at, s.ends_at, s.post.county) for s in rota.shifts if s.team == team]
            + [(AT - 99 * DAY, p.ends_at, p.county) for p in posts if p.team == team]
        )
        if team not in {p.team for p in posts} and away:
            assert away[0][0] >= relief_.free_from
        for (_, ended, county), (called, _, _) in pairwise(away):
            assert called >= ended + timedelta(seconds=relief_.travel_s[county]) + RULE.rest


@given(POSTS, TEAMS, st.integers(1, 40))
def test_every_tour_that_ends_is_followed_or_said_to_stay_open(posts: list[Post], teams: list[Relief], days: int) -> None:
    until = AT + days * DAY
    rota = plan_rota(posts, teams, until, RULE)
    ends = [(p.deployment, p.ends_at) for p in posts] + [(s.post.deployment, s.ends_at) for s in rota.shifts]
    settled = {(s.post.deployment, s.post.ends_at) for s in rota.shifts} | {(g.post.deployment, g.post.ends_at) for g in rota.open}
    assert settled == {end for end in ends if end[1] < until}
