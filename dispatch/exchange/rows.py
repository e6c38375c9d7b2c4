"""Rows of a sheet → checked records of one kind; every fault with its row and column.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dispatch.exchange.sheets import Formula, Sheet, to_day
from dispatch.inventory.model import Item
from dispatch.operations.forms import whole

Names = Mapping[str, str]


@dataclass(frozen=True)
class Known:
    """What codes and names a row may refer to."""

    items: Mapping[str, Item]
    warehouses: Mapping[str, str]
    lots: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong cell."""

    row: int
    column: str
    zh: str
    en: str


COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {
    "opening": {
        "warehouse": ("仓库", "warehouse"), "item": ("物资", "item"), "quantity": ("数量", "quantity"),
        "unit": ("单位", "unit"), "lot": ("批次", "lot"), "produced_on": ("生产日期", "produced_on"),
        "expires_on": ("有效期至", "expires_on"), "restriction": ("定向用途", "restriction"),
    },
    "receipts": {
        "warehouse": ("仓库", "warehouse"), "source": ("来源", "source"), "party": ("供应方", "party"),
        "item": ("物资", "item"), "quantity": ("数量", "quantity"), "unit": ("单位", "unit"),
        "lot": ("批次", "lot"), "produced_on": ("生产日期", "produced_on"),
        "expires_on": ("有效期至", "expires_on"), "restriction": ("定向用途", "restriction"),
        "unit_cost_fen": ("单价（分）", "unit_cost_fen"),
    },
    "counts": {
        "warehouse": ("仓库", "warehouse"), "bin": ("库位", "bin"), "lot": ("批次", "lot"),
        "quantity": ("实盘数", "quantity"),
    },
    "items": {
        "code": ("编码", "code"), "name_zh": ("名称", "name_zh"), "name_en": ("英文名", "name_en"),
        "unit_zh": ("单位", "unit_zh"), "unit_en": ("英文单位", "unit_en"), "weight_g": ("重量（克）", "weight_g"),
        "volume_cm3": ("体积（立方厘米）", "volume_cm3"), "persons_per_unit": ("每件服务人数", "persons_per_unit"),
        "shelf_life_days": ("保质期（天）", "shelf_life_days"), "season": ("季节", "season"), "source": ("来源", "source"),
    },
}
REQUIRED = {
    "opening": ("warehouse", "item", "quantity"), "receipts": ("warehouse", "source", "party", "item", "quantity"),
    "counts": ("warehouse", "lot", "quantity"),
    "items": ("code", "name_zh", "name_en", "unit_zh", "unit_en", "weight_g", "volume_cm3"),
}
SOURCES = {"采购": "purchase", "捐赠": "donation", "调拨": "transfer", "移交": "handover"}
SEASONS = ("all", "winter", "summer")
LIMITS = {"quantity": 0, "weight_g": 1, "volume_cm3": 1, "persons_per_unit": 0, "shelf_life_days": 1, "unit_cost_fen": 0}


def read_rows(kind: str, sheet: Sheet, known: Known) -> tuple[list[dict[str, Any]], list[Fault]]:
    """Clean records (with ``row``) and every fault; a record with a fault is left out."""
    titles = {name: next((t for t in names if t in sheet.header), None) for name, names in COLUMNS[kind].items()}
    missing = [COLUMNS[kind][name][0] for name in REQUIRED[kind] if titles[name] is None]
    if missing:
        listed = "、".join(missing)
        return [], [Fault(1, listed, f"缺少列：{listed}", f"columns missing: {listed}")]
    records, faults = [], []
    seen: dict[tuple[Any, ...], int] = {}
    for number, cells in sheet.rows:
        given = {name: cells.get(title) for name, title in titles.items() if title}
        record, found = _record(kind, number, given, known)
        key = tuple(record.get(name) for name in ("warehouse", "lot", "bin")) if record.get("lot") else (record.get("code"),)
        if any(key) and key in seen:
            found.append(Fault(number, "批次" if record.get("lot") else "编码", f"与第 {seen[key]} 行重复", f"repeats row {seen[key]}"))
        seen.setdefault(key, number)
        faults += found
        if not found:
            records.append(record)
    return records, faults


def _record(
    kind: str, number: int, given: Mapping[str, Any], known: Known
) -> tuple[dict[str, Any], list[Fault]]:
    faults: list[Fault] = []
    record: dict[str, Any] = {"row": number}
    for name, value in given.items():
        column = COLUMNS[kind][name][0]
        if isinstance(value, Formula):
            faults.append(Fault(number, column, f"单元格是公式 {value[:30]!r}，请粘贴为数值", f"the cell holds the formula {value[:30]!r}; paste the value"))
        elif value in (None, "") and name in REQUIRED[kind]:
            faults.append(Fault(number, column, "不能为空", "must not be empty"))
        else:
            reader = READERS.get(name, _read_text)
            record[name], problem = reader(name, value, known)
            if problem:
                faults.append(Fault(number, column, *problem))
    item = known.items.get(record.get("item") or "")
    if item and record.get("unit") and record["unit"] not in (item.unit_zh, item.unit_en):
        faults.append(Fault(number, COLUMNS[kind]["unit"][0], f"单位 {record['unit']!r} 应为 {item.unit_zh}",
                            f"unit {record['unit']!r} should be {item.unit_en}"))
    if record.get("produced_on") and record.get("expires_on") and record["expires_on"] <= record["produced_on"]:
        faults.append(Fault(number, COLUMNS[kind]["expires_on"][0], "有效期早于生产日期", "expires before it was produced"))
    if kind == "counts" and record.get("lot") and record["lot"] not in known.lots:
        faults.append(Fault(number, "批次", f"没有批次 {record['lot']!r}", f"there is no lot {record['lot']!r}"))
    return record, faults


Problem = tuple[str, str] | None


def _read_text(_name: str, value: Any, _known: Known) -> tuple[Any, Problem]:
    text = "" if value is None else str(value).strip()
    if len(text) > 120:
        return None, (f"超过 120 字（{len(text)}）", f"longer than 120 characters ({len(text)})")
    return text or None, None


def _read_number(name: str, value: Any, _known: Known) -> tuple[Any, Problem]:
    if value in (None, ""):
        return None, None
    units = whole(int(value) if isinstance(value, float) and value.is_integer() else value)
    if units is None or units < LIMITS[name]:
        return None, (f"{value!r} 不是不小于 {LIMITS[name]} 的整数", f"{value!r} is not a whole number of {LIMITS[name]} or more")
    return units, None


def _read_day(_name: str, value: Any, _known: Known) -> tuple[Any, Problem]:
    try:
        return to_day(value), None
    except ValueError:
        return None, (f"{value!r} 不是日期（如 2026-11-24）", f"{value!r} is not a date like 2026-11-24")


def _read_item(_name: str, value: Any, known: Known) -> tuple[Any, Problem]:
    text = str(value).strip()
    found = text if text in known.items else next((c for c, i in known.items.items() if text in (i.name_zh, i.name_en)), None)
    return found, None if found else (f"目录中没有 {text!r}", f"{text!r} is not in the catalogue")


def _read_warehouse(_name: str, value: Any, known: Known) -> tuple[Any, Problem]:
    text = str(value).strip()
    found = text if text in known.warehouses else next((c for c, n in known.warehouses.items() if n == text), None)
    return found, None if found else (f"没有仓库 {text!r}", f"there is no warehouse {text!r}")


def _read_source(_name: str, value: Any, _known: Known) -> tuple[Any, Problem]:
    text = str(value).strip()
    found = SOURCES.get(text, text if text in SOURCES.values() else None)
    return found, None if found else (f"来源 {text!r} 应为 {'、'.join(SOURCES)}", f"source {text!r} is not one of {', '.join(SOURCES.values())}")


def _read_season(_name: str, value: Any, _known: Known) -> tuple[Any, Problem]:
    text = str(value or "all").strip()
    return (text, None) if text in SEASONS else (None, (f"季节 {text!r} 应为 all、winter 或 summer", f"season {text!r} is not all, winter or summer"))


READERS: dict[str, Callable[[str, Any, Known], tuple[Any, Problem]]] = {
    **dict.fromkeys(LIMITS, _read_number),
    "produced_on": _read_day, "expires_on": _read_day, "item": _read_item, "warehouse": _read_warehouse,
    "source": _read_source, "season": _read_season,
}
