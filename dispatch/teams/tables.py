"""Rows of relief teams."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base

STATUSES = (
    "available", "standby", "mustering", "en_route", "on_site", "returning", "resting",
    "unavailable",
)


class TeamRow(Base):
    """One relief team."""

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
