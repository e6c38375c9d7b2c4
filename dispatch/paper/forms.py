"""The nine papers, from plain dictionaries as the queries hand them out.  Pure.

Fields follow the IFRC and Logistics Cluster forms (requisition, waybill, goods received
note, stock card) and the domestic 调拨单, 出库单, 入库单, 报损单.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dispatch.paper.model import Column, Pair, Paper

Row = Mapping[str, Any]
NUMBER = Column("序号", "No.", 7)
ITEM = Column("物资", "Item", 26)
LOT = Column("批次", "Lot", 26)
UNIT = Column("单位", "Unit", 9)
QUANTITY = Column("数量", "Quantity", 12, True)
WEIGHT = Column("重量 kg", "Weight", 12, True)
VOLUME = Column("体积 m³", "Volume", 11, True)
WAYBILL_COPIES: tuple[Pair, ...] = (
    ("第一联 发货存根", "Copy 1 sender"), ("第二联 承运人", "Copy 2 carrier"),
    ("第三联 收货人", "Copy 3 consignee"), ("第四联 签收回执", "Copy 4 signed return"),
)
DISPATCHER, KEEPER, DRIVER, CONSIGNEE = (
    ("调度员", "Dispatcher"), ("库管员", "Storekeeper"), ("驾驶员", "Driver"), ("收货人", "Consignee"),
)
APPROVER, ASKER, BOOKKEEPER = ("批准人", "Approver"), ("申请人", "Requested by"), ("记账员", "Bookkeeper")


def kg(grams: int) -> str:
    """Grams as kilograms with one decimal, rounded up."""
    return f"{-(-grams // 100) / 10:,.1f}"


def m3(cm3: int) -> str:
    """Cubic centimetres as cubic metres with two decimals, rounded up."""
    return f"{-(-cm3 // 10_000) / 100:,.2f}"


def _item(line: Row) -> str:
    return f"{line['item_zh']}\n{line['item_en']}"


def _goods(lines: Sequence[Row]) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """Rows of number, item, lot, unit, quantity, weight, volume; and their total."""
    rows = tuple(
        (str(n), _item(line), line.get("lot") or "", line["unit_zh"], f"{line['quantity']:,}",
         kg(line["weight_g"]), m3(line["volume_cm3"]))
        for n, line in enumerate(lines, 1)
    )
    totals = (
        "", "合计 Total", "", "", f"{sum(line['quantity'] for line in lines):,}",
        kg(sum(line["weight_g"] for line in lines)), m3(sum(line["volume_cm3"] for line in lines)),
    )
    return rows, totals


GOODS = (NUMBER, ITEM, LOT, UNIT, QUANTITY, WEIGHT, VOLUME)


def waybill(body: Row) -> Paper:
    """One vehicle's waybill in four copies; blanks for what is written by hand."""
    rows, totals = _goods(body["lines"])
    to = tuple(str(line.get("to_zh") or "") for line in body["lines"])
    return Paper(
        title=("救灾物资运单", "Relief goods waybill"), code=body["code"], content_hash=body["content_hash"],
        fields=(
            ("发货仓库", "Warehouse", f"{body['from_zh']} {body['from_en']}"),
            ("收货地", "Destination", "；".join(f"{s['place_zh']} {s['place_en']}（{s['arrives_at']}）" for s in body["stops"])),
            ("依据", "Basis", f"{body['basis']}"),
            ("车辆", "Vehicle", f"{body['vehicle']} {body['class_zh']} {body['class_en']}"),
            ("车牌号", "Registration", ""),
            ("驾驶员及电话", "Driver and phone", ""),
            ("计划出发", "Departs", body["departs_at"]),
            ("道路与里程", "Road and distance", f"{body['roads']}，{body['distance_km']} km"),
            ("封签号", "Seal", ""),
        ),
        columns=(*GOODS, Column("收货地", "To", 17), Column("实收", "Received", 11), Column("破损短少", "Damaged, short", 14)),
        rows=tuple((*row, to[n], "", "") for n, row in enumerate(rows)),
        totals=(*totals, "", "", ""),
        signers=(DISPATCHER, KEEPER, DRIVER, CONSIGNEE),
        notes=("短少和破损须在车辆离开前注明。Note damage and shortage before the vehicle leaves.",),
        copies=WAYBILL_COPIES,
    )


def _document(title: Pair, body: Row, signers: tuple[Pair, ...], fields: Sequence[tuple[str, str, str]]) -> Paper:
    rows, totals = _goods(body["lines"])
    return Paper(
        title=title, code=body["code"], content_hash=body["content_hash"], fields=tuple(fields),
        columns=GOODS, rows=rows, totals=totals, signers=signers,
    )


def _ends(body: Row) -> list[tuple[str, str, str]]:
    return [
        ("日期", "Date", body["created_at"]),
        ("仓库", "Warehouse", body["warehouse_zh"]),
        ("调入单位", "Receiving unit", body.get("target_zh") or ""),
        ("事由", "Reason", str(body.get("reason") or "")),
    ]


def requisition(body: Row) -> Paper:
    """What is asked for, by whom, for whom, and what is left of one's own stock."""
    fields = [*_ends(body), ("事件、受灾人数、自有库存", "Event, people, own stock", "")]
    return _document(("物资需求报告单", "Requisition"), body, (ASKER, APPROVER), fields)


def transfer_order(body: Row) -> Paper:
    """The order to move goods from one store to another."""
    fields = [*_ends(body), ("双方联系人及电话", "Contacts", ""), ("完成期限", "Deadline", "")]
    return _document(("物资调拨单", "Transfer order"), body, (ASKER, APPROVER, KEEPER, CONSIGNEE), fields)


def pick_list(body: Row) -> Paper:
    """What to take from which place, in walking order."""
    lines = sorted(body["lines"], key=lambda line: (line.get("place") or "", line.get("lot") or ""))
    paper = _document(("拣货单", "Pick list"), {**body, "lines": lines}, (KEEPER, BOOKKEEPER), _ends(body))
    return Paper(
        title=paper.title, code=paper.code, content_hash=paper.content_hash, fields=paper.fields,
        columns=(*GOODS, Column("库位", "Place", 20), Column("已拣", "Picked", 10)),
        rows=tuple((*row, str(lines[n].get("place") or ""), "") for n, row in enumerate(paper.rows)),
        totals=(*paper.totals, "", ""), signers=paper.signers,
    )


def packing_list(body: Row) -> Paper:
    """What is in which consignment, with weight and volume."""
    return _document(("装箱单", "Packing list"), body, (KEEPER, DRIVER), _ends(body))


def goods_received_note(body: Row) -> Paper:
    """What arrived: good, damaged, short, and the claim."""
    rows, _ = _goods(body["lines"])
    extra = tuple(
        (f"{line.get('good', line['quantity']):,}", f"{line.get('damaged', 0):,}", f"{line.get('short', 0):,}")
        for line in body["lines"]
    )
    return Paper(
        title=("物资入库（签收）单", "Goods received note"), code=body["code"], content_hash=body["content_hash"],
        fields=(*_ends(body), ("交货方", "Received from", str(body.get("party") or "")),
                ("单据是否齐全", "Documents well received", "")),
        columns=(NUMBER, ITEM, LOT, UNIT, QUANTITY, Column("完好", "Good", 10, True),
                 Column("破损", "Damaged", 11, True), Column("短少（索赔）", "Short (claim)", 13, True)),
        rows=tuple((*row[:5], *extra[n]) for n, row in enumerate(rows)),
        totals=("", "合计 Total", "", "", f"{sum(line['quantity'] for line in body['lines']):,}",
                f"{sum(line.get('good', line['quantity']) for line in body['lines']):,}",
                f"{sum(line.get('damaged', 0) for line in body['lines']):,}",
                f"{sum(line.get('short', 0) for line in body['lines']):,}"),
        signers=(("交货人", "Delivered by"), CONSIGNEE, BOOKKEEPER),
    )


def loss_report(body: Row) -> Paper:
    """What is written off, why, and the two who agree."""
    return _document(("物资报损单", "Loss report"), body, (ASKER, APPROVER), _ends(body))


def stock_card(body: Row) -> Paper:
    """A lot at a place: every movement with its running balance."""
    return Paper(
        title=("库存卡", "Stock card"), code=body["lot"], content_hash=body["content_hash"],
        fields=(
            ("物资", "Item", f"{body['item_zh']} {body['item_en']}（{body['unit_zh']}）"),
            ("地点", "Place", body["place"]),
            ("捐赠方 / 用途", "Donor / purpose", f"{body.get('donor') or '—'} / {body.get('restriction') or '—'}"),
            ("有效期", "Expires", body.get("expires_on") or "—"),
            ("安全库存", "Minimum", f"{body.get('minimum', 0):,}"),
        ),
        columns=(Column("日期", "Date", 20), Column("单据", "Document", 26), Column("从 / 到", "From / to", 34),
                 Column("入", "In", 11, True), Column("出", "Out", 11, True), Column("结存", "Balance", 12, True),
                 Column("经办", "By", 14)),
        rows=tuple(
            (r["at"], r["document"], r["other"], f"{r['in']:,}" if r["in"] else "", f"{r['out']:,}" if r["out"] else "",
             f"{r['balance']:,}", r["actor"])
            for r in body["rows"]
        ),
        totals=("", "结存 Balance", "", "", "", f"{body['balance']:,}", ""),
        signers=(KEEPER, BOOKKEEPER),
    )


def donation_certificate(body: Row) -> Paper:
    """Thanks to a donor, with the code that follows the gift."""
    money = f"人民币 {body['amount_fen'] / 100:,.2f} 元" if body["amount_fen"] else "物资（见下表）"
    return Paper(
        title=("捐赠证书", "Donation certificate"), code=body["code"], content_hash=body["content_hash"],
        fields=(
            ("捐赠人", "Donor", body["donor"]), ("日期", "Date", body["received_on"]),
            ("捐赠内容", "Gift", money), ("定向用途", "Designation", body.get("designation") or "非定向 undesignated"),
            ("查询编号", "Follow it by", body["code"]),
        ),
        columns=(NUMBER, ITEM, LOT, QUANTITY) if body["lines"] else (),
        rows=tuple(
            (str(n), _item(line), line["lot"], f"{line['quantity']:,}") for n, line in enumerate(body["lines"], 1)
        ),
        signers=(("内蒙古自治区红十字会", "Inner Mongolia Red Cross"),),
    )
