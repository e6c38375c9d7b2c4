"""People who may log in."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base

ROLES = ("viewer", "storekeeper", "planner", "approver", "exercise_leader", "auditor", "administrator")


class AccountRow(Base):
    """One person: a role and the place whose work they do."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("role IN (" + ", ".join(f"'{r}'" for r in ROLES) + ")", name="role_known"),
    )
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    display_zh: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(6))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_demo: Mapped[bool]
