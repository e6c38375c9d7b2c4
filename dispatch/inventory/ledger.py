"""Pure double-entry: effects of movements on balances, and reversal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from dispatch.errors import InvalidInput
from dispatch.inventory.model import Movement

STOCK_KINDS = ("wh", "transit", "quarantine")
OUTSIDE_KINDS = ("supplier", "donor", "recipient", "loss", "found", "kit")
MAX_QUANTITY = 10**12


def place_kind(place: str) -> str:
    """The kind in front of the colon; raises ``InvalidInput`` for an unknown one."""
    kind, _, name = place.partition(":")
    if kind not in STOCK_KINDS + OUTSIDE_KINDS or not name:
        raise InvalidInput(
            f"{place!r} is not a place stock can be at.",
            remedy="Write kind:name with one of " + ", ".join(STOCK_KINDS + OUTSIDE_KINDS) + ".",
            zh=f"{place!r} 不是可以存放物资的地点。",
            remedy_zh="请写作“类型:名称”，类型为 " + "、".join(STOCK_KINDS + OUTSIDE_KINDS) + "。",
        )
    return kind


def keeps_stock(place: str) -> bool:
    """True for places whose balance may never go below zero."""
    return place_kind(place) in STOCK_KINDS


def check(movement: Movement) -> None:
    """Refuse a movement that is not a fact one could write on a stock card."""
    quantity = movement.quantity
    if isinstance(quantity, bool) or not isinstance(quantity, int):
        wrong = "is not a whole number"
        wrong_zh = "不是整数"
    elif quantity <= 0:
        wrong, wrong_zh = "is not above zero", "不大于零"
    elif quantity > MAX_QUANTITY:
        wrong, wrong_zh = f"is above {MAX_QUANTITY:,}", f"超过 {MAX_QUANTITY:,}"
    elif movement.from_place == movement.to_place:
        wrong, wrong_zh = "goes from a place to itself", "起止地点相同"
    else:
        place_kind(movement.from_place)
        place_kind(movement.to_place)
        return
    raise InvalidInput(
        f"A movement of {quantity} of lot {movement.lot_code} {wrong}.",
        remedy="Give a whole quantity above zero between two different places.",
        zh=f"批次 {movement.lot_code} 的移动数量 {quantity} {wrong_zh}。",
        remedy_zh="请填写两个不同地点之间的正整数数量。",
    )


def reverse(
    original: Movement, original_id: int, at: datetime, actor: str, document: str = ""
) -> Movement:
    """The opposite fact that mends a mistake; linked to the original."""
    return replace(
        original,
        from_place=original.to_place,
        to_place=original.from_place,
        occurred_at=at,
        actor=actor,
        reason="reversal",
        document=document or original.document,
        idempotency_key=f"reverse:{original_id}",
        reverses_id=original_id,
    )


def effects(movements: Iterable[Movement]) -> dict[tuple[str, str], int]:
    """Net change per (place, lot) over stock-keeping places, in units."""
    change: dict[tuple[str, str], int] = defaultdict(int)
    for movement in movements:
        if keeps_stock(movement.from_place):
            change[movement.from_place, movement.lot_code] -= movement.quantity
        if keeps_stock(movement.to_place):
            change[movement.to_place, movement.lot_code] += movement.quantity
    return dict(change)
