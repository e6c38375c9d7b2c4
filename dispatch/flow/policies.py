"""Editions of the plan policy: proposed by one person, decided by another, tried on what was."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from dispatch.accounts.rights import check, find_lack, roles_of
from dispatch.accounts.store import get_account
from dispatch.alerts.model import Situation
from dispatch.alerts.situations import list_rows, load
from dispatch.alerts.timeline import Material, describe
from dispatch.audit.store import Act, record
from dispatch.clock import Clock, to_local
from dispatch.db import retried, transaction
from dispatch.errors import Conflict, DispatchError, InvalidInput, Refused
from dispatch.flow.gather import grades_on, read_ground
from dispatch.plans.ground import Ground
from dispatch.plans.past import Case, Outcome, compare, load_past
from dispatch.plans.policy import Policy, choose, parse_policy
from dispatch.plans.signals import STRONG
from dispatch.plans.store import get_policy_row, list_policy_rows, policies
from dispatch.plans.tables import PolicyRow

MAY_PROPOSE = roles_of("plan.propose")
MAY_DECIDE = roles_of("plan.decide")
VERSION = re.compile(r"[0-9A-Za-z\u4e00-\u9fff][\w.\-]*(/[\w.\-]+)*")
MOST_CHARACTERS = 200_000
MOST_VERSION, MOST_WORDS = 60, 1000


@dataclass(frozen=True, slots=True)
class Terms:
    """What the proposer states beside the text.

    ``base`` is the edition the text was made from (None = whichever it replaces);
    ``may_predate`` that it may take effect before the edition it replaces did.
    """

    base: str | None = None
    may_predate: bool = False


AS_IT_STANDS = Terms()


@retried
def propose_policy(
    engine: Engine, text: str, reason: str, actor: str, clock: Clock, terms: Terms = AS_IT_STANDS
) -> str:
    """Keep an edition for a second person to decide on; its version.

    Raises ``Refused`` by role, ``InvalidInput`` with every fault, ``Conflict`` when the
    version is taken or the base is not the edition it would replace any more.
    """
    with transaction(engine) as session:
        check(get_account(session, actor), "plan.propose")
        policy = read_text(text)
        base = check_edition(session, policy, terms)
        if not reason.strip() or len(reason) > MOST_WORDS:
            raise InvalidInput(
                f"A reason of 1 to {MOST_WORDS:,} characters is needed.", remedy="Say why the plan is to change.",
                zh=f"需要填写修改理由（1 至 {MOST_WORDS:,} 字）。", remedy_zh="请说明为什么修改预案。")
        now = clock.now()
        session.add(PolicyRow(
            version=policy.version, valid_from=policy.valid_from, status="proposed", body=text,
            base_version=base.version, reason=reason.strip(), proposed_by=actor, proposed_at=now, comment="",
        ))
        session.flush()
        record(session, Act(actor, "policy.proposed", policy.version, reason.strip()), now)
        return policy.version


@retried
def decide_policy(
    engine: Engine, version: str, approve: bool, comment: str, actor: str, clock: Clock
) -> str:
    """Approve or reject a proposed edition as a second person; its new status.

    An approved edition is in force from its own date on.  Raises ``Refused`` (role, own
    proposal), ``Conflict`` (decided already, or another edition came in between) or
    ``InvalidInput`` (a rejection without a word why).
    """
    with transaction(engine) as session:
        # all editions, so that two of one base cannot both be approved
        session.execute(select(PolicyRow.version).order_by(PolicyRow.version).with_for_update())
        row = get_policy_row(session, version, lock=True)
        refusal = find_refusal(row, actor, get_account(session, actor))
        if refusal is not None:
            raise refusal
        if len(comment) > MOST_WORDS or (not approve and not comment.strip()):
            raise InvalidInput(
                f"A rejection needs a comment; at most {MOST_WORDS:,} characters.", remedy="Say why.",
                zh=f"否决须填写意见，最多 {MOST_WORDS:,} 字。", remedy_zh="请说明理由。")
        if approve:
            policy = read_text(row.body)
            check_base(policy, row.base_version, replaced(policies(session), policy))
        row.status = "approved" if approve else "rejected"
        row.decided_by, row.decided_at, row.comment = actor, clock.now(), comment.strip()
        session.flush()
        record(session, Act(actor, f"policy.{row.status}", version, row.comment), clock.now())
        return row.status


def find_refusal(row: PolicyRow, actor: str, account: Mapping[str, Any]) -> DispatchError | None:
    """Why a person may not decide on an edition, or None."""
    lack = find_lack(account["role"], account["place"], "plan.decide")
    if lack is not None:
        return lack
    if row.status != "proposed":
        return Conflict(
            f"{row.version} was {row.status} by {row.decided_by} already.", remedy="Open it again to see the decision.",
            zh=f"版本 {row.version} 已由 {row.decided_by} {'批准' if row.status == 'approved' else '否决'}。",
            remedy_zh="请重新打开查看决定。")
    if row.proposed_by == actor:
        return Refused(
            f"{actor} proposed {row.version} and cannot decide on it as well.",
            remedy="Another person has to decide.",
            zh=f"{actor} 是版本 {row.version} 的提出人，不能自己审批。", remedy_zh="请由另一位审批人审批。")
    return None


def read_text(text: str) -> Policy:
    """A policy from a text a person typed; ``InvalidInput`` names every fault with its line."""
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(
            f"The text is longer than {MOST_CHARACTERS:,} characters.", remedy="Paste the plan file alone.",
            zh=f"文本超过 {MOST_CHARACTERS:,} 字。", remedy_zh="请只粘贴预案文件本身。")
    try:
        policy = parse_policy(text, "text")
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        # tables of another shape than the reader looks for
        raise InvalidInput(
            f"The plan policy is refused: a table or field is of the wrong kind ({error}).",
            remedy="Compare it with the edition in force: same tables, same kinds of values.",
            zh=f"预案文本被拒绝：有表或字段的类型不对（{error}）。",
            remedy_zh="请对照现行版本：表名和值的类型应相同。",
            facts={"faults": [f"line 1: a table or field is of the wrong kind ({error})"]}) from error
    if len(policy.version) > MOST_VERSION or not VERSION.fullmatch(policy.version):
        raise InvalidInput(
            f"The version {policy.version[:80]!r} cannot be used as a name.",
            remedy=f"Up to {MOST_VERSION} letters, digits and . - _ /, as 2025-01-01/1.",
            zh=f"版本号 {policy.version[:80]!r} 不能使用。",
            remedy_zh=f"最多 {MOST_VERSION} 个字母、数字或 . - _ /，例如 2025-01-01/1。",
            facts={"faults": ["line 1: version is not a usable name"]})
    return policy


def with_head(text: str, version: str, valid_from: str) -> str:
    """The text with the version and first day that were typed in fields of their own (empty = as it is)."""
    lines = text.replace("\r\n", "\n").split("\n")
    first_table = next((n for n, line in enumerate(lines) if line.startswith("[")), len(lines))
    for key, value in (("version", json.dumps(version, ensure_ascii=False) if version else ""), ("from", valid_from)):
        at = next((n for n in range(first_table) if re.match(rf"{key}\s*=", lines[n])), None)
        if value and at is not None:
            lines[at] = f"{key} = {value}"
    return "\n".join(lines)


def replaced(known: Sequence[Policy], policy: Policy) -> Policy:
    """The edition that would be in force on a policy's first day without it."""
    return choose([p for p in known if p.version != policy.version], policy.valid_from)


def check_edition(session: Session, policy: Policy, terms: Terms) -> Policy:
    """The edition it replaces; ``Conflict`` or ``InvalidInput`` when it cannot take that place."""
    known = policies(session)
    taken = {p.version for p in known} | {row.version for row in list_policy_rows(session)}
    if policy.version in taken:
        raise Conflict(
            f"The version {policy.version} is taken.", remedy="Give the edition a new version.",
            zh=f"版本号 {policy.version} 已被使用。", remedy_zh="请填写新的版本号。")
    base = replaced(known, policy)
    check_base(policy, terms.base or base.version, base)
    if policy.valid_from < base.valid_from and not terms.may_predate:
        raise InvalidInput(
            f"{policy.version} would take effect on {policy.valid_from}, before {base.version} did ({base.valid_from}).",
            remedy="Give a later day, or state that it may predate the edition it replaces.",
            zh=f"{policy.version} 的生效日 {policy.valid_from} 早于所替换版本 {base.version}（{base.valid_from}）。",
            remedy_zh="请改为更晚的日期，或注明允许早于所替换版本。")
    ahead = choose([*known, policy], policy.valid_from)
    if ahead.version != policy.version:
        raise InvalidInput(
            f"{policy.version} would never be in force: {ahead.version} begins on the same day and sorts after it.",
            remedy="Give a later day, or a version that sorts after that one.",
            zh=f"{policy.version} 不会生效：{ahead.version} 同日生效且排序在后。",
            remedy_zh="请改为更晚的日期，或使用排序在其后的版本号。")
    return base


def check_base(policy: Policy, base: str, current: Policy) -> None:
    """``Conflict`` when an edition was made from another one than it would replace."""
    if base != current.version:
        raise Conflict(
            f"{policy.version} was made from {base}, but on {policy.valid_from} {current.version} is in force.",
            remedy=f"Compare with {current.version}, take over what changed, and propose again on that base.",
            zh=f"{policy.version} 以 {base} 为基础，但 {policy.valid_from} 生效的是 {current.version}。",
            remedy_zh=f"请与 {current.version} 对照，并入其变化后以其为基础重新提出。",
            facts={"base": base, "current": current.version})


def preview(session: Session, policy: Policy, clock: Clock) -> tuple[Outcome, ...]:
    """What every situation of the database (at its last moment) and the region's real past
    activations would have been under a policy, beside the edition it replaces."""
    cases = (*situation_cases(session, clock.now()), *load_past())
    return compare(cases, replaced(policies(session), policy), policy)


def situation_cases(session: Session, now: datetime) -> tuple[Case, ...]:
    """Every situation but the merged, as it stood when the last was heard of it."""
    ground = read_ground(session)
    materials = {row.code: load(session, row.code) for row in list_rows(session, None)}
    found = []
    for code, material in materials.items():
        at = _last_moment(material, now)
        situation = describe(code, material, at, ground.names)
        others = [m for other, m in materials.items() if other != code]
        grades = grades_on(to_local(at).date())
        local = replace(ground, strong_elsewhere=_strong(others, situation, ground), grades=grades)
        found.append(Case(situation, local))
    return tuple(found)


def _last_moment(material: Material, now: datetime) -> datetime:
    heard = [*(a.sent for a in material.alerts), *(r.received_at for r in material.reports),
             *(e.at for e in material.entries)]
    return min(max(heard, default=now), now)


def _strong(others: Sequence[Material], situation: Situation, ground: Ground) -> dict[str, tuple[str, ...]]:
    """county → hazards at orange or above that other situations had there at that moment."""
    at = situation.as_of
    found: dict[str, set[str]] = {}
    for material in others:
        if not any(a.colour and a.colour.rank >= STRONG and a.sent <= at and (a.expires is None or a.expires > at)
                   and set(a.counties) & set(situation.counties) for a in material.alerts):
            continue
        for county, hazards in describe("", material, at, ground.names).county_hazards.items():
            found.setdefault(county, set()).update(h for h, c in hazards.items() if c.rank >= STRONG)
    return {c: tuple(sorted(h)) for c, h in found.items() if c in situation.counties and h}


def read_day(text: str, otherwise: date) -> date:
    """A day from an address or a form, as 2024-06-12; empty = the other one."""
    if not text.strip():
        return otherwise
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput(
            f"{text[:40]!r} is not a day.", remedy="Write for example 2024-06-12.",
            zh=f"{text[:40]!r} 不是日期。", remedy_zh="请写作 2024-06-12 的形式。") from error
