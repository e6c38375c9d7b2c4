"""What is done to accounts, each act on record: made, disabled, moved, passwords, second factors."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dispatch.accounts.attempts import Caller
from dispatch.accounts.passwords import check_password
from dispatch.accounts.rights import ROLES
from dispatch.accounts.rules import LoginRule
from dispatch.accounts.second_factor import (
    STEP_S,
    new_recovery_codes,
    recovery_hash,
    step_of,
    unseal,
)
from dispatch.accounts.sessions import end_all
from dispatch.accounts.store import as_dict, check_login, hash_password
from dispatch.accounts.tables import AccountRow, ApiKeyRow
from dispatch.audit.store import Act, record
from dispatch.errors import Conflict, InvalidInput, NotFound, Refused
from dispatch.geography.store import list_names
from dispatch.places import REGION_ADCODE, is_within

NAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
OPERATOR = "operator"
"""Who acts at the server's own command line."""
MOST_DISPLAY = 40


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A person about to get an account."""

    name: str
    display_zh: str
    role: str
    place: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Who administers (None: the operator at the server's command line), from where and when."""

    account: dict[str, Any] | None
    caller: Caller

    @property
    def name(self) -> str:
        """The name on record."""
        return OPERATOR if self.account is None else str(self.account["name"])


def add_account(session: Session, desk: Desk, wish: NewAccount) -> str:
    """Make an account; its first password, to be changed at the first login.  Raises ``InvalidInput``, ``Conflict``."""
    display = wish.display_zh.strip()
    if not NAME.fullmatch(wish.name) or not 0 < len(display) <= MOST_DISPLAY or not display.isprintable():
        raise InvalidInput(
            "A name has 2 to 40 small letters, digits, dots or dashes and begins with a letter; a person's name has 1 to 40 characters.",
            remedy="Write for example w.li and 李伟.",
            zh="账号须以小写字母开头，由 2 至 40 个小写字母、数字、点或短横组成；姓名为 1 至 40 字。", remedy_zh="例如 w.li 和 李伟。",
        )
    _check_post(session, desk, wish.role, wish.place)
    if session.get(AccountRow, wish.name) is not None:
        raise Conflict(f"There is an account {wish.name} already.", remedy="Take another name.",
                       zh=f"账号 {wish.name} 已存在。", remedy_zh="请换一个账号名。")
    password = _one_time()
    session.add(AccountRow(name=wish.name, display_zh=display, role=wish.role, place=wish.place,
                           password_hash=hash_password(password), is_demo=False, must_change=True))
    session.flush()
    _tell(session, desk, "account.added", wish.name, f"{wish.role} {wish.place}")
    return password


def change_post(session: Session, desk: Desk, name: str, role: str, place: str) -> None:
    """Give an account another role or place; it has to log in again."""
    row = _row(session, desk, name)
    _check_post(session, desk, role, place)
    before = f"{row.role} {row.place}"
    row.role, row.place = role, place
    end_all(session, name)
    session.flush()
    _tell(session, desk, "account.moved", name, f"{before} -> {role} {place}")


def disable(session: Session, desk: Desk, name: str, *, back: bool = False) -> None:
    """Shut an account out at once, or let it in again."""
    row = _row(session, desk, name)
    row.disabled_at = None if back else desk.caller.at
    end_all(session, name)
    session.flush()
    _tell(session, desk, "account.enabled" if back else "account.disabled", name)


def reset_password(session: Session, desk: Desk, name: str) -> str:
    """A new one-time password; whoever is logged in under the name is logged out, its keys end."""
    row = _row(session, desk, name)
    if row.is_demo:
        raise Refused("The password of a demo account stays as it is shown.", remedy="Make an account of your own.",
                      zh="演示账号的密码不可修改。", remedy_zh="请另建账号。")
    password = _one_time()
    row.password_hash, row.must_change, row.password_changed_at = hash_password(password), True, desk.caller.at
    end_all(session, name)
    session.execute(update(ApiKeyRow).where(ApiKeyRow.account == name, ApiKeyRow.revoked_at.is_(None)).values(revoked_at=desk.caller.at))
    session.flush()
    _tell(session, desk, "account.password_reset", name)
    return password


def reset_factor(session: Session, desk: Desk, name: str) -> None:
    """Forget a second factor that was lost; one that is required is set up at the next login."""
    row = _row(session, desk, name)
    _drop_factor(row)
    end_all(session, name)
    session.flush()
    _tell(session, desk, "account.factor_reset", name)


def change_password(session: Session, name: str, words: tuple[str, str], rule: LoginRule, caller: Caller) -> None:
    """A person's own new password, from (old, new); raises ``Refused``, ``InvalidInput``."""
    old, new = words
    row = session.get_one(AccountRow, name)
    if row.is_demo:
        raise Refused("The password of a demo account stays as it is shown.", remedy="Make an account of your own.",
                      zh="演示账号的密码不可修改。", remedy_zh="请另建账号。")
    if check_login(session, name, old) is None:
        raise Refused("The present password is not right.", remedy="Type it again.", zh="当前密码不正确。", remedy_zh="请重新输入。")
    if new == old:
        raise InvalidInput("The new password is the old one.", remedy="Take another.", zh="新密码与当前密码相同。", remedy_zh="请更换。")
    check_password(new, (row.name, row.display_zh), rule)
    row.password_hash, row.must_change, row.password_changed_at = hash_password(new), False, caller.at
    session.flush()
    record(session, Act(name, "account.password_changed", f"account:{name}"), caller.told_at)


def set_factor(session: Session, name: str, sealed: str, rule: LoginRule, caller: Caller) -> tuple[str, ...]:
    """Keep a second factor (its sealed secret) whose code was right once; the recovery codes, to be shown once."""
    row = session.get_one(AccountRow, name)
    codes = new_recovery_codes(rule.recovery_codes)
    row.factor_secret, row.recovery_hashes = sealed, "\n".join(recovery_hash(code) for code in codes)
    row.factor_step = int(caller.at.timestamp()) // STEP_S
    session.flush()
    record(session, Act(name, "account.factor_set", f"account:{name}"), caller.told_at)
    return codes


def drop_factor(session: Session, name: str, caller: Caller) -> None:
    """A person does without a second factor again."""
    _drop_factor(session.get_one(AccountRow, name))
    session.flush()
    record(session, Act(name, "account.factor_dropped", f"account:{name}"), caller.told_at)


def use_code(session: Session, name: str, code: str, key: str, caller: Caller) -> bool:
    """Whether a code of the second factor is right and new, or a recovery code is; either is used up."""
    row = session.get(AccountRow, name, with_for_update=True, populate_existing=True)
    secret = unseal(row.factor_secret, key) if row and row.factor_secret else None
    if row is None or row.disabled_at is not None:
        return False
    step = step_of(secret, code, caller.at, row.factor_step) if secret else None
    if step is not None:
        row.factor_step = step
        session.flush()
        return True
    hashes = row.recovery_hashes.split()
    given = recovery_hash(code)
    if given not in hashes:
        return False
    row.recovery_hashes = "\n".join(h for h in hashes if h != given)
    session.flush()
    record(session, Act(name, "account.recovery_code_used", f"account:{name}", f"{len(hashes) - 1} left"), caller.told_at)
    return True


def list_people(session: Session, area: str) -> list[dict[str, Any]]:
    """Accounts of an area, by place and name."""
    rows = session.scalars(select(AccountRow).order_by(AccountRow.place, AccountRow.name))
    return [as_dict(row) for row in rows if is_within(row.place, area)]


def needs_factor(account: dict[str, Any], rule: LoginRule) -> bool:
    """True where the rule asks for a second factor that the account has not set up; demo people go without."""
    return account["role"] in rule.second_factor_roles and not account["is_demo"] and not account["has_factor"]


def _check_post(session: Session, desk: Desk, role: str, place: str) -> None:
    if role not in ROLES or (place != REGION_ADCODE and place not in list_names(session)):
        raise InvalidInput(f"There is no role {role[:20]!r} or no place {place[:10]!r}.", remedy="Choose both from the lists.",
                           zh=f"没有角色 {role[:20]!r} 或地区 {place[:10]!r}。", remedy_zh="请从列表中选择。")
    if desk.account is not None and not is_within(place, desk.account["place"]):
        raise Refused(f"{place} lies outside {desk.account['place']}.", remedy="Ask the region's administrator.",
                      zh=f"{place} 不在您管理的地区内。", remedy_zh="请由自治区管理员办理。")


def _row(session: Session, desk: Desk, name: str) -> AccountRow:
    row = session.get(AccountRow, name, with_for_update=True, populate_existing=True)
    if row is None or (desk.account is not None and not is_within(row.place, desk.account["place"])):
        raise NotFound(f"There is no account {name[:40]!r} here.", remedy="Choose one from the list.",
                       zh=f"本地区没有账号 {name[:40]!r}。", remedy_zh="请从列表中选择。")
    if desk.name == name:
        raise Refused("Nobody administers their own account.", remedy="Ask another administrator.",
                      zh="不能管理自己的账号。", remedy_zh="请由另一位管理员办理。")
    return row


def _drop_factor(row: AccountRow) -> None:
    row.factor_secret, row.recovery_hashes, row.factor_step = "", "", 0


def _one_time() -> str:
    """80 random bits in groups that can be read out over a telephone."""
    return new_recovery_codes(1)[0] + "-" + secrets.token_hex(2)


def _tell(session: Session, desk: Desk, action: str, name: str, detail: str = "") -> None:
    record(session, Act(desk.name, action, f"account:{name}", detail), desk.caller.told_at)
