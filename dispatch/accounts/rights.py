"""Who may do what, where: the one table.  Pure.

A row gives an act to roles at levels of place.  What an act reaches within its level (one's own league,
one's own stores, the grade of a response) is the matter of the command itself, and noted in the row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.errors import NoRight
from dispatch.places import TIERS, tier_of

ROLES = ("viewer", "storekeeper", "planner", "approver", "exercise_leader", "auditor", "administrator")
PUBLIC, LINK = "public", "link"
"""Acts without a login: for everybody, and for whoever holds the link of a paper or message."""


@dataclass(frozen=True, slots=True)
class Right:
    """One act in words, role → levels that may do it, and what else the command looks at."""

    act: str
    zh: str
    en: str
    levels: Mapping[str, tuple[str, ...]]
    more: str = ""


def _to(*roles: str, at: tuple[str, ...] = TIERS) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(roles, at)


EVERYBODY = _to(*ROLES)
DESK = _to("planner", "approver", "administrator")
STORES = _to("storekeeper", "planner", "approver", "administrator")
REGION = ("region",)
RIGHTS: tuple[Right, ...] = (
    Right("own", "管理本人账号、通知与界面", "one's own account, notices and looks", EVERYBODY),
    Right("desk.read", "查看各页面", "look at the pages", EVERYBODY, "people's names and telephones only within one's place"),
    Right("report.file", "上报灾情、核对时限", "file situation reports, tick deadlines", STORES),
    Right("situation.judge", "研判情况、登记条目", "judge a situation, enter facts", DESK),
    Right("situation.lower", "降级、终止响应或启动特殊响应", "step down, end, start a special response", _to("approver", "administrator"), "after the hold"),
    Right("alert.send", "通过接口报送预警", "send warnings through the API", DESK),
    Right("draft.decide", "掌握起草中的方案", "take, stop or restart a draft", DESK),
    Right("proposal.edit", "修改方案", "edit a proposal", _to("planner", "approver")),
    Right("proposal.submit", "提交方案审批", "submit a proposal", DESK),
    Right("proposal.approve", "批准、退回方案", "approve or return a proposal", _to("approver"),
          "never one's own submission or edit; level and places by the approval rule; also under a delegation or emergency authority"),
    Right("delegation.give", "委托审批权", "lend one's authority to approve", _to("approver"), "to a planner or approver of one's place or one above or below it"),
    Right("glass.take", "紧急取得审批权", "take authority to approve in an emergency", _to("planner"), "for one's own place, with a reason; told to all; reviewed afterwards"),
    Right("glass.review", "复核紧急授权", "review an emergency authority", _to("approver", "auditor"), "never one's own"),
    Right("waybill.work", "登记发车、收货、定位", "depart, receive, place trucks", STORES),
    Right("waybill.call_off", "取消运单", "call a waybill off", DESK),
    Right("claim.work", "说明差异", "explain claims", STORES),
    Right("claim.settle", "了结差异单", "settle claims", _to("planner", "approver")),
    Right("claim.write_off", "核销差异单", "write claims off", _to("approver"), "never a difference one explained oneself"),
    Right("road.tell", "报告路况", "report roads", STORES),
    Right("road.replan", "因路况重新起草", "plan again after road reports", DESK),
    Right("stock.work", "办理仓库单据、检查、设施", "store documents, checks, facilities", STORES),
    Right("stock.decide", "审批调拨、报损、盘点", "decide on transfers, losses, stocktakes", _to("approver"), "a second person, of the store's place or above"),
    Right("upload.work", "批量导入", "uploads", STORES, "rosters: planner and above of the place"),
    Right("money.book", "登记捐款", "book gifts", DESK),
    Right("money.spend", "动用救灾储备金", "spend the reserve", _to("approver", at=REGION)),
    Right("plan.propose", "提出预案修改", "propose an edition of the plan", _to("planner", "administrator")),
    Right("plan.decide", "批准、否决预案修改", "decide on an edition of the plan", _to("approver", "administrator", at=REGION), "never one's own proposal"),
    Right("team.apply", "提交队员申请、本人资料", "apply to a team, one's own data", EVERYBODY, "row by row: the team's place, or being its member"),
    Right("team.keep", "管理队伍器材、车辆、训练", "kit, vehicles and drills of a team", STORES, "teams of one's place or below"),
    Right("team.manage", "审核队员、管理证书、新建队伍", "review members, certificates, new teams", DESK, "teams of one's place or below"),
    Right("deployment.lead", "安排出队、轮换、日志", "send teams, relieve them, write their log",
          _to("planner", "approver", "administrator", at=("region", "league")), "a league's own teams"),
    Right("drill.play", "运行演练、演练计划与整改", "run drills, keep their calendar and lessons", _to("exercise_leader", "administrator")),
    Right("drill.attend", "登记队伍参加演练", "keep who of a team was at a drill", _to(*STORES, "exercise_leader"), "teams of one's place or below"),
    Right("audit.read", "查阅、校验、导出审计记录", "read, prove and export the audit record", _to("auditor", "administrator", at=REGION)),
    Right("account.manage", "管理账号", "administer accounts", _to("administrator", at=("region", "league")), "accounts of one's place or below, never one's own"),
)
BY_ACT = {right.act: right for right in RIGHTS}


def roles_of(act: str) -> tuple[str, ...]:
    """The roles that may do it at some level of place, in the order of ``ROLES``; for words and lists."""
    return tuple(role for role in ROLES if BY_ACT[act].levels.get(role))


def may(role: str, place: str, act: str) -> bool:
    """Whether the table gives this act to a role at a place (adcode); what has no row is nobody's."""
    right = BY_ACT.get(act)
    return right is not None and tier_of(place) in right.levels.get(role, ())


def find_lack(role: str, place: str, act: str) -> NoRight | None:
    """Why a role at a place may not do this, or None when it may."""
    if may(role, place, act):
        return None
    right = BY_ACT.get(act)
    zh, en = (right.zh, right.en) if right else (act, act)
    who = " or ".join(roles_of(act)) if right else "nobody"
    return NoRight(
        f"The role {role} at {place} may not do this: {en}.", remedy=f"Ask a person with the role {who}.",
        zh=f"{place} 的角色 {role} 无权{zh}。", remedy_zh="请由具备相应权限的人员操作。",
        facts={"act": act},
    )


def check(account: Mapping[str, object], act: str) -> None:
    """Raise ``NoRight`` where the table does not give an act to an account."""
    lack = find_lack(str(account["role"]), str(account["place"]), act)
    if lack is not None:
        raise lack
