"""What is left without a team, for how long, and who could stand by instead.  Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from dispatch.teams.model import BareCover, TeamAssignment
from dispatch.teams.problem import Cover, TeamProblem, keeps_cover
from dispatch.words import Words


def bare(problem: TeamProblem, sent: Sequence[TeamAssignment]) -> tuple[BareCover, ...]:
    """Covers of which no team stays; each team is proposed for one move-up at most."""
    trips, gone = {a.team_code: a for a in sent}, {a.team_code for a in sent}
    found = []
    for cover in problem.covers:
        if not cover.teams or not cover.teams <= trips.keys():
            continue
        since = max(trips[code].departs_at for code in cover.teams)
        until = min(back_at(problem, trips[code]) for code in cover.teams)
        move_up = _move_up(problem, cover, gone)
        if move_up:
            team, words, there_at = move_up
            gone.add(team)
            until = min(until, max(since, there_at))
        is_beyond = until - since > timedelta(hours=problem.standard.bare_limit_h)
        found.append(BareCover(cover.zh, cover.en, move_up[1] if move_up else None, since, until, is_beyond))
    return tuple(found)


def back_at(problem: TeamProblem, trip: TeamAssignment) -> datetime:
    """When a team can be sent again: tour over, driven home, rested."""
    tour = next(problem.tour_days(c) for c in problem.candidates if c.team.code == trip.team_code)
    return trip.arrives_at + timedelta(days=tour + problem.standard.rest_days) + (trip.arrives_at - trip.departs_at)


def _move_up(problem: TeamProblem, cover: Cover, gone: Collection[str]) -> tuple[str, Words, datetime] | None:
    """A staying team that bares nothing else: its code, the words, and when it covers."""
    free = {
        c.team.code: c.team for c in problem.candidates
        if c.team.code not in gone and keeps_cover(c, problem.alerted_at)
        and not any(other.hangs_on(c.team.code, gone) for other in problem.covers)
    }
    mustered = problem.alerted_at + timedelta(seconds=problem.muster_s)
    if cover.place is None:
        team = next((free[code] for code in cover.stand_ins if code in free), None)
        if team is None:
            return None
        return team.code, Words("team.stand_in", f"由{team.name_zh}兼备", f"let {team.name_en} stand in for it"), mustered
    near = min(
        ((problem.travel_s[t.home_county, cover.place], code) for code, t in free.items() if (t.home_county, cover.place) in problem.travel_s),
        default=None,
    )
    if near is None:
        return None
    team, hours = free[near[1]], f"{near[0] / 3600:.1f}"
    words = Words("team.move_up", f"建议{team.name_zh}前移待命，行车 {hours} 小时", f"let {team.name_en} stand by there, {hours} h of driving")
    return near[1], words, mustered + timedelta(seconds=near[0])
