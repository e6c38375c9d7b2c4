"""Gathers every table so that ``metadata`` is whole (migrations, tests)."""

from __future__ import annotations

import dispatch.accounts.tables
import dispatch.alerts.tables
import dispatch.audit.tables
import dispatch.demo_time
import dispatch.exchange.tables
import dispatch.exercises.tables
import dispatch.geography.tables
import dispatch.inventory.tables
import dispatch.money.tables
import dispatch.notices.tables
import dispatch.operations.tables
import dispatch.plans.tables
import dispatch.proposals.tables
import dispatch.routing.tables
import dispatch.teams.tables
import dispatch.warehousing.tables
import dispatch.waybills.tables  # noqa: F401
from dispatch.db import Base

metadata = Base.metadata
