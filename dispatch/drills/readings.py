"""What a replay left in its database, read once for the score."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from dispatch.alerts.situations import list_rows
from dispatch.db import reading
from dispatch.drills.model import ClockScore, LevelStep
from dispatch.inventory.store import snapshot
from dispatch.places import REGION_ADCODE
from dispatch.plans.store import list_deadlines, list_steps
from dispatch.proposals.store import editors_of
from dispatch.proposals.tables import DecisionRow, ProposalRow
from dispatch.waybills.queries import list_waybills

Stock = dict[tuple[str, str], int]


@dataclass(frozen=True)
class Left:
    """The rows of a replay as plain values: bodies by code, levels, clocks, stock at the end.

    ``changed`` counts proposals that people edited and those sent back; ``on_hand`` and
    ``minimum`` are units by (warehouse, item).
    """

    bodies: dict[str, dict[str, Any]]
    waybills: dict[str, dict[str, Any]]
    levels: tuple[LevelStep, ...]
    clocks: tuple[ClockScore, ...]
    changed: int
    on_hand: Stock
    minimum: Stock


def read_left(engine: Engine, at: datetime) -> Left:
    """Everything the score rests on, as it stood at a moment."""
    with reading(engine) as session:
        bodies = {code: json.loads(text) for code, text in session.execute(
            select(ProposalRow.code, ProposalRow.body).order_by(ProposalRow.created_at, ProposalRow.code))}
        codes = [row.code for row in list_rows(session, None)]
        levels = [step for code in codes for step in _levels(code, list_steps(session, [code]))]
        clocks = [
            ClockScore(row.name, row.tier, row.due_at, row.met_at)
            for code in codes for row in list_deadlines(session, [code])
        ]
        returned = session.scalars(select(DecisionRow.proposal).where(DecisionRow.status == "returned").distinct())
        by_hand = sum(bool(editors_of(body)) for body in bodies.values())
        stock = snapshot(session, at)
        on_hand: Stock = defaultdict(int)
        for line in stock.lines:
            on_hand[line.warehouse_code, line.lot.item_code] += line.on_hand
        waybills = {w["code"]: w for w in list_waybills(session)}
        changed = by_hand + len(list(returned))
    return Left(
        bodies, waybills, tuple(sorted(levels, key=lambda s: (s.at, s.place))),
        tuple(sorted(clocks, key=lambda c: (c.due_at, c.name))), changed, dict(on_hand), dict(stock.minimum),
    )


def _levels(situation: str, steps: list[dict[str, Any]]) -> list[LevelStep]:
    """Each place when its level first came or rose: the one in force, and those by their own tier."""
    best: dict[tuple[str, str], int] = {}
    found = []
    league = situation.split("-")[2]
    for step in steps:
        answer, at = step["answer"], datetime.fromisoformat(step["at"])
        told = [(_tier(place), place, level) for place, level in answer["places"].items() if level]
        if step["level"]:
            tier = answer["lead_tier"]
            told.append((tier, REGION_ADCODE if tier == "region" else league, step["level"]))
        for tier, place, level in sorted(told):
            if level < best.get((tier, place), 9):
                best[tier, place] = level
                found.append(LevelStep(at, tier, place, level))
    return found


def _tier(place: str) -> str:
    if place == REGION_ADCODE:
        return "region"
    return "league" if place.endswith("00") else "county"
