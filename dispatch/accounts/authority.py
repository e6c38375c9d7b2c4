"""Authority to approve that is not one's own: lent by an approver until an end, or taken in an emergency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dispatch.accounts.rights import check
from dispatch.accounts.rules import LoginRule
from dispatch.accounts.store import get_account
from dispatch.accounts.tables import AccountRow, BreakGlassRow, DelegationRow
from dispatch.audit.store import Act, record
from dispatch.errors import Conflict, InvalidInput, NotFound, Refused
from dispatch.places import is_within

RECEIVERS = ("planner", "approver")
MOST_WORDS = 500
MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class Loan:
    """Authority somebody acts under: in what role and for what place, in whose name, and the words for it."""

    role: str
    place: str
    giver: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Lending:
    """A wish to lend one's authority."""

    receiver: str
    reason: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Taking:
    """A wish to take authority: why, and for how many hours."""

    reason: str
    hours: int


def lend(session: Session, giver: str, wish: Lending, rule: LoginRule, now: datetime) -> int:
    """Lend the authority to approve; its number.  Raises ``Refused``, ``InvalidInput``, ``NotFound``."""
    account = get_account(session, giver)
    check(account, "delegation.give")
    other = get_account(session, wish.receiver)
    if not 0 < len(wish.reason.strip()) <= MOST_WORDS or not now < wish.ends_at <= now + timedelta(days=rule.delegation_days_most):
        raise InvalidInput(
            f"A delegation needs a reason and an end within {rule.delegation_days_most} days.", remedy="Fill in both.",
            zh=f"委托须写明原因，并在 {rule.delegation_days_most} 天内到期。", remedy_zh="请填写完整。",
        )
    is_near = is_within(other["place"], account["place"]) or is_within(account["place"], other["place"])
    if other["name"] == giver or other["role"] not in RECEIVERS or not is_near:
        raise Refused(
            f"{wish.receiver} cannot take this authority.", remedy="Choose another planner or approver of your place, or of one above or below it.",
            zh=f"不能委托给 {wish.receiver}。", remedy_zh="请选择本地区或其上下级的另一位计划员或审批人。",
        )
    row = DelegationRow(giver=giver, receiver=wish.receiver, reason=wish.reason.strip(), begins_at=now, ends_at=wish.ends_at)
    session.add(row)
    session.flush()
    record(session, Act(giver, "delegation.given", f"delegation:{row.id}", f"{wish.receiver} until {wish.ends_at.isoformat()}: {row.reason}"), now)
    return row.id


def take_back(session: Session, giver: str, number: int, now: datetime) -> None:
    """End a delegation one gave; raises ``NotFound``."""
    row = session.get(DelegationRow, number)
    if row is None or row.giver != giver:
        raise NotFound(f"There is no delegation {number} of yours.", remedy="Choose one from the list.",
                       zh=f"您没有编号为 {number} 的委托。", remedy_zh="请从列表中选择。")
    if row.revoked_at is None:
        row.revoked_at = now
        session.flush()
        record(session, Act(giver, "delegation.ended", f"delegation:{number}"), now)


def break_glass(session: Session, name: str, wish: Taking, rule: LoginRule, now: datetime) -> BreakGlassRow:
    """Take authority for one's own place where nobody who has it can be reached.

    Raises ``NoRight``, ``InvalidInput`` or ``Conflict`` (one is open already).
    """
    account = get_account(session, name)
    check(account, "glass.take")
    words, hours = " ".join(wish.reason.split()), wish.hours
    if not rule.glass_reason_least <= len(words) <= MOST_WORDS or not 1 <= hours <= rule.glass_hours_most:
        raise InvalidInput(
            f"A reason of at least {rule.glass_reason_least} characters and 1 to {rule.glass_hours_most} hours are needed.",
            remedy="Say whom you tried to reach, and how.",
            zh=f"原因至少 {rule.glass_reason_least} 字，时长 1 至 {rule.glass_hours_most} 小时。", remedy_zh="请写明已联系过谁、用什么方式。",
        )
    if _open_glass(session, name, now):
        raise Conflict("You hold an emergency authority already.", remedy="It lasts until its end.",
                       zh="您已持有紧急授权。", remedy_zh="可在到期前使用。")
    row = BreakGlassRow(account=name, place=account["place"], reason=words, began_at=now, ends_at=now + timedelta(hours=hours))
    session.add(row)
    session.flush()
    record(session, Act(name, "glass.broken", f"glass:{row.id}", f"{row.place} {hours} h: {words}"), now)
    return row


def close_glass(session: Session, name: str, number: int, now: datetime) -> None:
    """Give an emergency authority back before its end."""
    row = session.get(BreakGlassRow, number)
    if row is None or row.account != name:
        raise NotFound(f"There is no emergency authority {number} of yours.", remedy="Choose one from the list.",
                       zh=f"您没有编号为 {number} 的紧急授权。", remedy_zh="请从列表中选择。")
    if row.closed_at is None and now < row.ends_at:
        row.closed_at = now
        session.flush()
        record(session, Act(name, "glass.closed", f"glass:{number}"), now)


def review_glass(session: Session, name: str, number: int, finding: str, now: datetime) -> None:
    """Say, as a second person, what came of an emergency authority that is over."""
    account = get_account(session, name)
    check(account, "glass.review")
    row = session.get(BreakGlassRow, number, with_for_update=True)
    if row is None or not is_within(row.place, account["place"]):
        raise NotFound(f"There is no emergency authority {number} here.", remedy="Choose one from the list.",
                       zh=f"本地区没有编号为 {number} 的紧急授权。", remedy_zh="请从列表中选择。")
    words = finding.strip()
    if row.account == name or row.reviewed_at is not None or (row.closed_at is None and now < row.ends_at):
        raise Conflict("It is one's own, reviewed already, or not over yet.", remedy="A second person reviews it after its end.",
                       zh="不能复核本人的授权、已复核的授权或尚未结束的授权。", remedy_zh="请在结束后由第二人复核。")
    if not 0 < len(words) <= MOST_WORDS:
        raise InvalidInput("A review says what was found.", remedy="Write what was approved and whether it was right.",
                           zh="复核须写明结论。", remedy_zh="请写明批准了什么、是否适当。")
    row.reviewed_by, row.reviewed_at, row.finding = name, now, words
    session.flush()
    record(session, Act(name, "glass.reviewed", f"glass:{number}", words), now)


def loans_of(session: Session, name: str, now: datetime) -> list[Loan]:
    """Authority a person may act under now besides their own: what was lent first, then what was taken.

    A loan counts only while its giver could act: not disabled, and an approver still.
    """
    lent = session.execute(
        select(DelegationRow, AccountRow).join(AccountRow, AccountRow.name == DelegationRow.giver)
        .where(DelegationRow.receiver == name, DelegationRow.revoked_at.is_(None), DelegationRow.begins_at <= now,
               DelegationRow.ends_at > now, AccountRow.disabled_at.is_(None), AccountRow.role == "approver")
        .order_by(DelegationRow.id)
    )
    found = [
        Loan(giver.role, giver.place, giver.name, f"受 {giver.name} 委托（编号 {row.id}）", f"under delegation {row.id} of {giver.name}")
        for row, giver in lent
    ]
    return found + [
        Loan("approver", row.place, "", f"依据紧急授权（编号 {row.id}）", f"under emergency authority {row.id}")
        for row in _open_glass(session, name, now)
    ]


def list_delegations(session: Session, name: str, now: datetime) -> list[dict[str, Any]]:
    """Authority one lent or was lent, newest first."""
    rows = session.scalars(
        select(DelegationRow).where(or_(DelegationRow.giver == name, DelegationRow.receiver == name))
        .order_by(DelegationRow.id.desc()).limit(MOST_LISTED)
    )
    return [
        {"id": row.id, "giver": row.giver, "receiver": row.receiver, "reason": row.reason, "ends_at": row.ends_at.isoformat(),
         "is_open": row.revoked_at is None and row.ends_at > now}
        for row in rows
    ]


def list_receivers(session: Session, account: dict[str, Any]) -> list[dict[str, Any]]:
    """Whom somebody may lend their authority to."""
    rows = session.scalars(select(AccountRow).where(
        AccountRow.role.in_(RECEIVERS), AccountRow.disabled_at.is_(None), AccountRow.name != account["name"],
    ).order_by(AccountRow.place, AccountRow.name))
    return [{"name": row.name, "display_zh": row.display_zh} for row in rows
            if is_within(row.place, account["place"]) or is_within(account["place"], row.place)]


def list_glass(session: Session, area: str, now: datetime) -> list[dict[str, Any]]:
    """Emergency authority taken in an area, newest first."""
    rows = session.scalars(select(BreakGlassRow).order_by(BreakGlassRow.id.desc()).limit(MOST_LISTED))
    return [_glass(row, now) for row in rows if is_within(row.place, area)]


def open_glass(session: Session, now: datetime) -> list[dict[str, Any]]:
    """Every emergency authority in force, for the banner on all pages."""
    query = select(BreakGlassRow).where(BreakGlassRow.ends_at > now, BreakGlassRow.closed_at.is_(None)).order_by(BreakGlassRow.id)
    return [_glass(row, now) for row in session.scalars(query)]


def _open_glass(session: Session, name: str, now: datetime) -> list[BreakGlassRow]:
    return list(session.scalars(select(BreakGlassRow).where(
        BreakGlassRow.account == name, BreakGlassRow.began_at <= now, BreakGlassRow.ends_at > now, BreakGlassRow.closed_at.is_(None),
    ).order_by(BreakGlassRow.id)))


def _glass(row: BreakGlassRow, now: datetime) -> dict[str, Any]:
    return {
        "id": row.id, "account": row.account, "place": row.place, "reason": row.reason, "began_at": row.began_at.isoformat(),
        "ends_at": (row.closed_at or row.ends_at).isoformat(), "is_open": row.closed_at is None and row.ends_at > now,
        "reviewed_by": row.reviewed_by, "finding": row.finding,
    }
