"""How ready a team is, why, and what would raise it most.  Pure.

Readiness = people × certificates × kit × vehicles × rest × last drill, each between 0 and 1.
Who is paused or only asked to join does not count, nor does a certificate on the days after
its last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dispatch.clock import to_local
from dispatch.teams.model import Certificate, Member, MemberKind, MemberStatus, Roster, TeamVehicle
from dispatch.teams.rules import SpecialityRule, TeamRule
from dispatch.words import Words

FULL = 1000
OUT = ("mustering", "en_route", "on_site", "returning")
HALF_DRILL = 500
"""A team whose last drill is long ago, or that never had one, keeps half of this factor."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor in thousandths, and what it rests on."""

    name: str
    per_mille: int
    reason: Words


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do and the readiness (thousandths) the team would then have."""

    words: Words
    per_mille: int


@dataclass(frozen=True, slots=True)
class Readiness:
    """``per_mille`` with its factors and steps (best first); ``is_assumed`` where no roster is kept."""

    team_code: str
    per_mille: int
    factors: tuple[Factor, ...]
    steps: tuple[Step, ...]
    is_assumed: bool

    def is_ready(self, rule: TeamRule) -> bool:
        """True from the rule's mark on."""
        return self.per_mille >= rule.ready_per_mille


def readiness(roster: Roster, rule: TeamRule, day: date) -> Readiness:
    """Readiness of a team on a day (Asia/Shanghai).

    Raises ``KeyError`` for a speciality the rule does not know.
    """
    if not has_roster(roster):
        return _assumed(roster, rule)
    now = _factors(roster, rule, day)
    level = _product(now)
    steps = [
        Step(words, higher) for words, better in _betterments(roster, rule, day)
        if (higher := _product(_factors(better, rule, day))) > level
    ]
    steps.sort(key=lambda s: (-s.per_mille, s.words.en))
    return Readiness(roster.team.code, level, now, tuple(steps), False)


def has_roster(roster: Roster) -> bool:
    """False where nothing but a head count is known of a team."""
    return bool(roster.members or roster.vehicles or roster.drills or roster.kit)


def fit_to_go(roster: Roster) -> tuple[Member, ...]:
    """Members who count: accepted and not paused."""
    return tuple(m for m in roster.members if m.status is MemberStatus.ACTIVE)


def holders(roster: Roster, day: date) -> dict[str, int]:
    """Skill to the number of members who hold a certificate valid on a day."""
    found: dict[str, int] = {}
    for member in fit_to_go(roster):
        for skill in member.skills(day):
            found[skill] = found.get(skill, 0) + 1
    return found


def _assumed(roster: Roster, rule: TeamRule) -> Readiness:
    is_out = roster.team.status in (*OUT, "unavailable")
    level = 0 if is_out else rule.assumed_per_mille
    reason = Words("team.no_roster", "没有花名册，按假设计", "no roster kept; an assumption")
    step = Step(Words("step.roster", "建立花名册", "keep a roster"), FULL)
    return Readiness(roster.team.code, level, (Factor("roster", level, reason),), (step,), True)


def _product(factors: Iterable[Factor]) -> int:
    level = FULL
    for factor in factors:
        level = level * factor.per_mille // FULL
    return level


def _factors(roster: Roster, rule: TeamRule, day: date) -> tuple[Factor, ...]:
    asked = rule.specialities[roster.team.speciality]
    return (
        _people(roster, rule), _certificates(roster, (asked, rule), day), _kit(roster, asked, rule),
        _vehicles(roster, asked, rule), _rest(roster, rule, day), _drill(roster, rule, day),
    )


def _people(roster: Roster, rule: TeamRule) -> Factor:
    there = len(fit_to_go(roster))
    return Factor("people", min(FULL, there * FULL // rule.unit_least), Words(
        "ready.people", f"可出动 {there} 人，需 {rule.unit_least} 人", f"{there} can go of {rule.unit_least} needed"))


def _certificates(roster: Roster, rules: tuple[SpecialityRule, TeamRule], day: date) -> Factor:
    asked, rule = rules
    held = holders(roster, day)
    share, short = _share(asked.skills, held)
    zh = "、".join(f"{rule.skills[s][0]} {held.get(s, 0)}/{n}" for s, n in short.items())
    en = ", ".join(f"{rule.skills[s][1]} {held.get(s, 0)} of {n}" for s, n in short.items())
    return Factor("certificates", share, Words(
        "ready.certificates", f"有效证书不足：{zh}" if zh else "有效证书齐全",
        f"valid certificates are short: {en}" if en else "all certificates needed are valid"))


def _kit(roster: Roster, asked: SpecialityRule, rule: TeamRule) -> Factor:
    share, _ = _share(asked.kit, roster.kit or {})
    short = _missing(asked.kit, roster.kit or {})
    zh = "、".join(f"{rule.items[i][0]}缺 {n}" for i, n in short.items())
    en = ", ".join(f"{n} {rule.items[i][1]}" for i, n in short.items())
    return Factor("kit", share, Words(
        "ready.kit", f"装备：{zh}" if short else "装备齐全", f"kit lacks {en}" if short else "the kit is complete"))


def _vehicles(roster: Roster, asked: SpecialityRule, rule: TeamRule) -> Factor:
    fit = _fit_vehicles(roster)
    share, short = _share(asked.vehicles, fit)
    zh = "、".join(f"{rule.vehicles[k][0]} {fit.get(k, 0)}/{n}" for k, n in short.items())
    en = ", ".join(f"{rule.vehicles[k][1]} {fit.get(k, 0)} of {n}" for k, n in short.items())
    return Factor("vehicles", share, Words(
        "ready.vehicles", f"可用车辆不足：{zh}" if zh else "车辆可用",
        f"fit vehicles are short: {en}" if en else "the vehicles are fit"))


def _rest(roster: Roster, rule: TeamRule, day: date) -> Factor:
    team = roster.team
    if team.status in OUT:
        return Factor("rest", 0, Words("ready.out", "正在执行任务", "out on a task"))
    if team.status == "unavailable":
        return Factor("rest", 0, Words("ready.unavailable", "暂不可用", "not available"))
    left = 0 if team.rested_at is None else (to_local(team.rested_at).date() - day).days
    if left <= 0:
        return Factor("rest", FULL, Words("ready.rested", "已休整", "rested"))
    share = max(0, FULL - left * FULL // max(1, rule.rest_days))
    return Factor("rest", share, Words("ready.resting", f"休整还需 {left} 天", f"{left} more days of rest"))


def _drill(roster: Roster, rule: TeamRule, day: date) -> Factor:
    held = [d for d in roster.drills if d <= day]
    if not held:
        return Factor("drill", HALF_DRILL, Words("ready.no_drill", "没有演练记录", "no drill on record"))
    ago = (day - max(held)).days
    over = max(0, ago - rule.drill_every_days)
    share = max(HALF_DRILL, FULL - over * HALF_DRILL // rule.drill_every_days)
    return Factor("drill", share, Words("ready.drill", f"上次演练 {ago} 天前", f"last drill {ago} days ago"))


def _share(asked: Mapping[str, int], have: Mapping[str, int]) -> tuple[int, dict[str, int]]:
    """(mean fulfilment in thousandths, what is short of its number)."""
    short = {key: n for key, n in asked.items() if have.get(key, 0) < n}
    parts = [min(FULL, have.get(key, 0) * FULL // n) for key, n in asked.items() if n]
    return (sum(parts) // len(parts) if parts else FULL), short


def _missing(asked: Mapping[str, int], have: Mapping[str, int]) -> dict[str, int]:
    return {key: n - have.get(key, 0) for key, n in asked.items() if have.get(key, 0) < n}


def _fit_vehicles(roster: Roster) -> dict[str, int]:
    fit: dict[str, int] = {}
    for vehicle in roster.vehicles:
        if vehicle.is_fit:
            fit[vehicle.kind] = fit.get(vehicle.kind, 0) + 1
    return fit


def _betterments(roster: Roster, rule: TeamRule, day: date) -> Iterable[tuple[Words, Roster]]:
    """Things to do, one at a time, and the roster if they were done."""
    asked = rule.specialities[roster.team.speciality]
    for skill, count in _missing(asked.skills, holders(roster, day)).items():
        yield _trained(roster, (skill, count), rule, day)
    for item, count in _missing(asked.kit, roster.kit or {}).items():
        zh, en = rule.items[item]
        full = {**(roster.kit or {}), item: asked.kit[item]}
        yield Words("step.kit", f"补 {count} 件{zh}", f"get {count} more: {en}"), replace(roster, kit=full)
    for kind, count in _missing(asked.vehicles, _fit_vehicles(roster)).items():
        zh, en = rule.vehicles[kind]
        more = tuple(TeamVehicle(f"+{n}", roster.team.code, kind, 0, True, day) for n in range(count))
        yield (Words("step.vehicle", f"修好或配备 {count} 辆{zh}", f"repair or get {count}: {en}"),
               replace(roster, vehicles=roster.vehicles + more))
    yield Words("step.drill", "组织一次演练", "hold a drill"), replace(roster, drills=(*roster.drills, day))
    missing = rule.unit_least - len(fit_to_go(roster))
    if missing > 0:
        yield _manned(roster, missing, rule)


def _trained(roster: Roster, lack: tuple[str, int], rule: TeamRule, day: date) -> tuple[Words, Roster]:
    """Those who once had the certificate renew it first, then others are trained."""
    (skill, count), (zh, en) = lack, rule.skills[lack[0]]
    idle = [m for m in fit_to_go(roster) if skill not in m.skills(day)]
    idle.sort(key=lambda m: (all(c.skill != skill for c in m.certificates), m.code))
    lapsed = sum(any(c.skill == skill for c in m.certificates) for m in idle[:count])
    chosen = {m.code for m in idle[:count]}
    members = tuple(
        replace(m, certificates=(*m.certificates, Certificate(skill, day, day + timedelta(days=1))))
        if m.code in chosen else m for m in roster.members
    )
    words = Words(
        "step.certificate", f"{zh}：复证 {lapsed} 人、新取证 {count - lapsed} 人",
        f"{en}: renew {lapsed}, train {count - lapsed}")
    return words, replace(roster, members=members)


def _manned(roster: Roster, missing: int, rule: TeamRule) -> tuple[Words, Roster]:
    idle = [m for m in roster.members if m.status in (MemberStatus.APPLIED, MemberStatus.PAUSED)][:missing]
    back = {m.code for m in idle}
    members = tuple(replace(m, status=MemberStatus.ACTIVE) if m.code in back else m for m in roster.members)
    new = tuple(
        Member(f"+{n}", roster.team.code, "", MemberKind.VOLUNTEER, MemberStatus.ACTIVE, None) for n in range(missing - len(idle))
    )
    words = Words(
        "step.people", f"补足 {rule.unit_least} 人：审核或复归 {len(idle)} 人、招募 {missing - len(idle)} 人",
        f"fill up to {rule.unit_least}: accept or bring back {len(idle)}, recruit {missing - len(idle)}")
    return words, replace(roster, members=members + new)
