"""People who may log in, and what shows that they are they: attempts, sessions, keys, authority lent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.accounts.rights import ROLES
from dispatch.db import Base, UtcDateTime

SCOPES = ("read", "gps", "notices", "all")


def _number() -> Mapped[int]:
    return mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN (" + ", ".join(f"'{value}'" for value in values) + ")"


class AccountRow(Base):
    """One person: a role and the place whose work they do.

    ``must_change``: the password was set by somebody else.  ``factor_secret`` is sealed (empty = no
    second factor), ``factor_step`` the last time step a code was accepted for, ``recovery_hashes``
    those of the codes not used yet, one a line.
    """

    __tablename__ = "account"
    __table_args__ = (CheckConstraint(_one_of("role", ROLES), name="role_known"),)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    display_zh: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(6))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_demo: Mapped[bool]
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    must_change: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    factor_secret: Mapped[str] = mapped_column(String(300), default="")
    factor_step: Mapped[int] = mapped_column(BigInteger, default=0)
    recovery_hashes: Mapped[str] = mapped_column(Text, default="")


class LoginAttemptRow(Base):
    """One try to prove who one is; ``name`` is hashed where no account has it (people type passwords there)."""

    __tablename__ = "login_attempt"
    __table_args__ = (Index(None, "name", "at"),)
    id: Mapped[int] = _number()
    name: Mapped[str] = mapped_column(String(64))
    remote: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    is_right: Mapped[bool]


class WebSessionRow(Base):
    """A browser that is logged in, by the hash of what it carries.

    ``proved_at``: when the person last showed a password or code.
    """

    __tablename__ = "web_session"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.name"), index=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    proved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    remote: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(160))


class ApiKeyRow(Base):
    """A key a program uses in a person's name, by its hash; ``code`` is the part people see."""

    __tablename__ = "api_key"
    __table_args__ = (CheckConstraint(_one_of("scope", SCOPES), name="scope_known"),)
    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64))
    account: Mapped[str] = mapped_column(ForeignKey("account.name"), index=True)
    label: Mapped[str] = mapped_column(String(60))
    scope: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DelegationRow(Base):
    """The authority to approve that one person lends another until an end."""

    __tablename__ = "delegation"
    __table_args__ = (CheckConstraint("giver <> receiver", name="two_people"),)
    id: Mapped[int] = _number()
    giver: Mapped[str] = mapped_column(ForeignKey("account.name"), index=True)
    receiver: Mapped[str] = mapped_column(ForeignKey("account.name"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    begins_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BreakGlassRow(Base):
    """Authority taken in an emergency by somebody who has none, and what a second person found afterwards."""

    __tablename__ = "break_glass"
    id: Mapped[int] = _number()
    account: Mapped[str] = mapped_column(ForeignKey("account.name"), index=True)
    place: Mapped[str] = mapped_column(String(6))
    reason: Mapped[str] = mapped_column(Text)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reviewed_by: Mapped[str | None] = mapped_column(String(40))
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finding: Mapped[str] = mapped_column(Text, default="")
