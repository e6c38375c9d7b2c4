"""A deployment as a value: which state follows which, who may do it, what it needs and sets.  Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dispatch.errors import Conflict, DispatchError, InvalidInput, Refused
from dispatch.teams.model import DeploymentState, Muster

S = DeploymentState
ENDED = frozenset({S.CLOSED, S.STOOD_DOWN})
TO_ARRIVE = frozenset({S.ALERTED, S.MUSTERING, S.EN_ROUTE})
"""States in which a team is still to arrive."""
LEAVING = frozenset({S.ALERTED, S.MUSTERING})
"""States in which a team has not left yet."""
OUT = frozenset({S.EN_ROUTE, S.ON_SITE, S.HANDOVER, S.RETURNING})
"""States in which a team must be heard of at intervals."""
STATE_NAMES = {
    S.ALERTED: ("已通知", "alerted"), S.MUSTERING: ("集结中", "mustering"), S.EN_ROUTE: ("途中", "en route"),
    S.ON_SITE: ("在现场", "on site"), S.HANDOVER: ("交接中", "handing over"), S.RETURNING: ("返程", "returning"),
    S.RESTING: ("休整", "resting"), S.CLOSED: ("已结束", "closed"), S.STOOD_DOWN: ("已取消", "stood down"),
}
TEAM_STATUS = {
    S.ALERTED: "mustering", S.MUSTERING: "mustering", S.EN_ROUTE: "en_route", S.ON_SITE: "on_site",
    S.HANDOVER: "on_site", S.RETURNING: "returning", S.RESTING: "resting",
    S.CLOSED: "available", S.STOOD_DOWN: "available",
}


class Hand(StrEnum):
    """On whose behalf something is done: the desk, a leader of the team, one of its members."""

    DESK = "desk"
    LEADER = "leader"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Deployment:
    """One team sent to one county; times are None until they have come."""

    code: str
    team_code: str
    county: str
    state: DeploymentState
    version: int
    alerted_at: datetime
    muster_by: datetime
    expected_at: datetime | None = None
    on_site_at: datetime | None = None
    tour_ends_at: datetime | None = None
    rested_at: datetime | None = None
    last_check_in_at: datetime | None = None
    relieves: str | None = None
    proposal: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a move looks at beside the state.

    ``mustered`` counts those at the muster point, ``not_back`` names those who went and have
    not returned, ``has_roster`` is false for a team without one active member on the list,
    ``successor`` is the state of the deployment that relieves this one.
    """

    mustered: int = 0
    not_back: tuple[str, ...] = ()
    has_roster: bool = True
    successor: DeploymentState | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A state asked for, by whom, and the word why."""

    target: DeploymentState
    hand: Hand
    note: str = ""


CODES = re.compile(r"[A-Z]+-\d+", re.ASCII)
"""Codes of members in a text."""
_BOTH = frozenset({Hand.DESK, Hand.LEADER})
_DESK = frozenset({Hand.DESK})
MOVES: Mapping[tuple[DeploymentState, DeploymentState], frozenset[Hand]] = {
    (S.ALERTED, S.MUSTERING): _BOTH,
    (S.MUSTERING, S.EN_ROUTE): _BOTH,
    (S.EN_ROUTE, S.ON_SITE): _BOTH,
    (S.ON_SITE, S.HANDOVER): _DESK,
    (S.HANDOVER, S.RETURNING): _BOTH,
    (S.RETURNING, S.RESTING): _BOTH,
    (S.RESTING, S.CLOSED): _DESK,
    (S.ALERTED, S.STOOD_DOWN): _DESK,
    (S.MUSTERING, S.STOOD_DOWN): _DESK,
    # whoever has set out is on a road, and is followed until they are back
    (S.EN_ROUTE, S.RETURNING): _DESK,
}
"""Every move there is, and whose it is."""


def next_states(state: DeploymentState, hand: Hand) -> tuple[DeploymentState, ...]:
    """The states somebody may move a deployment to, the usual one first."""
    return tuple(target for (source, target), hands in MOVES.items() if source is state and hand in hands)


def find_refusal(deployment: Deployment, wish: Wish, facts: Facts, at: datetime) -> DispatchError | None:
    """Why the move may not be made now; None when it may."""
    hands = MOVES.get((deployment.state, wish.target))
    here, there = STATE_NAMES[deployment.state], STATE_NAMES[wish.target]
    if hands is None:
        return Conflict(
            f"{deployment.code} is {here[1]}; it cannot become {there[1]}.", remedy="Reload the page to see what is next.",
            zh=f"{deployment.code} 当前{here[0]}，不能改为“{there[0]}”。", remedy_zh="请刷新页面查看下一步。",
        )
    if wish.hand not in hands:
        return Refused(
            f"Only the duty desk may set {deployment.code} to {there[1]}.", remedy="Call the duty desk.",
            zh=f"只有调度值班员可以将 {deployment.code} 改为“{there[0]}”。", remedy_zh="请联系调度值班员。",
        )
    need = NEEDS.get(wish.target)
    return need(deployment, wish, facts, at) if need else None


def _somebody_mustered(deployment: Deployment, wish: Wish, facts: Facts, _at: datetime) -> DispatchError | None:
    if facts.mustered or (not facts.has_roster and wish.note):
        return None
    if facts.has_roster:
        return Refused(
            f"Nobody of {deployment.code} has mustered yet.", remedy="Mark those present as mustered first.",
            zh=f"{deployment.code} 还没有人集结到位。", remedy_zh="请先登记已到集结点的队员。",
        )
    return InvalidInput(
        f"{deployment.team_code} has no members on the list, so that nobody can be counted.",
        remedy="Write how many go and who leads them.",
        zh=f"{deployment.team_code} 没有在册队员，无法清点。", remedy_zh="请在说明中写明出发人数和带队人。",
    )


def _followed(deployment: Deployment, wish: Wish, facts: Facts, _at: datetime) -> DispatchError | None:
    if facts.successor is not None or wish.note:
        return None
    return InvalidInput(
        f"Nobody is named to follow {deployment.code}.", remedy="Send a team that relieves it, or write why nobody follows.",
        zh=f"{deployment.code} 尚未指定接替队伍。", remedy_zh="请派出接替队伍，或写明无人接替的原因。",
    )


def _relieved(deployment: Deployment, wish: Wish, facts: Facts, at: datetime) -> DispatchError | None:
    if deployment.state is S.EN_ROUTE:
        return _with_reason(deployment, wish, facts, at)
    if facts.successor in (None, S.ON_SITE, S.HANDOVER) or wish.note:
        return None
    return InvalidInput(
        f"The team that relieves {deployment.code} is not there yet.", remedy="Wait for it, or write why the team leaves before.",
        zh=f"接替 {deployment.code} 的队伍尚未到达。", remedy_zh="请等待其到达，或写明提前撤离的原因。",
    )


def _all_back(deployment: Deployment, wish: Wish, facts: Facts, _at: datetime) -> DispatchError | None:
    # who lies in hospital keeps no team from its rest, once the desk has said where they are
    is_told = wish.hand is Hand.DESK and set(facts.not_back) <= set(CODES.findall(wish.note))
    if not facts.not_back or is_told:
        return None
    listed = ", ".join(facts.not_back)
    return Refused(
        f"{len(facts.not_back)} of {deployment.code} are not back: {listed}.",
        remedy="Find them; mark each one who is back. The duty desk may write the number of each one missing and where they are.",
        zh=f"{deployment.code} 还有 {len(facts.not_back)} 人未归队：{listed}。",
        remedy_zh="请逐一联系，归队一人登记一人；确知在别处（如住院）的，由值班员在说明中写明每人编号和所在。",
        facts={"members": list(facts.not_back)},
    )


def _rested(deployment: Deployment, _wish: Wish, _facts: Facts, at: datetime) -> DispatchError | None:
    if deployment.rested_at is not None and at >= deployment.rested_at:
        return None
    until = deployment.rested_at.isoformat() if deployment.rested_at else "-"
    return Refused(
        f"{deployment.team_code} rests until {until}.", remedy="Close it then.",
        zh=f"{deployment.team_code} 休整期未满。", remedy_zh="休整期满后再结束。", facts={"rested_at": until},
    )


def _with_reason(deployment: Deployment, wish: Wish, _facts: Facts, _at: datetime) -> DispatchError | None:
    if wish.note:
        return None
    zh, en = ("取消", "stood down") if wish.target is S.STOOD_DOWN else ("中途召回", "turned back")
    return InvalidInput(
        f"{deployment.code} is {en} without a reason.", remedy="Write the reason.",
        zh=f"{zh} {deployment.code} 须写明原因。", remedy_zh="请填写原因。",
    )


NEEDS: Mapping[DeploymentState, Callable[[Deployment, Wish, Facts, datetime], DispatchError | None]] = {
    S.EN_ROUTE: _somebody_mustered, S.HANDOVER: _followed, S.RETURNING: _relieved, S.RESTING: _all_back,
    S.CLOSED: _rested, S.STOOD_DOWN: _with_reason,
}


def effect(target: DeploymentState, at: datetime, tour_days: int, rest_days: int) -> dict[str, datetime]:
    """The times that a move sets; leaving and arriving count as being heard of."""
    if target is S.EN_ROUTE:
        return {"last_check_in_at": at}
    if target is S.ON_SITE:
        return {"on_site_at": at, "tour_ends_at": at + timedelta(days=tour_days), "last_check_in_at": at}
    if target is S.RESTING:
        return {"rested_at": at + timedelta(days=rest_days)}
    return {}


ANSWERS: Mapping[Muster, frozenset[Muster]] = {
    Muster.CALLED: frozenset({Muster.COMING, Muster.DECLINED, Muster.MUSTERED}),
    Muster.COMING: frozenset({Muster.DECLINED, Muster.MUSTERED}),
    Muster.DECLINED: frozenset({Muster.COMING, Muster.MUSTERED}),
    Muster.MUSTERED: frozenset({Muster.BACK, Muster.COMING, Muster.DECLINED}),
    Muster.BACK: frozenset({Muster.MUSTERED}),
}
"""What a member may answer after what; who was taken for back by mistake is out again."""
CALLING = frozenset({S.ALERTED, S.MUSTERING, S.EN_ROUTE, S.ON_SITE})
"""States in which members are called and may still join."""


def may_answer(state: DeploymentState, said: Muster, answer: Muster) -> bool:
    """True when a member who said one thing may now say the other."""
    if answer not in ANSWERS[said]:
        return False
    if Muster.BACK in (said, answer):
        # somebody may be sent home early, or come from hospital when the others rest; nobody before they left
        return state in OUT or state is S.RESTING
    # taken for present by mistake: as long as the team has not left
    return state in (LEAVING if said is Muster.MUSTERED else CALLING)
