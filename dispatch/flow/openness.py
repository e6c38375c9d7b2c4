"""What everybody may know: gifts, stock by league, where goods went, how disasters were answered.

Only sums, places and papers; no name of a driver, a storekeeper or somebody helped, and a donor's
name only where the donor agreed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from dispatch.db import remembered
from dispatch.flow.money import trace
from dispatch.geography.store import list_names
from dispatch.inventory.model import Tier
from dispatch.inventory.tables import BalanceRow, ItemRow, LotRow, MovementRow, WarehouseRow
from dispatch.money.store import load_rule
from dispatch.money.tables import DonationRow, MoneyBalanceRow, MoneyMovementRow
from dispatch.places import REGION_ADCODE
from dispatch.proposals.tables import DecisionRow, ProposalRow

KEEP_S = 60.0
NEWEST = 200
OUTSIDE = {"supplier": ("供货方", "supplier"), "donor": ("捐赠方", "donor"), "loss": ("报损", "written off"), "found": ("盘盈", "found at a count"),
           "kit": ("组装", "made into kits"), "quarantine": ("待检", "waiting for inspection")}
GONE = ("recipient:",)


def openness(session: Session) -> dict[str, Any]:
    """Everything on the public page, worked out once a minute at most."""
    return remembered(session, "openness", KEEP_S, lambda: _read(session))


def _read(session: Session) -> dict[str, Any]:
    return {
        "gifts": list_gifts(session), "totals": _totals(session), "funds": _funds(session), "stock": stock_by_league(session),
        "responses": list_responses(session), "has_demo": session.scalar(select(func.count()).select_from(LotRow).where(LotRow.is_demo)) != 0,
    }


def list_gifts(session: Session) -> list[dict[str, Any]]:
    """The newest gifts, names only where the donor agreed."""
    rows = session.scalars(select(DonationRow).order_by(DonationRow.received_on.desc(), DonationRow.code.desc()).limit(NEWEST))
    return [
        {"code": r.code, "donor": r.donor if r.is_public else None, "kind": r.kind, "amount_fen": r.amount_fen,
         "designation": r.designation, "received_on": r.received_on.isoformat()}
        for r in rows
    ]


def _totals(session: Session) -> dict[str, int]:
    """Gifts ever, in fen and pieces; pieces handed to people in need."""
    gifts, fen = session.execute(select(func.count(), func.coalesce(func.sum(DonationRow.amount_fen), 0))).one()
    handed = session.scalar(
        select(func.coalesce(func.sum(MovementRow.quantity), 0)).where(or_(*(MovementRow.to_place.startswith(p) for p in GONE)))
    )
    return {"gifts": int(gifts), "amount_fen": int(fen), "units_handed_over": int(handed or 0)}


def _funds(session: Session) -> list[dict[str, Any]]:
    """What each fund holds, its share by the rule, and what was ever spent from it."""
    rule = load_rule()
    holds = {account: fen for account, fen in session.execute(select(MoneyBalanceRow.account, MoneyBalanceRow.balance_fen))}
    leaves = select(MoneyMovementRow.from_account, func.sum(MoneyMovementRow.amount_fen)).group_by(MoneyMovementRow.from_account)
    spent = {account: fen for account, fen in session.execute(leaves)}
    return [
        {"fund": fund, "percent": percent, "holds_fen": int(holds.get(f"fund:{fund}", 0)), "spent_fen": int(spent.get(f"fund:{fund}", 0))}
        for fund, percent in rule.percent.items()
    ]


def stock_by_league(session: Session) -> list[dict[str, Any]]:
    """Good pieces on hand by league and item, its own warehouse and its counties' together; the region's apart."""
    names = list_names(session)
    owner = case((WarehouseRow.tier == Tier.REGION.value, REGION_ADCODE), else_=WarehouseRow.league_adcode).label("owner")
    rows = session.execute(
        select(owner, ItemRow, func.sum(BalanceRow.on_hand))
        .join(LotRow, LotRow.item_code == ItemRow.code).join(BalanceRow, BalanceRow.lot_code == LotRow.code)
        .join(WarehouseRow, or_(BalanceRow.place == "wh:" + WarehouseRow.code, BalanceRow.place.like("wh:" + WarehouseRow.code + "/%")))
        .where(BalanceRow.on_hand > 0, LotRow.condition == "good")
        .group_by(owner, ItemRow.code).order_by(owner, ItemRow.code)
    )
    return [
        {"place": league, "place_zh": names[league][0], "place_en": names[league][1], "item": item.code, "item_zh": item.name_zh,
         "item_en": item.name_en, "unit_zh": item.unit_zh, "unit_en": item.unit_en, "on_hand": int(units)}
        for league, item, units in rows
    ]


def list_responses(session: Session) -> list[dict[str, Any]]:
    """Approved responses, newest first: what for, how soon, how much, where."""
    rows = session.execute(
        select(ProposalRow.code, ProposalRow.level, ProposalRow.body, func.max(DecisionRow.at))
        .join(DecisionRow, (DecisionRow.proposal == ProposalRow.code) & (DecisionRow.status == "approved"))
        .where(ProposalRow.status == "approved").group_by(ProposalRow.code, ProposalRow.level, ProposalRow.body)
        .order_by(func.max(DecisionRow.at).desc()).limit(NEWEST)
    )
    return [_response(code, level, json.loads(body), at) for code, level, body, at in rows]


def _response(code: str, level: int | None, body: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    situation, headline = body["situation"], body["headline"]
    return {
        "code": code, "level": level, "title_zh": situation["title_zh"], "title_en": situation["title_en"],
        "started_at": situation["started_at"], "approved_at": at.isoformat(), "first_arrival": headline["first_arrival"],
        "percent_covered": headline["percent_covered"], "load_kg": headline["load_kg"], "trucks": headline["trucks"],
        "cost_fen": headline["cost_fen"], "counties": len(situation["counties"]),
    }


def public_trace(session: Session, code: str) -> dict[str, Any]:
    """A gift's way in the words of places, pieces summed by paper; raises ``NotFound``."""
    found = trace(session, code)
    names = list_names(session)
    houses = {w.code: (w.name_zh, w.name_en) for w in session.scalars(select(WarehouseRow))}
    items = {i.code: i for i in session.scalars(select(ItemRow).where(ItemRow.code.in_([one["item"] for one in found["lots"]])))}
    of_lot = {one["lot"]: items[one["item"]] for one in found["lots"]}
    steps = []
    for step in found["steps"]:
        item = of_lot[step["lot"]]
        source, target = (place_words(step[end], (names, houses)) for end in ("from", "to"))
        steps.append({
            "at": step["at"], "quantity": step["quantity"], "reason": step["reason"], "item_zh": item.name_zh, "item_en": item.name_en,
            "unit_zh": item.unit_zh, "unit_en": item.unit_en, "from_zh": source[0], "from_en": source[1], "to_zh": target[0], "to_en": target[1],
        })
    return {**{name: found[name] for name in ("code", "donor", "kind", "amount_fen", "designation", "received_on", "money")},
            "steps": steps, "now": _now(session, list(of_lot), (names, houses))}


def _now(session: Session, lots: Iterable[str], known: tuple[Mapping[str, tuple[str, str]], ...]) -> list[dict[str, Any]]:
    """Where the gift's goods are at this moment, and how many reached people."""
    places: dict[str, int] = defaultdict(int)
    held = session.execute(select(BalanceRow.place, BalanceRow.on_hand).where(BalanceRow.lot_code.in_(lots), BalanceRow.on_hand > 0))
    for place, units in held:
        places[place.partition("/")[0]] += units
    handed = session.execute(
        select(MovementRow.to_place, func.sum(MovementRow.quantity))
        .where(MovementRow.lot_code.in_(lots), or_(*(MovementRow.to_place.startswith(p) for p in GONE))).group_by(MovementRow.to_place)
    )
    for place, units in handed:
        places[place] += int(units)
    said = [(place_words(place, known), units) for place, units in sorted(places.items())]
    return [{"place_zh": zh, "place_en": en, "quantity": units} for (zh, en), units in said]


def place_words(place: str, known: tuple[Mapping[str, tuple[str, str]], ...]) -> tuple[str, str]:
    """A place of the ledger as (zh, en) that says nothing about a person; ``known``: names of places and warehouses."""
    names, houses = known
    kind, _, name = place.partition(":")
    if kind == "wh":
        return houses.get(name.partition("/")[0], ("仓库", "a warehouse"))
    if kind == "transit":
        return f"运输途中（{name}）", f"under way ({name})"
    if kind == "recipient":
        zh, en = names.get(name, ("受灾地区", "the affected area"))
        return f"{zh}受灾群众", f"people in {en}"
    return OUTSIDE.get(kind, (kind, kind))
