"""What the team assignment is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dispatch.errors import InvalidInput
from dispatch.teams.model import Team
from dispatch.teams.rules import Standard, TeamWeights
from dispatch.words import Words


@dataclass(frozen=True, slots=True)
class Candidate:
    """A team as the assignment sees it.

    ``readiness`` in thousandths, ``is_assumed`` where no roster is kept; ``skills`` maps a skill
    to those whose certificate is valid through a tour begun now; ``lacks`` says what keeps it
    from being ready, first what would help most; ``recent``: deployments of the season.
    """

    team: Team
    readiness: int
    is_ready: bool
    is_assumed: bool = False
    has_vehicle: bool = True
    skills: Mapping[str, int] = field(default_factory=dict)
    lacks: tuple[Words, ...] = ()
    recent: int = 0


GOING = ("available", "standby", "resting")
"""States of a team that can be sent, if need be when it has rested."""


def keeps_cover(candidate: Candidate, at: datetime) -> bool:
    """True for a team that could leave at once in its own vehicles."""
    rested = candidate.team.rested_at
    return candidate.is_ready and candidate.has_vehicle and (rested is None or rested <= at)


@dataclass(frozen=True, slots=True)
class Cover:
    """Something that should not be left bare: at least one of ``teams`` stays.

    ``zh``/``en`` name it (a league, a kind of hazard); ``place`` is the county to stand by in
    for a league, else None; ``stand_ins``: ready teams that could do in place of a hazard's own, best
    first.
    """

    zh: str
    en: str
    teams: frozenset[str]
    place: str | None = None
    stand_ins: tuple[str, ...] = ()

    def hangs_on(self, code: str, gone: Iterable[str]) -> bool:
        """True where a team is the last that has not gone."""
        return self.teams - set(gone) == {code}


@dataclass(frozen=True, slots=True)
class Ride:
    """A convoy of goods with room for a unit: when it leaves the team's home and is at the site."""

    departs_at: datetime
    arrives_at: datetime


@dataclass(frozen=True, slots=True)
class TeamPins:
    """What a coordinator fixed: (team, county) that go together, and teams that stay."""

    go: tuple[tuple[str, str], ...] = ()
    stay: frozenset[str] = frozenset()


@dataclass(frozen=True)
class TeamProblem:
    """``sites`` maps an affected county to its weight (people in need);
    ``travel_s`` maps (home county, site) to seconds, missing = unreachable;
    ``rides`` maps (team, site) to a convoy of goods from the team's home; ``specialities``: those of use, most first; ``skills``: holders that each site's
    teams need together; ``sufficient_h`` maps a site to the hours a team must live off its own;
    ``names`` maps adcode and team code to (zh, en)."""

    sites: Mapping[str, int]
    candidates: tuple[Candidate, ...]
    travel_s: Mapping[tuple[str, str], int]
    alerted_at: datetime
    muster_s: int
    teams_wanted: int
    names: Mapping[str, tuple[str, str]]
    weights: TeamWeights
    specialities: tuple[str, ...] = ()
    skills: Mapping[str, int] = field(default_factory=dict)
    sufficient_h: Mapping[str, int] = field(default_factory=dict)
    rides: Mapping[tuple[str, str], Ride] = field(default_factory=dict)
    covers: tuple[Cover, ...] = ()
    pins: TeamPins = TeamPins()
    standard: Standard = Standard()

    def wanted(self) -> dict[str, int]:
        """Teams for each site: one each, heaviest first, then by weight, within the most per site."""
        found = dict.fromkeys(sorted(self.sites), 0)
        for _ in range(self.teams_wanted):
            open_sites = [s for s, n in found.items() if n < self.weights.most_per_site]
            if not open_sites:
                break
            best = max(open_sites, key=lambda s: (found[s] == 0, self.sites[s] / (found[s] + 1), s))
            found[best] += 1
        for site in {site for _, site in self.pins.go if site in self.sites}:
            pinned = sum(s == site for _, s in self.pins.go)
            found[site] = max(found.get(site, 0), pinned)
        return {s: n for s, n in found.items() if n}

    def leaves_at(self, candidate: Candidate) -> datetime:
        """When a team can leave: mustered and rested."""
        mustered = self.alerted_at + timedelta(seconds=self.muster_s)
        rested = candidate.team.rested_at
        return mustered if rested is None else max(mustered, rested)

    def arrival(self, candidate: Candidate, site: str) -> tuple[datetime, datetime] | None:
        """(leaves, arrives) in its own vehicles, or with a convoy where it has none; None = no way."""
        leaves = self.leaves_at(candidate)
        if candidate.has_vehicle:
            seconds = self.travel_s.get((candidate.team.home_county, site))
            return None if seconds is None else (leaves, leaves + timedelta(seconds=seconds))
        ride = self.rides.get((candidate.team.code, site))
        # a convoy that has left before the team is mustered takes nobody along
        return (ride.departs_at, ride.arrives_at) if ride and ride.departs_at >= leaves else None

    def tour_days(self, candidate: Candidate) -> int:
        """Days a team stays before it is relieved."""
        return candidate.team.tour_days or self.standard.tour_days


def check_pins(pins: TeamPins) -> None:
    """Raise ``InvalidInput`` naming the two pins that contradict each other."""
    places: dict[str, str] = {}
    for team, county in pins.go:
        if places.setdefault(team, county) != county:
            raise InvalidInput(
                f"Team {team} is fixed to {places[team]} and to {county}.", remedy="Take one of the two away.",
                zh=f"救援队 {team} 同时被指定到 {places[team]} 和 {county}。", remedy_zh="请删除其中一项。",
            )
        if team in pins.stay:
            raise InvalidInput(
                f"Team {team} is fixed to {county} and to stay.", remedy="Take one of the two away.",
                zh=f"救援队 {team} 既被指定到 {county}，又被要求留守。", remedy_zh="请删除其中一项。",
            )


def why_not(problem: TeamProblem, candidate: Candidate, site: str) -> Words | None:
    """Why a team cannot go to a site at all; None where it can."""
    team = candidate.team
    zh, en = problem.names.get(site, (site, site))
    if site not in problem.sites:
        return Words("team.not_affected", f"{zh}不在受灾旗县之列", f"{en} is not an affected county")
    if team.code in problem.pins.stay:
        return Words("team.kept", "协调员要求留守", "a coordinator keeps it back")
    if not candidate.is_ready:
        lacks = candidate.lacks[0] if candidate.lacks else Words("team.not_ready", "未就绪", "not ready")
        return Words("team.not_ready", f"未就绪（{candidate.readiness / 10:.0f} 分）：{lacks.zh}",
                     f"not ready ({candidate.readiness / 10:.0f} of 100): {lacks.en}")
    if problem.specialities and team.speciality not in problem.specialities:
        return Words("team.speciality", "专业不适用于本灾种", "its speciality is of no use in this hazard")
    asked_h = problem.sufficient_h.get(site, 0)
    own_h = team.self_sufficient_h or problem.standard.self_sufficient_h
    if own_h < asked_h:
        return Words("team.self_sufficient", f"自持 {own_h} 小时，{zh}需 {asked_h} 小时",
                     f"lives off its own for {own_h} h; {en} asks for {asked_h} h")
    if problem.arrival(candidate, site) is None:
        if not candidate.has_vehicle:
            return _no_vehicle(problem, candidate, site)
        return Words("team.no_road", f"没有路通到{zh}", f"no open road leads to {en}")
    return None


def _no_vehicle(problem: TeamProblem, candidate: Candidate, site: str) -> Words:
    zh, en = problem.names.get(site, (site, site))
    ride = problem.rides.get((candidate.team.code, site))
    if ride is None:
        return Words("team.no_vehicle", f"可用车辆座位不足，也没有车队从驻地到{zh}", f"too few seats in fit vehicles, and no convoy from its home to {en}")
    wait_h = (problem.leaves_at(candidate) - ride.departs_at).total_seconds() / 3600
    return Words("team.convoy_gone", f"可用车辆座位不足；到{zh}的车队须等 {wait_h:.1f} 小时才能带上",
                 f"too few seats in fit vehicles; the convoy to {en} would have to wait {wait_h:.1f} h for it")
