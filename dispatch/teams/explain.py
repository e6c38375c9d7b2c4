"""Why each team goes or stays, what is missing and the cheapest way out.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.teams.model import TeamAssignment, TeamShortfall, TeamStays
from dispatch.teams.problem import GOING, Candidate, TeamProblem, why_not
from dispatch.words import Words


@dataclass(frozen=True, slots=True)
class Trip:
    """A team, where it goes, and when it leaves and is there."""

    candidate: Candidate
    site: str
    leaves: datetime
    arrives: datetime


def assignments(problem: TeamProblem, trips: Sequence[Trip], able: Sequence[Trip]) -> tuple[TeamAssignment, ...]:
    """The trips with their reasons, by team; ``able``: every trip that could be made."""
    sent = {t.candidate.team.code for t in trips}
    idle: dict[str, Trip] = {}
    for trip in able:
        if trip.candidate.team.code not in sent:
            idle[trip.site] = min(idle.get(trip.site, trip), trip, key=lambda t: (t.arrives, t.candidate.team.code))
    return tuple(
        TeamAssignment(
            t.candidate.team.code, t.site, t.leaves, t.arrives, _why(problem, t, idle.get(t.site), sent),
            t.arrives + timedelta(days=problem.tour_days(t.candidate)),
            not t.candidate.has_vehicle, (t.candidate.team.code, t.site) in problem.pins.go,
        )
        for t in sorted(trips, key=lambda t: t.candidate.team.code)
    )


def _why(problem: TeamProblem, trip: Trip, other: Trip | None, sent: set[str]) -> Words:
    team, (site_zh, site_en) = trip.candidate.team, _named(problem, trip.site)
    hours = _hours(trip.arrives - problem.alerted_at)
    ride = ("，随物资车队", ", with a convoy of goods") if not trip.candidate.has_vehicle else ("", "")
    score = f"{trip.candidate.readiness / 10:.0f}"
    mark = ("（假设）", " (an assumption)") if trip.candidate.is_assumed else ("", "")
    zh = f"{team.name_zh} {hours} 小时后到{site_zh}（含集结）{ride[0]}，备勤 {score} 分{mark[0]}"
    en = f"{team.name_en} is in {site_en} {hours} h after the alert, muster included{ride[1]}; readiness {score} of 100{mark[1]}"
    if (team.code, trip.site) in problem.pins.go:
        return Words("team.pinned", f"协调员指定；{zh}", f"fixed by a coordinator; {en}")
    if other is None:
        return Words("team.only", f"{zh}；没有其他未派出的队伍可去", f"{en}; no other team is left that could go")
    later = (other.arrives - trip.arrives).total_seconds() / 3600
    name_zh, name_en = other.candidate.team.name_zh, other.candidate.team.name_en
    if later >= 0.05:
        return Words("team.soonest", f"{zh}；次选{name_zh}晚 {later:.1f} 小时", f"{en}; next best {name_en}, {later:.1f} h later")
    kept = [c for c in problem.covers if c.hangs_on(other.candidate.team.code, sent)]
    if kept:
        return Words("team.other_keeps_cover", f"{zh}；{name_zh}早 {-later:.1f} 小时，但须留守{kept[0].zh}",
                     f"{en}; {name_en} would be {-later:.1f} h sooner but keeps cover of {kept[0].en}")
    return Words("team.fittest", f"{zh}；{name_zh}虽不晚到，但专业、备勤或负担更不宜",
                 f"{en}; {name_en} would be no later but is less fit, less ready or more worked")


def shortfalls(problem: TeamProblem, trips: Sequence[Trip], able: Sequence[Trip]) -> tuple[TeamShortfall, ...]:
    """Sites with fewer teams than wanted, or with too few certificates; ``able``: all trips that could be made."""
    sent = {t.candidate.team.code for t in trips}
    found = _pins_in_vain(problem, trips)
    for site, count in problem.wanted().items():
        there = [t.candidate for t in trips if t.site == site]
        if len(there) < count:
            idle = [t for t in able if t.site == site and t.candidate.team.code not in sent]
            missing = count - len(there)
            found.append(_held_back(problem, missing, idle, sent) if idle else _too_few(problem, site, missing))
        lacking = {
            s: n - held for s, n in problem.skills.items()
            if there and (held := sum(c.skills.get(s, 0) for c in there)) < n and not any(c.is_assumed for c in there)
        }
        if lacking:
            found.append(_unskilled(problem, site, lacking))
    return tuple(found)


def _pins_in_vain(problem: TeamProblem, trips: Sequence[Trip]) -> list[TeamShortfall]:
    """What a coordinator fixed and cannot be, with the reason."""
    sent = {(t.candidate.team.code, t.site) for t in trips}
    teams = {c.team.code: c for c in problem.candidates}
    found = []
    for code, site in problem.pins.go:
        if (code, site) not in sent:
            candidate, (zh, en) = teams.get(code), problem.names.get(code, (code, code))
            why = why_not(problem, candidate, site) if candidate else Words("team.busy", "已被派出", "already sent")
            why = why or Words("team.taken", "与其他指定冲突", "other wishes stand against it")
            found.append(TeamShortfall(
                site, Words("team.pin_in_vain", f"指定的{zh}去不了：{why.zh}", f"{en} was fixed and cannot go: {why.en}"),
                Words("remedy.unpin", "取消指定或另选队伍", "take the wish back or choose another team"), 0))
    return found


def _held_back(problem: TeamProblem, missing: int, idle: Sequence[Trip], sent: set[str]) -> TeamShortfall:
    """Teams could go, but what they cover would be left bare."""
    soonest = min(idle, key=lambda t: (t.arrives, t.candidate.team.code))
    team, (zh, en) = soonest.candidate.team, _named(problem, soonest.site)
    bared = [c for c in problem.covers if c.hangs_on(team.code, sent)]
    zh_list, en_list = "、".join(c.zh for c in bared), ", ".join(c.en for c in bared)
    hours = _hours(soonest.arrives - problem.alerted_at)
    return TeamShortfall(
        soonest.site,
        Words("team.held_back", f"{zh}还需 {missing} 支，可去的队伍需留守", f"{missing} more wanted in {en}; those that could go keep cover"),
        Words("remedy.fix_team", f"指定{team.name_zh}（{hours} 小时可到），则{zh_list}无队留守；或请总会、邻省支援",
              f"fix {team.name_en} to go (there in {hours} h), which leaves {en_list} bare; or ask the head office or neighbours"),
        missing)


def _too_few(problem: TeamProblem, site: str, missing: int) -> TeamShortfall:
    zh, en = _named(problem, site)
    cause = Words("team.none", f"没有可用的救援队能到达{zh}，缺 {missing} 支", f"no ready team can reach {en}; {missing} missing")
    nearest = _nearest_to_ready(problem, site)
    if nearest is None:
        return TeamShortfall(site, cause, Words(
            "remedy.head_office", "请总会或邻省支援", "ask the head office or neighbours"), missing)
    lacks = nearest.lacks[0] if nearest.lacks else Words("team.not_ready", "未就绪", "not ready")
    team, score = nearest.team, f"{nearest.readiness / 10:.0f}"
    return TeamShortfall(site, cause, Words(
        "remedy.team_lacks", f"{team.name_zh}最接近就绪（{score} 分），先补：{lacks.zh}；或请总会、邻省支援",
        f"{team.name_en} is nearest to ready ({score} of 100); first: {lacks.en}; or ask the head office or neighbours",
    ), missing)


def _nearest_to_ready(problem: TeamProblem, site: str) -> Candidate | None:
    """Of those kept only by not being ready the one most nearly so, then the nearest."""
    able = [
        c for c in problem.candidates
        if not c.is_ready and c.team.status in GOING and c.team.code not in problem.pins.stay
        and (not problem.specialities or c.team.speciality in problem.specialities)
        and problem.arrival(c, site) is not None
    ]
    return max(able, key=lambda c: (c.readiness, -problem.travel_s.get((c.team.home_county, site), 0), c.team.code), default=None)


def _unskilled(problem: TeamProblem, site: str, lacking: dict[str, int]) -> TeamShortfall:
    zh, en = _named(problem, site)
    listed = [(problem.names.get(s, (s, s)), n) for s, n in lacking.items()]
    zh_list = "、".join(f"{name[0]} {n} 人" for name, n in listed)
    en_list = ", ".join(f"{n} with {name[1]}" for name, n in listed)
    return TeamShortfall(
        site, Words("team.unskilled", f"到{zh}的队伍缺持证人员：{zh_list}", f"the teams for {en} lack {en_list}"),
        Words("remedy.skills", "从其他队伍或志愿者中补充持证人员随队", "let holders from other teams or volunteers go along"), 0,
    )


def stays(problem: TeamProblem, trips: Sequence[Trip], able: Sequence[Trip]) -> tuple[TeamStays, ...]:
    """Every team that is not sent, with the reason, by code; ``able``: every trip that could be made."""
    sent = {t.candidate.team.code for t in trips}
    wanted = sorted(problem.wanted(), key=lambda s: (-problem.sites.get(s, 0), s))
    idle = sorted((c for c in problem.candidates if c.team.code not in sent), key=lambda c: c.team.code)
    if not wanted:
        return ()
    soonest: dict[str, Trip] = {}
    for trip in able:
        code = trip.candidate.team.code
        soonest[code] = min(soonest.get(code, trip), trip, key=lambda t: (t.arrives, t.site))
    return tuple(
        TeamStays(c.team.code, _why_later(problem, own, trips) if (own := soonest.get(c.team.code)) else _barred(problem, c, wanted))
        for c in idle
    )


def _barred(problem: TeamProblem, candidate: Candidate, wanted: Sequence[str]) -> Words:
    """Why it can go to none of the sites: what bars it from the heaviest."""
    return why_not(problem, candidate, wanted[0]) or Words("team.pinned_elsewhere", "已指定到其他地点", "fixed to another place")


def _why_later(problem: TeamProblem, own: Trip, trips: Sequence[Trip]) -> Words:
    """Why a team that could go does not, by its soonest trip."""
    (zh, en), there = _named(problem, own.site), [t for t in trips if t.site == own.site]
    latest = max(there, key=lambda t: t.arrives, default=None)
    if latest is not None and own.arrives > latest.arrives:
        later = (own.arrives - latest.arrives).total_seconds() / 3600
        return Words("team.later", f"到{zh}比{latest.candidate.team.name_zh}晚 {later:.1f} 小时",
                     f"in {en} {later:.1f} h after {latest.candidate.team.name_en}")
    sent = {t.candidate.team.code for t in trips}
    kept = [c for c in problem.covers if c.hangs_on(own.candidate.team.code, sent)]
    if kept:
        return Words("team.keeps_cover", f"留守{kept[0].zh}，否则无队可用", f"stays so that {kept[0].en} is not left bare")
    if any((t.candidate.team.code, t.site) in problem.pins.go for t in there):
        return Words("team.pinned_there", f"{zh}已由协调员指定队伍", f"a coordinator fixed who goes to {en}")
    return Words("team.less_fit", f"{zh}已有更合适的队伍", f"{en} has teams that are fitter, readier or less worked")


def _named(problem: TeamProblem, code: str) -> tuple[str, str]:
    return problem.names.get(code, (code, code))


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.1f}"
