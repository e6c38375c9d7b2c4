"""The relief rota of a long operation: who follows whom, early enough and rested.  Pure.

Handovers are settled in the order of their time.  Of the teams that can be there in time the
one with the fewest tours goes, then the nearest; the team that is relieved rests
and may come again later, elsewhere or there.
"""

from __future__ import annotations

import heapq
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from dispatch.words import Words

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "rota_rule.toml"


@dataclass(frozen=True, slots=True)
class RotaRule:
    """How long both teams are there, how long mustering takes, and the rest between tours."""

    overlap: timedelta
    muster: timedelta
    rest: timedelta


@dataclass(frozen=True, slots=True)
class Post:
    """A place that is held: by which team, of which deployment, until when."""

    deployment: str
    team: str
    county: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Relief:
    """A team that may relieve: free from when (None: on a tour), for a tour how long, how many seconds
    to each county (missing: no road)."""

    team: str
    free_from: datetime | None
    tour: timedelta
    travel_s: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Shift:
    """A successor: called at ``call_at``, there at ``arrives_at``, until ``ends_at``."""

    post: Post
    team: str
    call_at: datetime
    arrives_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class OpenShift:
    """From when a successor should have been there until one is, and why not earlier."""

    post: Post
    since: datetime
    until: datetime
    cause: Words


@dataclass(frozen=True, slots=True)
class Rota:
    """The shifts in the order of their handovers, those that stay open, and the teams left out because
    their tour is no longer than the handover."""

    shifts: tuple[Shift, ...]
    open: tuple[OpenShift, ...]
    odd: tuple[str, ...] = ()


def load_rota_figures(path: Path = FILE) -> dict[str, int]:
    """``overlap_h``, ``muster_h`` and ``horizon_days`` of the rota rule; ``KeyError`` where one is missing."""
    data = tomllib.loads(path.read_text("utf-8"))
    return {name: int(data[name]) for name in ("overlap_h", "muster_h", "horizon_days")}


def plan_rota(posts: Sequence[Post], teams: Sequence[Relief], until: datetime, rule: RotaRule) -> Rota:
    """Successors for every tour that ends before ``until``; a team whose tour is no longer than the
    handover relieves nobody."""
    odd = tuple(sorted(t.team for t in teams if t.tour <= rule.overlap))
    teams = [t for t in teams if t.team not in odd]
    held = {p.team for p in posts}
    pool = {t.team: replace(t, free_from=None) if t.team in held else t for t in teams}
    tours = Counter(p.team for p in posts)
    queue = [(p.ends_at, n, p) for n, p in enumerate(sorted(posts, key=lambda p: (p.ends_at, p.deployment)))]
    heapq.heapify(queue)
    shifts: list[Shift] = []
    gaps: list[OpenShift] = []
    while queue:
        ends_at, number, post = heapq.heappop(queue)
        if ends_at >= until:
            continue
        shift, gap = _relieve(post, pool, tours, until, rule)
        _send_home(pool, post, rule)
        gaps += [gap] if gap else []
        if shift:
            shifts.append(shift)
            tours[shift.team] += 1
            # nobody else can have it before its own tour is over
            pool[shift.team] = replace(pool[shift.team], free_from=None)
            heapq.heappush(queue, (shift.ends_at, number, replace(post, team=shift.team, ends_at=shift.ends_at)))
    return Rota(tuple(shifts), tuple(gaps), odd)


def _send_home(pool: dict[str, Relief], post: Post, rule: RotaRule) -> None:
    team = pool.get(post.team)
    if team is not None:
        back = post.ends_at + timedelta(seconds=team.travel_s.get(post.county, 0))
        pool[post.team] = replace(team, free_from=back + rule.rest)


def _arrival(team: Relief, county: str, rule: RotaRule) -> datetime | None:
    """The earliest that a team can be there; None where no road leads or it is on a tour."""
    if team.free_from is None or county not in team.travel_s:
        return None
    return team.free_from + rule.muster + timedelta(seconds=team.travel_s[county])


def _relieve(
    post: Post, pool: Mapping[str, Relief], tours: Counter[str], until: datetime, rule: RotaRule
) -> tuple[Shift | None, OpenShift | None]:
    wanted = post.ends_at - rule.overlap
    others = [t for t in pool.values() if t.team != post.team]
    able = [(t, at) for t in others if (at := _arrival(t, post.county, rule)) is not None]
    in_time = [t for t, at in able if at <= wanted]
    if in_time:
        chosen = min(in_time, key=lambda t: (tours[t.team], t.travel_s[post.county], t.team))
        return _shift(post, chosen, wanted, rule), None
    late = [(at, t.travel_s[post.county], t.team) for t, at in able if at < until]
    if not late:
        return None, OpenShift(post, wanted, until, _why(others, able, None))
    at, _, code = min(late)
    return _shift(post, pool[code], at, rule), OpenShift(post, wanted, at, _why(others, able, code))


def _shift(post: Post, team: Relief, arrives_at: datetime, rule: RotaRule) -> Shift:
    call_at = arrives_at - timedelta(seconds=team.travel_s[post.county]) - rule.muster
    return Shift(post, team.team, call_at, arrives_at, arrives_at + team.tour)


def _why(others: Sequence[Relief], able: Sequence[object], late: str | None) -> Words:
    if late:
        return Words("rota.late", f"最早可到的是 {late}，其他队伍在途、休整或路程过远",
                     f"{late} is the first that can be there; the others are away, resting or too far")
    if not others:
        return Words("rota.nobody", "没有其他可轮换的队伍", "there is no other team to take over")
    if not able:
        return Words("rota.away", f"其余 {len(others)} 支队伍在外或无路可达",
                     f"the other {len(others)} teams are away or have no road there")
    return Words("rota.resting", f"其余 {len(others)} 支队伍休整期未满", f"the other {len(others)} teams have not rested yet")
