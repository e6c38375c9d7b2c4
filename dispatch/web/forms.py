"""Which fields each stock document asks for, and reading them back from a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from dispatch.operations.model import Kind

ROWS = 6
MOST_ROWS = 60


@dataclass(frozen=True)
class Field:
    """One input: its name, label and how it is filled (text, number, date, tick or a list)."""

    name: str
    label: Any
    kind: str = "text"
    is_required: bool = False


@dataclass(frozen=True)
class Form:
    """A document's form: its title, its head fields and the columns of its lines."""

    title: Any
    head: tuple[Field, ...]
    lines: tuple[Field, ...]


SOURCE_NAMES = {"purchase": _l("采购"), "donation": _l("捐赠"), "transfer": _l("上级调拨"), "handover": _l("移交")}
ITEM = Field("item", _l("物资"), "items")
LOT = Field("lot", _l("批次"), "lots")
QUANTITY = Field("quantity", _l("数量"), "number")
LOTS_AND_UNITS = (LOT, QUANTITY)
FORMS: dict[Kind, Form] = {
    Kind.RECEIPT: Form(
        _l("入库"),
        (Field("source", _l("来源"), "sources", True), Field("party", _l("供应方或捐赠方"), "text", True),
         Field("agreement", _l("协议或合同编号")), Field("inspect", _l("先检验再入库"), "tick")),
        (ITEM, QUANTITY, Field("produced_on", _l("生产日期"), "date"), Field("expires_on", _l("有效期至"), "date"),
         Field("restriction", _l("定向用途"), "purposes")),
    ),
    Kind.INSPECTION: Form(_l("检验"), (), (LOT, QUANTITY, Field("passed", _l("合格"), "tick"))),
    Kind.PUTAWAY: Form(_l("上架"), (), (LOT, QUANTITY, Field("from_bin", _l("原库位（空为待上架区）")), Field("to_bin", _l("目标库位")))),
    Kind.TRANSFER: Form(
        _l("调拨申请"), (Field("target", _l("调入仓库"), "warehouses", True), Field("reason", _l("事由"))), (ITEM, QUANTITY)
    ),
    Kind.ISSUE: Form(
        _l("发放"),
        (Field("county", _l("发放地旗县"), "counties", True), Field("purpose", _l("用途"), "purposes"),
         Field("people", _l("领取人名单（每行：姓名 物资编码 数量）"), "area", True)),
        (ITEM, QUANTITY),
    ),
    Kind.RETURN: Form(_l("退回"), (Field("county", _l("退回地旗县"), "counties", True),), LOTS_AND_UNITS),
    Kind.LOSS: Form(_l("报损申请"), (Field("reason", _l("原因"), "text", True),), (LOT, QUANTITY, Field("quarantined", _l("在隔离区"), "tick"))),
    Kind.STOCKTAKE: Form(_l("盘点"), (), (LOT,)),
    Kind.KIT_BUILD: Form(
        _l("组装包"), (Field("kit", _l("包和版本"), "kits", True), Field("quantity", _l("数量"), "number", True)), ()
    ),
    Kind.KIT_BREAK: Form(_l("拆包"), (Field("lot", _l("批次"), "lots", True), Field("quantity", _l("数量"), "number", True)), ()),
    Kind.REPACK: Form(_l("换包装"), (Field("lot", _l("批次"), "lots", True), Field("quantity", _l("数量"), "number", True)), ()),
}


def read_form(kind: Kind, given: Mapping[str, str]) -> dict[str, Any]:
    """The body of a request from the fields of a posted form; empty lines are left out."""
    form = FORMS[kind]
    body: dict[str, Any] = {f.name: given.get(f.name, "").strip() for f in form.head}
    lines = []
    for number in range(MOST_ROWS):
        line = {f.name: given.get(f"{f.name}-{number}", "").strip() for f in form.lines}
        if any(line.values()):
            lines.append({name: value for name, value in line.items() if value})
    if kind is Kind.STOCKTAKE:
        return {"lots": [line["lot"] for line in lines]}
    if form.lines:
        body["lines"] = lines
    if kind is Kind.ISSUE:
        body["recipients"] = _people(body.pop("people"))
    if kind is Kind.KIT_BUILD:
        body["kit"], _, body["version"] = body["kit"].partition("/")
    return body


def _people(text: str) -> list[dict[str, Any]]:
    """Recipients from lines of name, item code, units; several lines of a name are one person."""
    found: dict[str, dict[str, Any]] = {}
    for line in text.splitlines():
        parts = line.replace("，", " ").replace(",", " ").split()
        if len(parts) >= 3:
            person = found.setdefault(parts[0], {"name": parts[0], "items": {}, "signed": True})
            item, units = parts[1], parts[2]
            person["items"][item] = int(units) if units.isascii() and units.isdigit() else units
    return list(found.values())
