"""The level in force over time: raised at once, lowered only after a hold and by a person.  Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatch.accounts.rights import roles_of
from dispatch.alerts.model import Situation
from dispatch.errors import Conflict, DispatchError, InvalidInput, Refused
from dispatch.plans.engine import KINDS, build, lead_tier
from dispatch.plans.model import ROMAN, Activation
from dispatch.plans.policy import Policy
from dispatch.plans.steps import steps_up

STAGE_RANKS = {"watch": 0, "pre_alert": 1, "response": 2}
KIND_RANKS = {"watch": 0, "standby": 1, "preposition": 2, "dispatch": 3}
MAY_LOWER = roles_of("situation.lower")
MAY_JUDGE = roles_of("situation.judge")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is in force: level, stage, since when, and since when the engine has answered milder.

    ``change`` is the last kind of change: raised, held, lowered, special or ended.
    """

    level: int | None = None
    stage: str = "watch"
    since: datetime | None = None
    milder_since: datetime | None = None
    change: str = "ended"

    @property
    def is_active(self) -> bool:
        """True while a level or a special response is in force."""
        return self.change != "ended"


@dataclass(frozen=True, slots=True)
class Change:
    """A step of the history to be written: its kind and what then stands."""

    kind: str
    standing: Standing


def follow(standing: Standing, answer: Activation, at: datetime) -> Change | None:
    """What the engine's answer changes by itself: a rise at once; a milder answer is only noted."""
    if _is_graver(answer, standing):
        level = _graver(standing.level if standing.is_active else None, answer.level)
        stage = max(standing.stage if standing.is_active else "watch", answer.stage, key=STAGE_RANKS.__getitem__)
        return Change("raised", Standing(level, stage, at, None, "raised"))
    if not standing.is_active or standing.change == "special":
        return None
    milder = _rank(answer.level) > _rank(standing.level)
    if milder and standing.milder_since is None:
        return Change("milder", replace(standing, milder_since=at))
    if not milder and standing.milder_since is not None:
        return Change("again", replace(standing, milder_since=None))
    return None


def _rank(level: int | None) -> int:
    return level or 5


def _graver(a: int | None, b: int | None) -> int | None:
    return min((x for x in (a, b) if x is not None), default=None)


def _is_graver(answer: Activation, standing: Standing) -> bool:
    if answer.level is None:
        return False
    if not standing.is_active:
        return True
    return _rank(answer.level) < _rank(standing.level) or (
        STAGE_RANKS[answer.stage] > STAGE_RANKS[standing.stage]
    )


def lower(standing: Standing, target: int | None, role: str, now: tuple[datetime, timedelta]) -> Change:
    """A person steps down to a level, or ends (None); ``now`` is the moment and the hold.

    Raises ``Refused`` (role, hold not over) or ``Conflict`` (nothing milder to step down to).
    """
    at, hold = now
    refusal = _lower_refusal(standing, target, role, now)
    if refusal is not None:
        raise refusal
    if target is None:
        return Change("ended", Standing(None, "watch", at, None, "ended"))
    return Change("lowered", Standing(target, standing.stage, at, standing.milder_since, "lowered"))


def _lower_refusal(
    standing: Standing, target: int | None, role: str, now: tuple[datetime, timedelta]
) -> DispatchError | None:
    at, hold = now
    if role not in MAY_LOWER:
        return Refused(f"The role {role} may not step a response down.", remedy="Ask an approver.",
                       zh=f"角色 {role} 无权降级或终止响应。", remedy_zh="请由审批人操作。")
    if not standing.is_active:
        return Conflict("No response is in force.", remedy="Open the situation again.",
                        zh="当前没有生效的响应。", remedy_zh="请重新打开该情况查看。")
    if target is not None and (target not in ROMAN or target <= _rank(standing.level)):
        return InvalidInput(
            f"Level {ROMAN.get(target, target)} is not milder than the one in force.",
            remedy="Name a milder level, or end the response.",
            zh=f"{ROMAN.get(target, target)}级并不低于现行级别。", remedy_zh="请选择更低的级别，或终止响应。")
    if standing.change == "special":
        return None
    if standing.milder_since is None:
        return Refused(
            "The figures and warnings still hold the level up.",
            remedy="Correct the figures or wait until the warnings end; the situation page lists what holds it.",
            zh="现有数据和预警仍支持当前级别。", remedy_zh="请更正数据或等待预警解除；情况页面列出了支持该级别的条件。")
    free_at = standing.milder_since + hold
    if at < free_at:
        return Refused(
            f"The hold lasts until {free_at:%Y-%m-%d %H:%M} UTC.",
            remedy="Step down after that time; until then the level stays.",
            zh=f"降级观察期至 {free_at:%Y-%m-%d %H:%M}（UTC）。", remedy_zh="请在观察期结束后再降级；在此之前级别不变。",
            facts={"free_at": free_at.isoformat()})
    return None


def special(standing: Standing, role: str, at: datetime) -> Change:
    """A person starts a special response outside the levels."""
    if role not in MAY_LOWER:
        raise Refused(f"The role {role} may not start a special response.", remedy="Ask an approver.",
                      zh=f"角色 {role} 无权启动特殊应急响应。", remedy_zh="请由审批人操作。")
    if standing.is_active:
        zh, en = (f"{ROMAN[standing.level]}级响应", f"Level {ROMAN[standing.level]}") if standing.level else (
            "特殊应急响应", "A special response")
        raise Conflict(f"{en} is in force already.",
                       remedy="A special response is for what stands outside the levels.",
                       zh=f"{zh}已在生效。", remedy_zh="特殊应急响应仅用于未达到分级标准的情况。")
    return Change("special", Standing(None, "response", at, None, "special"))


def in_force(answer: Activation, standing: Standing, policy: Policy, situation: Situation) -> Activation:
    """The engine's answer with the level that is in force, when that is graver or special."""
    if not standing.is_active:
        return answer
    if standing.change == "special" and answer.level is None:
        told = _told(answer)
        return replace(build(policy, (4, "response", "dispatch", answer.lead_tier), **told), level=None, special=True)
    level = _graver(standing.level, answer.level)
    stage = max(standing.stage, answer.stage, key=STAGE_RANKS.__getitem__)
    if (level, stage) == (answer.level, answer.stage) or level is None:
        return answer
    kind = "dispatch" if stage == "response" else KINDS[level]
    lead = lead_tier(policy, level, [c for c in answer.criteria if c.met], situation)
    told = _told(answer)
    if level != answer.level:
        shared = (situation, policy, answer.places)
        told |= {"next_up_level": level - 1 or None, "next_down": (),
                 "next_up": steps_up(shared, level - 1) if level > 1 else ()}
    return build(policy, (level, stage, kind, lead), **told)


def _told(answer: Activation) -> dict[str, object]:
    names = ("criteria", "places", "reasons", "next_up_level", "next_up", "next_down")
    return {name: getattr(answer, name) for name in names}
