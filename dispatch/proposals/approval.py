"""Pure rules of approval: allowed move, four eyes, authority, what was seen."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.errors import Conflict, DispatchError, Refused
from dispatch.proposals.model import TRANSITIONS, ProposalStatus


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish to move a proposal on: by whom, in what role, having seen which body."""

    actor: str
    role: str
    target: ProposalStatus
    seen_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules need to know of the proposal."""

    code: str
    status: ProposalStatus
    submitted_by: str | None
    body_hash: str
    verified: bool
    editors: frozenset[str] = frozenset()


MAY = {
    ProposalStatus.SUBMITTED: ("planner", "approver", "administrator"),
    ProposalStatus.APPROVED: ("approver",),
    ProposalStatus.RETURNED: ("approver",),
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
        return Conflict(
            f"{code} is {standing.status}; from there it cannot become {asked.target}.",
            remedy="Open the proposal again to see where it stands.",
            zh=f"方案 {code} 当前状态为 {standing.status}，不能改为 {asked.target}。",
            remedy_zh="请重新打开方案查看其状态。",
        )
    if asked.target in (ProposalStatus.APPROVED, ProposalStatus.RETURNED):
        return _second_person(standing, asked)
    return None


def _second_person(standing: Standing, asked: Asked) -> DispatchError | None:
    if standing.submitted_by == asked.actor:
        return Refused(
            f"{asked.actor} submitted {standing.code} and cannot decide on it as well.",
            remedy="Another person with the role approver has to decide.",
            zh=f"{asked.actor} 是方案 {standing.code} 的提交人，不能自己审批。",
            remedy_zh="请由另一位审批人审批。",
        )
    if asked.target is ProposalStatus.APPROVED and asked.actor in standing.editors:
        return Refused(
            f"{asked.actor} edited {standing.code} and cannot approve it.",
            remedy="Another person with the role approver has to decide.",
            zh=f"{asked.actor} 修改过方案 {standing.code}，不能自己审批。",
            remedy_zh="请由另一位审批人审批。",
        )
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
    return None
