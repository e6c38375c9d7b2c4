"""Levels, criteria and the activation the engine decides."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.words import Words

ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV"}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One threshold tried: what was seen, what is asked, whether it is met.

    ``basis`` tells what stands behind it: ``reported``, ``forecast`` (judged likely),
    ``lowered`` (a reason code lowers the threshold), ``linked`` (a neighbour's level),
    ``government`` (a mirrored level), ``warning`` or ``grade`` (a measure of the hazard).
    ``place`` is the adcode it was tried for.
    """

    name: str
    tier: str
    level: int
    observed: int | float | str | None
    threshold: int | float | str
    met: bool
    source: str
    words: Words
    place: str = "150000"
    basis: str = "reported"
    is_assumption: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """What separates a place from another level.

    Upwards ``missing`` more reach ``threshold``; downwards the figure would have to fall by
    ``missing``, below ``threshold``.  Warnings, grades and government levels have no number to
    count down: ``missing`` is 0 and the words tell.
    """

    name: str
    tier: str
    place: str
    observed: int | float | str | None
    threshold: int | float | str
    missing: int
    words: Words


@dataclass(frozen=True, slots=True)
class PlaceLevel:
    """A place's level by its own tier's table, with every criterion tried there."""

    tier: str
    place: str
    level: int | None
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Activation:
    """The engine's answer.

    ``level`` 1 (most severe) … 4, or None when nothing is met.  ``stage`` is ``watch``,
    ``pre_alert`` or ``response``; ``kind`` is what is drafted: ``watch`` nothing,
    ``standby`` a stand-by list, ``preposition`` moves towards the area, ``dispatch`` goods
    to people.  ``stock_share_percent`` is the share of its own stock a warehouse may send;
    ``opens_safety_stock`` whether minimum stock may be drawn; ``source_tiers`` which
    warehouse tiers may send; hours are counted from the activation.  ``places`` holds the
    level of each place by its own tier's table.  ``special`` marks a response outside the levels.
    """

    level: int | None
    stage: str
    kind: str
    lead_tier: str
    criteria: tuple[Criterion, ...]
    places: tuple[PlaceLevel, ...]
    reasons: tuple[Words, ...]
    next_up_level: int | None
    next_up: tuple[Step, ...]
    next_down: tuple[Step, ...]
    policy_version: str
    is_assumption: bool
    approver_role: str
    approved_by: Words
    proposed_by: Words
    duty: Words
    stock_share_percent: int
    opens_safety_stock: bool
    source_tiers: tuple[str, ...]
    first_goods_on_road_h: int
    first_goods_there_h: int
    teams_to_send: int
    muster_h: int
    special: bool = False
