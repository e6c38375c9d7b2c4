"""A need: how much of what, where, by when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatch.words import Words


@dataclass(frozen=True, slots=True)
class Covered:
    """Units of an item that already reach a county: on approved plans, and given out locally."""

    dispatched: int = 0
    local: int = 0


@dataclass(frozen=True, slots=True)
class NeedLine:
    """``quantity`` units of an item for one county; priority 1 is most urgent.

    ``gross`` is the whole need; what approved dispatches (``dispatched``) and local
    distributions (``local``) already cover is taken off.  ``kit_version`` names the contents
    of a kit.  ``to_warehouse`` is the site that pre-positioned goods go to.
    """

    county: str
    item_code: str
    quantity: int
    due_at: datetime
    priority: int
    basis: Words
    gross: int = 0
    dispatched: int = 0
    local: int = 0
    kit_version: str = ""
    to_warehouse: str = ""
