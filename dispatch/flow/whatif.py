"""What if: level, needs and reserve for figures that nobody has reported.  Looks, never writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.alerts.model import Situation
from dispatch.alerts.situations import codes_of, get_row
from dispatch.boundaries import load_boundaries
from dispatch.clock import to_local
from dispatch.errors import InvalidInput
from dispatch.flow.gather import (
    approved_bodies,
    covered,
    grades_on,
    ground_of,
    read_situation,
    strong_elsewhere,
)
from dispatch.flow.questions import Question, suppose
from dispatch.geography.store import list_counties, list_names
from dispatch.inventory.book import warehouse_of
from dispatch.inventory.fefo import Use, why_not
from dispatch.inventory.model import Item, Tier
from dispatch.inventory.store import list_items
from dispatch.inventory.tables import BalanceRow, FreezeRow, LotRow, MinimumRow, WarehouseRow
from dispatch.needs.estimate import Setting, estimate
from dispatch.needs.exposure_table import ExposureTable, load_exposure
from dispatch.needs.standards import Standards, load_standards
from dispatch.places import County
from dispatch.plans.engine import assess
from dispatch.plans.ground import Ground
from dispatch.plans.model import Activation
from dispatch.plans.policy import Policy
from dispatch.plans.store import policy_at


@dataclass(frozen=True, slots=True)
class Pile:
    """Free units of one sound lot at one warehouse."""

    warehouse: str
    tier: Tier
    lot_code: str
    item: str
    available: int
    expires_on: date | None
    restriction: str | None
    area: str | None


@dataclass(frozen=True)
class Known:
    """What an answer rests on beside the question; plain values."""

    counties: Mapping[str, County]
    ground: Ground
    policy: Policy
    setting: Setting
    items: Mapping[str, Item]
    piles: Sequence[Pile]
    minimum: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """One item: units needed, usable at the level, missing, and left in all warehouses
    afterwards, against the sum of their minimum stock."""

    item: Item
    need: int
    usable: int
    left: int
    minimum: int

    @property
    def short(self) -> int:
        """Units that the usable stock does not cover."""
        return max(0, self.need - self.usable)


@dataclass(frozen=True)
class Answer:
    """The engine's answer and what it would draw on the stock."""

    situation: Situation
    activation: Activation
    items: tuple[ItemAnswer, ...]
    policy: Policy


def what_if(session: Session, question: Question, at: datetime) -> Answer:
    """Level, needs and reserve for a question at a moment; nothing is stored.

    Raises ``InvalidInput`` for a place there is not, ``NotFound`` for a situation there is not.
    """
    counties, names = list_counties(session), list_names(session)
    if question.place not in names:
        raise _unknown_place(question.place)
    ground = ground_of(counties, names)
    base = read_situation(session, get_row(session, question.situation).code, at, ground) if question.situation else None
    by_code = {c.adcode: c for c in counties}
    situation = suppose(question, by_code, at, base)
    others: dict[str, tuple[str, ...]] = {}
    taken = {}
    if base is not None:
        others = strong_elsewhere(session, situation)
        taken = covered(session, situation, approved_bodies(session, codes_of(session, base.code)))
    day = to_local(at).date()
    known = Known(
        by_code, replace(ground, strong_elsewhere=others, grades=grades_on(day)), policy_at(session, day),
        Setting(by_code, _standards_on(day), _exposure_on(day), load_boundaries(), taken), {i.code: i for i in list_items(session)},
        *read_stock(session),
    )
    return answer(situation, known)


@cache
def _exposure_on(day: date) -> ExposureTable:
    return load_exposure(day)


@cache
def _standards_on(day: date) -> Standards:
    return load_standards(day)


def read_stock(session: Session) -> tuple[list[Pile], dict[tuple[str, str], int]]:
    """Free units of sound lots that are not being counted, and the minimum stock.

    Plain columns: the whole snapshot as objects takes ten times as long.
    """
    tiers = {code: Tier(tier) for code, tier in session.execute(select(WarehouseRow.code, WarehouseRow.tier))}
    rows = session.execute(
        select(BalanceRow.place, LotRow.code, LotRow.item_code, BalanceRow.on_hand - BalanceRow.reserved,
               LotRow.expires_on, LotRow.restriction, LotRow.area)
        .join(LotRow, LotRow.code == BalanceRow.lot_code)
        .outerjoin(FreezeRow, (FreezeRow.place == BalanceRow.place) & (FreezeRow.lot_code == BalanceRow.lot_code))
        .where(BalanceRow.place.startswith("wh:"), BalanceRow.on_hand > 0, FreezeRow.document.is_(None),
               LotRow.condition == "good", LotRow.inspection == "passed")
        .order_by(BalanceRow.place, LotRow.code)
    )
    piles = [
        Pile(code := warehouse_of(place), tiers[code], lot, item, free, expires_on, restriction, area)
        for place, lot, item, free, expires_on, restriction, area in rows
    ]
    minimum = {(w, i): n for w, i, n in
               session.execute(select(MinimumRow.warehouse_code, MinimumRow.item_code, MinimumRow.quantity))}
    return piles, minimum


def answer(situation: Situation, known: Known) -> Answer:
    """The engine's answer to a supposed situation, the needs by item and what they leave.  Pure."""
    activation = assess(situation, known.policy, situation.as_of, known.ground)
    needs: dict[str, int] = defaultdict(int)
    for line in estimate(situation, activation, known.setting):
        needs[line.item_code] += line.quantity
    usable = usable_units(situation, activation, known)
    held: dict[str, int] = defaultdict(int)
    for pile in known.piles:
        held[pile.item] += pile.available
    least: dict[str, int] = defaultdict(int)
    for (_, item), units in known.minimum.items():
        least[item] += units
    rows = tuple(
        ItemAnswer(known.items[code], units, usable[code], held[code] - min(units, usable[code]), least[code])
        for code, units in sorted(needs.items())
    )
    return Answer(situation, activation, rows, known.policy)


def usable_units(situation: Situation, activation: Activation, known: Known) -> dict[str, int]:
    """Item → units that warehouses may send at this level and that may serve there today."""
    groups: dict[tuple[str, str], list[Pile]] = defaultdict(list)
    for pile in known.piles:
        if pile.tier in activation.source_tiers:
            groups[pile.warehouse, pile.item].append(pile)
    day = to_local(situation.as_of).date()
    uses = [Use(situation.hazard, county, day) for county in situation.counties]
    found: dict[str, int] = defaultdict(int)
    for key, piles in groups.items():
        total = sum(pile.available for pile in piles)
        keep = 0 if activation.opens_safety_stock else known.minimum.get(key, 0)
        free = max(0, min(total * activation.stock_share_percent // 100, total - keep))
        fit = sum(p.available for p in piles if any(why_not(p, use) is None for use in uses))
        found[key[1]] += min(free, fit)
    return found


def _unknown_place(place: str) -> InvalidInput:
    return InvalidInput(
        f"There is no place {place[:20]!r}.", remedy="Choose the region, a league or a county from the list.",
        zh=f"没有区划代码 {place[:20]!r}。", remedy_zh="请从列表中选择自治区、盟市或旗县。", facts={"fields": ["place"]})


def as_dict(found: Answer) -> dict[str, Any]:
    """The answer, JSON-ready."""
    level = found.activation
    return {
        "level": level.level, "stage": level.stage, "kind": level.kind, "lead_tier": level.lead_tier,
        "places": [{"tier": p.tier, "place": p.place, "level": p.level} for p in level.places],
        "criteria": [
            {"name": c.name, "tier": c.tier, "place": c.place, "level": c.level, "observed": c.observed,
             "threshold": c.threshold, "met": c.met, "basis": c.basis, "source": c.source,
             "is_assumption": c.is_assumption, "zh": c.words.zh, "en": c.words.en} for c in level.criteria
        ],
        "reasons": [w.as_dict() for w in level.reasons],
        "next_up": {"level": level.next_up_level, "needs": [
            {"name": s.name, "tier": s.tier, "place": s.place, "observed": s.observed, "threshold": s.threshold,
             "missing": s.missing, "zh": s.words.zh, "en": s.words.en} for s in level.next_up]},
        "stock": {"share_percent": level.stock_share_percent, "opens_safety_stock": level.opens_safety_stock,
                  "source_tiers": list(level.source_tiers)},
        "items": [
            {"item": r.item.code, "item_zh": r.item.name_zh, "item_en": r.item.name_en, "need": r.need,
             "usable": r.usable, "short": r.short, "left": r.left, "minimum": r.minimum} for r in found.items
        ],
        "policy": {"version": found.policy.version, "is_assumption": found.policy.is_assumption},
        "as_of": found.situation.as_of.isoformat(),
    }
