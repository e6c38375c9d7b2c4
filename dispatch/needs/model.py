"""A need: how much of what, where, by when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatch.words import Words


@dataclass(frozen=True, slots=True)
class NeedLine:
    """``quantity`` units of an item for one county; priority 1 is most urgent."""

    county: str
    item_code: str
    quantity: int
    due_at: datetime
    priority: int
    basis: Words
