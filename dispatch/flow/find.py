"""Finding anything that has a page of its own by what a person types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from dispatch.alerts.situations import list_rows
from dispatch.flow.gather import read_ground, read_situation
from dispatch.flow.pulse import kept, pulse
from dispatch.geography.store import list_names
from dispatch.inventory.store import list_items, list_warehouses
from dispatch.places import REGION_ADCODE
from dispatch.proposals.tables import ProposalRow
from dispatch.spelling import Query, rank, read_query
from dispatch.teams.store import list_teams
from dispatch.teams.tables import DeploymentRow
from dispatch.waybills.tables import WaybillRow

KINDS = ("county", "situation", "proposal", "waybill", "warehouse", "item", "team", "deployment")
MOST = 50
SHORTEST_CODE = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: what it is, its code and names, and how well it fits (0 best, 5 least)."""

    kind: str
    code: str
    zh: str
    en: str
    rank: int


def find(session: Session, text: str) -> tuple[Hit, ...]:
    """The best first, at most fifty; nothing for an empty text."""
    query = read_query(text[:80])
    hits = [
        Hit(kind, code, zh, en, fit) for kind, code, zh, en in _named(session)
        if (fit := rank(query, code, zh, en)) is not None
    ]
    hits += _coded(session, query)
    return tuple(sorted(hits, key=lambda h: (h.rank, KINDS.index(h.kind), len(h.zh), h.code))[:MOST])


def single(hits: tuple[Hit, ...], text: str) -> Hit | None:
    """The one thing whose code was typed, or whose name was when nothing else fits at all."""
    exact = [hit for hit in hits if hit.rank == 0]
    if len(exact) != 1:
        return None
    is_code = read_query(exact[0].code).text == read_query(text).text
    return exact[0] if is_code or len(hits) == 1 else None


def _named(session: Session) -> Iterator[tuple[str, str, str, str]]:
    for code, (zh, en) in list_names(session).items():
        if code != REGION_ADCODE:
            yield "county", code, zh, en
    for kind, rows in (("warehouse", list_warehouses(session)), ("item", list_items(session)), ("team", list_teams(session))):
        named: Iterable[Any] = rows
        for row in named:
            yield kind, row.code, row.name_zh, row.name_en
    yield from kept(session, "titles", pulse(session, ["situations"]), lambda: _titles(session))


def _titles(session: Session) -> list[tuple[str, str, str, str]]:
    """Open situations by their titles."""
    ground = read_ground(session)
    found = [read_situation(session, row.code, row.last_at, ground) for row in list_rows(session)]
    return [("situation", s.code, s.title_zh, s.title_en) for s in found]


def _coded(session: Session, query: Query) -> Iterator[Hit]:
    """Papers by their codes, newest first; a code needs a few signs to say anything."""
    if len(query.text) < SHORTEST_CODE or not query.text.isascii():
        return
    columns: tuple[tuple[str, InstrumentedAttribute[str]], ...] = (
        ("proposal", ProposalRow.code), ("waybill", WaybillRow.code), ("deployment", DeploymentRow.code),
    )
    for kind, column in columns:
        bare = func.lower(func.replace(column, "-", ""))
        for code in session.scalars(select(column).where(bare.contains(query.text, autoescape=True)).order_by(column.desc()).limit(MOST)):
            yield Hit(kind, code, code, code, rank(query, code, code) or 0)
