"""Kinds of stock documents, their life, and who may move them on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dispatch.accounts.rights import roles_of


class Kind(StrEnum):
    """What a stock document is about."""

    RECEIPT = "receipt"
    INSPECTION = "inspection"
    PUTAWAY = "putaway"
    TRANSFER = "transfer"
    ISSUE = "issue"
    RETURN = "return"
    LOSS = "loss"
    STOCKTAKE = "stocktake"
    KIT_BUILD = "kit_build"
    KIT_BREAK = "kit_break"
    REPACK = "repack"


class Status(StrEnum):
    """Where a stock document stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    LOADED = "loaded"
    RECEIVED = "received"
    COUNTING = "counting"
    POSTED = "posted"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    CLAIMED = "claimed"


PREFIX = {
    Kind.RECEIPT: "GR", Kind.INSPECTION: "QC", Kind.PUTAWAY: "PA", Kind.TRANSFER: "TO",
    Kind.ISSUE: "DL", Kind.RETURN: "RT", Kind.LOSS: "LR", Kind.STOCKTAKE: "ST",
    Kind.KIT_BUILD: "KB", Kind.KIT_BREAK: "KX", Kind.REPACK: "RP",
}
FIRST = {kind: Status.POSTED for kind in Kind} | {
    Kind.TRANSFER: Status.REQUESTED, Kind.LOSS: Status.REQUESTED, Kind.STOCKTAKE: Status.COUNTING,
}
MOVES: dict[tuple[Kind, Status], frozenset[Status]] = {
    (Kind.TRANSFER, Status.REQUESTED): frozenset({Status.APPROVED, Status.REFUSED, Status.CANCELLED}),
    (Kind.TRANSFER, Status.APPROVED): frozenset({Status.LOADED, Status.CANCELLED}),
    (Kind.TRANSFER, Status.LOADED): frozenset({Status.RECEIVED}),
    (Kind.TRANSFER, Status.RECEIVED): frozenset({Status.CLAIMED}),
    (Kind.LOSS, Status.REQUESTED): frozenset({Status.POSTED, Status.REFUSED, Status.CANCELLED}),
    (Kind.STOCKTAKE, Status.COUNTING): frozenset({Status.POSTED, Status.CANCELLED}),
}
STORE_HANDS = roles_of("stock.work")
DECIDERS = roles_of("stock.decide")
MAY_START = {kind: STORE_HANDS for kind in Kind}
MAY_MOVE = {
    Status.APPROVED: DECIDERS, Status.REFUSED: DECIDERS, Status.LOADED: STORE_HANDS,
    Status.RECEIVED: STORE_HANDS, Status.CANCELLED: STORE_HANDS, Status.CLAIMED: STORE_HANDS,
    Status.POSTED: DECIDERS,
}
SECOND_PERSON = frozenset({Status.APPROVED, Status.REFUSED, Status.POSTED})
KNOWN_PAIRS = sorted(
    {(kind.value, FIRST[kind].value) for kind in Kind}
    | {(kind.value, target.value) for (kind, _), targets in MOVES.items() for target in targets}
)


@dataclass(frozen=True)
class Request:
    """A wish to do something: ``key`` makes a double submit harmless; ``body`` holds
    ``lines`` and what else the kind asks for, in base units."""

    kind: Kind
    warehouse: str
    body: dict[str, Any]
    key: str
