"""Pure rules of approval: allowed move, four eyes, authority, what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatch.accounts.rights import roles_of
from dispatch.clock import to_local
from dispatch.errors import Conflict, DispatchError, InvalidInput, Refused
from dispatch.proposals.authority import Reach, find_lack
from dispatch.proposals.model import TRANSITIONS, ProposalStatus


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish to move a proposal on: by whom, in what role and for what place, having seen which
    body, saying what; ``behalf`` is who lent the authority for it, if somebody did."""

    actor: str
    role: str
    target: ProposalStatus
    seen_hash: str | None = None
    place: str = ""
    comment: str = ""
    behalf: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """Who brought a proposal to where it stands, and when."""

    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules need to know of the proposal; ``reach`` None asks for no authority by level,
    ``last`` is the decision that brought it here."""

    code: str
    status: ProposalStatus
    submitted_by: str | None
    body_hash: str
    verified: bool
    editors: frozenset[str] = frozenset()
    reach: Reach | None = None
    last: Decided | None = None


WORDS = {
    ProposalStatus.DRAFT: ("草案", "a draft"), ProposalStatus.SUBMITTED: ("待审批", "waiting for approval"),
    ProposalStatus.APPROVED: ("已批准", "approved"), ProposalStatus.RETURNED: ("已退回", "returned"),
    ProposalStatus.SUPERSEDED: ("已被取代", "superseded"),
}
MAY = {
    ProposalStatus.SUBMITTED: roles_of("proposal.submit"),
    ProposalStatus.APPROVED: roles_of("proposal.approve"),
    ProposalStatus.RETURNED: roles_of("proposal.approve"),
}


def find_refusal(standing: Standing, asked: Asked) -> DispatchError | None:
    """The reason why not, or None when the move is allowed."""
    code = standing.code
    if asked.role not in MAY.get(asked.target, ()):
        return Refused(
            f"The role {asked.role} may not move {code} to {asked.target}.",
            remedy="Ask someone with the role " + " or ".join(MAY.get(asked.target, ())) + ".",
            zh=f"角色 {asked.role} 无权将方案 {code} 改为 {asked.target}。",
            remedy_zh="请由具备相应权限的人员操作。",
        )
    if asked.target not in TRANSITIONS[standing.status]:
        return _moved_on(standing, asked)
    if asked.target in (ProposalStatus.APPROVED, ProposalStatus.RETURNED):
        return _second_person(standing, asked) or _unfit(standing, asked)
    return None


def _moved_on(standing: Standing, asked: Asked) -> Conflict:
    """The proposal is no longer where the asker saw it: who moved it, and when."""
    (is_zh, is_en), (to_zh, to_en) = WORDS[standing.status], WORDS[asked.target]
    by_zh = by_en = ""
    if standing.last is not None:
        at = f"{to_local(standing.last.at):%Y-%m-%d %H:%M}"
        by_zh, by_en = f"{standing.last.actor} 于 {at} 处理，", f", by {standing.last.actor} at {at}"
    return Conflict(
        f"{standing.code} is {is_en}{by_en}; from there it cannot become {to_en}.",
        remedy="Nothing was done twice. Open the proposal to see where it stands.",
        zh=f"方案 {standing.code} {by_zh}当前为“{is_zh}”，不能改为“{to_zh}”。",
        remedy_zh="没有重复执行任何操作。请打开方案查看其状态。",
    )


def _second_person(standing: Standing, asked: Asked) -> DispatchError | None:
    if standing.submitted_by == asked.actor:
        return Refused(
            f"{asked.actor} submitted {standing.code} and cannot decide on it as well.",
            remedy="Another person with the role approver has to decide.",
            zh=f"{asked.actor} 是方案 {standing.code} 的提交人，不能自己审批。",
            remedy_zh="请由另一位审批人审批。",
        )
    if asked.behalf and (asked.behalf == standing.submitted_by or asked.behalf in standing.editors):
        return Refused(
            f"{asked.behalf}, whose authority this is, had a hand in {standing.code}.",
            remedy="Somebody with authority of their own has to decide.",
            zh=f"委托人 {asked.behalf} 提交或修改过方案 {standing.code}，受托人不能审批。",
            remedy_zh="请由有自身权限的审批人审批。",
        )
    if asked.target is ProposalStatus.APPROVED and asked.actor in standing.editors:
        return Refused(
            f"{asked.actor} edited {standing.code} and cannot approve it.",
            remedy="Another person with the role approver has to decide.",
            zh=f"{asked.actor} 修改过方案 {standing.code}，不能自己审批。",
            remedy_zh="请由另一位审批人审批。",
        )
    return None


def _unfit(standing: Standing, asked: Asked) -> DispatchError | None:
    """What stands against this decision, whoever is the second person."""
    if asked.seen_hash != standing.body_hash:
        return Conflict(
            f"{standing.code} is not what was on the screen any more.",
            remedy="Open it again, read what changed, then decide.",
            zh=f"方案 {standing.code} 与您看到的内容已不一致。",
            remedy_zh="请重新打开，核对变化后再决定。",
        )
    if asked.target is ProposalStatus.APPROVED and not standing.verified:
        return Refused(
            f"{standing.code} did not pass the independent check.",
            remedy="Draft it anew.",
            zh=f"方案 {standing.code} 未通过独立校验。",
            remedy_zh="请重新生成方案。",
        )
    if asked.target is ProposalStatus.RETURNED and not asked.comment.strip():
        return InvalidInput(
            f"{standing.code} is returned without a word why.", remedy="Write what is to be changed.",
            zh=f"退回方案 {standing.code} 时没有写明原因。", remedy_zh="请写明需要修改的内容。",
            facts={"fields": ["comment"]},
        )
    return find_lack(standing.reach, asked.place) if standing.reach is not None else None
