"""Levels, criteria and the activation the engine decides."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.words import Words

ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV"}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One threshold tried: what was seen, what is asked, whether it is met."""

    name: str
    tier: str
    level: int
    observed: int | float | str | None
    threshold: int | float | str
    met: bool
    source: str
    words: Words


@dataclass(frozen=True, slots=True)
class Activation:
    """The engine's answer.

    ``level`` 1 (most severe) … 4, or None when nothing is met.  ``stage`` is
    ``watch``, ``pre_alert`` or ``response``.  ``stock_share_percent`` is the
    share of its own stock a warehouse may send; ``opens_safety_stock`` whether
    minimum stock may be drawn; ``source_tiers`` which warehouse tiers may send;
    hours are counted from the activation.
    """

    level: int | None
    stage: str
    lead_tier: str
    criteria: tuple[Criterion, ...]
    reasons: tuple[Words, ...]
    policy_version: str
    is_assumption: bool
    approver_role: str
    stock_share_percent: int
    opens_safety_stock: bool
    source_tiers: tuple[str, ...]
    first_goods_on_road_h: int
    first_goods_there_h: int
    teams_to_send: int
    muster_h: int
