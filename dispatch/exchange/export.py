"""Rows of a list → XLSX or CSV with HXL tags; texts stay texts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

Column = tuple[str, str, str]
STOCK: tuple[Column, ...] = (
    ("warehouse", "仓库编码", "#loc+code"), ("warehouse_zh", "仓库", "#loc+name+i_zh"), ("bin", "库位", "#loc+bin"),
    ("item", "物资编码", "#item+code"), ("item_zh", "物资", "#item+name+i_zh"), ("unit_zh", "单位", "#item+unit"),
    ("lot", "批次", "#meta+id+lot"), ("expires_on", "有效期至", "#date+expiry"), ("restriction", "定向用途", "#meta+purpose"),
    ("on_hand", "在库", "#indicator+onhand+num"), ("reserved", "预留", "#indicator+reserved+num"),
    ("available", "可用", "#indicator+available+num"), ("minimum", "安全库存", "#indicator+minimum+num"),
)
MOVEMENTS: tuple[Column, ...] = (
    ("id", "序号", "#meta+id"), ("at", "时间", "#date"), ("lot", "批次", "#meta+id+lot"), ("item_zh", "物资", "#item+name+i_zh"),
    ("quantity", "数量", "#indicator+num"), ("from", "从", "#loc+from"), ("to", "到", "#loc+to"),
    ("reason", "事由", "#activity"), ("document", "单据", "#meta+document"), ("actor", "经办", "#contact"),
)

GIFTS: tuple[Column, ...] = (
    ("code", "编号", "#meta+id"), ("donor", "捐赠人", "#org+funder"), ("received_on", "日期", "#date"), ("amount_fen", "金额（分）", "#value+cny+fen"),
    ("designation", "定向用途", "#meta+purpose"),
)
LEAGUE_STOCK: tuple[Column, ...] = (
    ("place", "盟市代码", "#adm2+code"), ("place_zh", "盟市", "#adm2+name+i_zh"), ("item", "物资编码", "#item+code"),
    ("item_zh", "物资", "#item+name+i_zh"), ("unit_zh", "单位", "#item+unit"), ("on_hand", "在库", "#indicator+onhand+num"),
)
RESPONSES: tuple[Column, ...] = (
    ("code", "方案", "#meta+id"), ("level", "级别", "#severity"), ("title_zh", "灾情", "#crisis+name+i_zh"), ("started_at", "开始", "#date+start"),
    ("approved_at", "批准", "#date+approved"), ("first_arrival", "首批到达", "#date+arrival"), ("counties", "旗县数", "#loc+num"),
    ("percent_covered", "满足需求%", "#indicator+covered+pct"), ("load_kg", "总重kg", "#indicator+weight+kg"), ("trucks", "车次", "#indicator+trucks+num"),
    ("cost_fen", "运费（分）", "#value+cny+fen"),
)


def to_xlsx(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A workbook of one sheet: headings, HXL tags, rows.  ``=…`` is written as text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    sheet.append([title for _, title, _ in columns])
    sheet.append([tag for _, _, tag in columns])
    for row in rows:
        cells = []
        for name, _, _ in columns:
            value = row.get(name)
            cell = WriteOnlyCell(sheet, value=value)
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def to_csv(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """UTF-8 with a byte-order mark (so that office programs read Chinese); formula texts disarmed."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([title for _, title, _ in columns])
    writer.writerow([tag for _, _, tag in columns])
    for row in rows:
        writer.writerow([_plain(row.get(name)) for name, _, _ in columns])
    return out.getvalue().encode("utf-8-sig")


def _plain(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "=+-@\t\r" and value:
        return "'" + value
    return "" if value is None else value
