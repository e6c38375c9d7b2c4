"""Rows of relief teams, their people, kit, vehicles, drills and deployments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base, UtcDateTime
from dispatch.teams.model import DeploymentState, LogKind, MemberKind, MemberStatus, Muster

STATUSES = (
    "available", "standby", "mustering", "en_route", "on_site", "returning", "resting",
    "unavailable",
)
BIG_ID = BigInteger().with_variant(Integer(), "sqlite")


def _one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class TeamRow(Base):
    """One relief team; null ``self_sufficient_h`` and ``tour_days`` are those of the rule."""

    __tablename__ = "team"
    __table_args__ = (
        CheckConstraint(
            "status IN (" + ", ".join(f"'{s}'" for s in STATUSES) + ")", name="status_known"
        ),
    )
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(100))
    tier: Mapped[str] = mapped_column(String(10))
    league_adcode: Mapped[str] = mapped_column(String(6))
    home_county: Mapped[str] = mapped_column(ForeignKey("county.adcode"))
    speciality: Mapped[str] = mapped_column(String(20))
    staff: Mapped[int]
    volunteers: Mapped[int]
    status: Mapped[str] = mapped_column(String(12))
    is_assumption: Mapped[bool]
    organisation: Mapped[str | None] = mapped_column(String(120))
    self_sufficient_h: Mapped[int | None]
    tour_days: Mapped[int | None]
    rested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MemberRow(Base):
    """One person of a team or one who asked to join; ``account`` is how they log in.

    A telephone belongs to one person who has not left: nobody is in two teams at once.
    """

    __tablename__ = "team_member"
    __table_args__ = (
        _one_of("kind", MemberKind),
        _one_of("status", MemberStatus),
        Index(
            "uq_team_member_phone_here", "phone", unique=True,
            sqlite_where=text("status IN ('applied', 'active', 'paused')"),
            postgresql_where=text("status IN ('applied', 'active', 'paused')"),
        ),
    )
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    team_code: Mapped[str] = mapped_column(ForeignKey("team.code"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(12))
    phone: Mapped[str | None] = mapped_column(String(20))
    roles: Mapped[str] = mapped_column(String(200))
    languages: Mapped[str] = mapped_column(String(80))
    account: Mapped[str | None] = mapped_column(ForeignKey("account.name"), unique=True)
    applied_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_by: Mapped[str] = mapped_column(String(80))
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reviewed_by: Mapped[str | None] = mapped_column(String(80))
    review_note: Mapped[str] = mapped_column(String(400))
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NextOfKinRow(Base):
    """Whom to call when something happens to a member; held apart from the roster."""

    __tablename__ = "team_next_of_kin"
    member: Mapped[str] = mapped_column(ForeignKey("team_member.code"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    relation: Mapped[str] = mapped_column(String(20))
    phone: Mapped[str] = mapped_column(String(20))


class CertificateRow(Base):
    """A skill proven on a day and until a day (null: for life)."""

    __tablename__ = "team_certificate"
    __table_args__ = (
        UniqueConstraint("member", "skill", "issued_on"),
        CheckConstraint("expires_on IS NULL OR expires_on >= issued_on", name="expires_after_issue"),
    )
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    member: Mapped[str] = mapped_column(ForeignKey("team_member.code"), index=True)
    skill: Mapped[str] = mapped_column(String(20))
    issued_on: Mapped[date]
    expires_on: Mapped[date | None]
    issuer: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(60))


class TeamKitRow(Base):
    """What a team has of one line of its kit list."""

    __tablename__ = "team_kit"
    __table_args__ = (CheckConstraint("have >= 0", name="have_not_negative"),)
    team_code: Mapped[str] = mapped_column(ForeignKey("team.code"), primary_key=True)
    item: Mapped[str] = mapped_column(String(40), primary_key=True)
    have: Mapped[int]
    checked_on: Mapped[date]


class TeamVehicleRow(Base):
    """A vehicle a team drives itself."""

    __tablename__ = "team_vehicle"
    __table_args__ = (CheckConstraint("seats >= 0", name="seats_not_negative"),)
    plate: Mapped[str] = mapped_column(String(20), primary_key=True)
    team_code: Mapped[str] = mapped_column(ForeignKey("team.code"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    seats: Mapped[int]
    is_fit: Mapped[bool]
    checked_on: Mapped[date]


class TeamDrillRow(Base):
    """A drill or training day."""

    __tablename__ = "team_drill"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    team_code: Mapped[str] = mapped_column(ForeignKey("team.code"), index=True)
    held_on: Mapped[date]
    title: Mapped[str] = mapped_column(String(120))
    recorded_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AttendanceRow(Base):
    """Who was at a drill."""

    __tablename__ = "team_attendance"
    drill: Mapped[str] = mapped_column(ForeignKey("team_drill.code"), primary_key=True)
    member: Mapped[str] = mapped_column(ForeignKey("team_member.code"), primary_key=True)


class ReadinessRow(Base):
    """Readiness of a team on a day, in thousandths, with its factors (JSON)."""

    __tablename__ = "team_readiness"
    team_code: Mapped[str] = mapped_column(ForeignKey("team.code"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    per_mille: Mapped[int | None]
    factors: Mapped[str] = mapped_column(Text)


class DeploymentRow(Base):
    """One team sent to one county; times are null until they have come.

    A team is in one deployment at a time until it rests.
    """

    __tablename__ = "deployment"
    __table_args__ = (
        _one_of("state", DeploymentState),
        Index(
            "uq_deployment_team_out", "team_code", unique=True,
            sqlite_where=text("state NOT IN ('closed', 'stood_down')"),
            postgresql_where=text("state NOT IN ('closed', 'stood_down')"),
        ),
        UniqueConstraint("submit_key"),
    )
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    team_code: Mapped[str] = mapped_column(ForeignKey("team.code"), index=True)
    county: Mapped[str] = mapped_column(ForeignKey("county.adcode"))
    proposal: Mapped[str | None] = mapped_column(String(40), index=True)
    state: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    alerted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    muster_by: Mapped[datetime] = mapped_column(UtcDateTime)
    expected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    on_site_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tour_ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_check_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    relieves: Mapped[str | None] = mapped_column(ForeignKey("deployment.code"))
    created_by: Mapped[str] = mapped_column(String(80))
    submit_key: Mapped[str] = mapped_column(String(120))


class MusterRow(Base):
    """A member called for a deployment and what they answered; the key opens the phone page."""

    __tablename__ = "deployment_member"
    __table_args__ = (_one_of("muster", Muster), UniqueConstraint("key_sha256"))
    deployment: Mapped[str] = mapped_column(ForeignKey("deployment.code"), primary_key=True)
    member: Mapped[str] = mapped_column(ForeignKey("team_member.code"), primary_key=True)
    muster: Mapped[str] = mapped_column(String(12))
    key_sha256: Mapped[str | None] = mapped_column(String(64))
    called_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LogRow(Base):
    """The log book of a deployment; only ever added."""

    __tablename__ = "deployment_log"
    __table_args__ = (_one_of("kind", LogKind), UniqueConstraint("submit_key"))
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    deployment: Mapped[str] = mapped_column(ForeignKey("deployment.code"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(12))
    detail: Mapped[str] = mapped_column(Text)
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    submit_key: Mapped[str] = mapped_column(String(120))
