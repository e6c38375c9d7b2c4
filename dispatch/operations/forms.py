"""Reading what people filled in: whole positive quantities, the item's own unit, real dates.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dispatch.errors import InvalidInput
from dispatch.inventory.ledger import MAX_QUANTITY
from dispatch.inventory.model import Item


class Faults:
    """Collects every wrong field, so that all are told at once."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def add(self, zh: str, en: str) -> None:
        """Note one fault in both languages."""
        self.found.append((zh, en))

    def raise_if_any(self) -> None:
        """``InvalidInput`` naming them all."""
        if self.found:
            raise InvalidInput(
                "; ".join(en for _, en in self.found) + ".",
                remedy="Correct the fields named and send again; nothing was written.",
                zh="；".join(zh for zh, _ in self.found) + "。",
                remedy_zh="请更正所列各项后重新提交；没有写入任何数据。",
                facts={"faults": [zh for zh, _ in self.found]},
            )


def whole(value: Any) -> int | None:
    """A whole number from 0 to the largest the ledger keeps, else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
    return value if isinstance(value, int) and 0 <= value <= MAX_QUANTITY else None


def day(value: Any) -> date | None:
    """A date from ISO text or a date; None for empty; ``ValueError`` else."""
    if value in (None, ""):
        return None
    return value if isinstance(value, date) else date.fromisoformat(str(value).strip())


def check_lines(
    body: Mapping[str, Any], items: Mapping[str, Item], needs: Sequence[str], faults: Faults
) -> list[dict[str, Any]]:
    """The lines with quantities as integers and dates as dates; faults name line and field.

    ``needs`` are the fields every line must have (``item``, ``lot``, …).
    """
    lines = []
    given = body.get("lines") or []
    if not given:
        faults.add("没有任何明细行", "there is no line")
    for number, line in enumerate(given, 1):
        clean = dict(line)
        for name in needs:
            if not clean.get(name):
                faults.add(f"第 {number} 行缺少 {name}", f"line {number}: {name} is missing")
        quantity = whole(clean.get("quantity"))
        if not quantity:
            faults.add(
                f"第 {number} 行数量 {clean.get('quantity')!r} 不是大于零的整数",
                f"line {number}: quantity {clean.get('quantity')!r} is not a whole number above zero",
            )
        clean["quantity"] = quantity or 0
        _check_item(number, clean, items, faults)
        _check_days(number, clean, faults)
        lines.append(clean)
    return lines


def _check_item(
    number: int, line: dict[str, Any], items: Mapping[str, Item], faults: Faults
) -> None:
    if not line.get("item"):
        return
    item = items.get(line["item"])
    if item is None:
        faults.add(f"第 {number} 行物资编码 {line['item']!r} 不在目录中",
                   f"line {number}: item {line['item']!r} is not in the catalogue")
    elif line.get("unit") and line["unit"] not in (item.unit_zh, item.unit_en):
        faults.add(f"第 {number} 行单位 {line['unit']!r} 不是 {item.name_zh} 的单位 {item.unit_zh}",
                   f"line {number}: unit {line['unit']!r} is not the unit {item.unit_en} of {item.name_en}")


def _check_days(number: int, line: dict[str, Any], faults: Faults) -> None:
    for name in ("produced_on", "expires_on"):
        try:
            line[name] = day(line.get(name))
        except ValueError:
            faults.add(f"第 {number} 行 {name} {line[name]!r} 不是日期（如 2026-11-24）",
                       f"line {number}: {name} {line[name]!r} is not a date like 2026-11-24")
            line[name] = None
    if line["produced_on"] and line["expires_on"] and line["expires_on"] <= line["produced_on"]:
        faults.add(f"第 {number} 行有效期早于生产日期", f"line {number}: expires before it was produced")


def check_recipients(
    body: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], faults: Faults
) -> None:
    """The list of recipients must add up to the lines, item by item."""
    recipients = body.get("recipients") or []
    if not recipients:
        faults.add("缺少领取人名单", "the list of recipients is missing")
        return
    listed: dict[str, int] = {}
    for number, person in enumerate(recipients, 1):
        if not person.get("name"):
            faults.add(f"领取人第 {number} 行没有姓名", f"recipient {number} has no name")
        for item, units in (person.get("items") or {}).items():
            listed[item] = listed.get(item, 0) + (whole(units) or 0)
    for item in sorted({line.get("item") for line in lines} | set(listed), key=str):
        sent = sum(line["quantity"] for line in lines if line.get("item") == item)
        if listed.get(str(item), 0) != sent:
            faults.add(f"{item}：名单合计 {listed.get(str(item), 0)}，发放 {sent}",
                       f"{item}: the list adds up to {listed.get(str(item), 0)}, {sent} are issued")
