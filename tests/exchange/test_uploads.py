"""Sheets: preview, one transaction, undo; hostile files are told and kept."""

import io
import json
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine, text

from dispatch.db import make_engine, reading
from dispatch.errors import Conflict, InvalidInput, NotEnoughStock, Refused
from dispatch.exchange.export import STOCK, to_csv, to_xlsx
from dispatch.exchange.rows import Known, read_rows
from dispatch.exchange.sheets import read_sheet
from dispatch.exchange.uploads import Upload, commit, get_upload, preview, undo
from dispatch.inventory.queries import stock_rows
from dispatch.operations.model import Kind
from dispatch.reference.load import read_items, read_warehouses
from tests.operations.conftest import HERE, Store

HEAD = ["仓库", "物资", "数量", "单位", "批次", "有效期至"]


def xlsx(rows: list[list[Any]], head: list[str] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in [head or HEAD, *rows]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def store(bare: Engine) -> Store:
    return Store(bare)


def put(store: Store, raw: bytes, kind: str = "opening", actor: str = "store") -> dict[str, Any]:
    code = preview(store.engine, Upload(kind, "表.xlsx", raw), actor, store.clock)
    with reading(store.engine) as session:
        return get_upload(session, code)


def test_preview_books_nothing_commit_books_all_undo_reverses(store: Store) -> None:
    raw = xlsx([["WH-150500", "棉被", 10, "床", "LOT-1", datetime(2030, 1, 1)],
                ["通辽市红十字备灾救灾仓库", "COAT", "5", "", "LOT-2", "2030年1月1日"]])
    found = put(store, raw)
    assert found["status"] == "previewed" and found["errors"] == []
    assert store.units(f"wh:{HERE}", "LOT-1") == 0
    commit(store.engine, found["code"], "store", store.clock)
    assert (store.units(f"wh:{HERE}", "LOT-1"), store.units(f"wh:{HERE}", "LOT-2")) == (10, 5)
    with pytest.raises(Conflict):
        commit(store.engine, found["code"], "store", store.clock)
    undo(store.engine, found["code"], "store", store.clock)
    assert store.units(f"wh:{HERE}", "LOT-1") == 0 and store.is_sound()
    with pytest.raises(Conflict):
        undo(store.engine, found["code"], "store", store.clock)


def test_goods_that_moved_on_cannot_be_undone(store: Store) -> None:
    found = put(store, xlsx([["WH-150500", "QUILT", 10, "", "LOT-1", None]]))
    commit(store.engine, found["code"], "store", store.clock)
    store.do(Kind.PUTAWAY, lines=[{"lot": "LOT-1", "quantity": 4, "to_bin": "A"}])
    with pytest.raises(NotEnoughStock):
        undo(store.engine, found["code"], "store", store.clock)
    assert store.is_sound()


@pytest.mark.parametrize("row,column,words", [
    (["WH-150500", "QUILT", -3, "", "", None], "数量", "整数"),
    (["WH-150500", "QUILT", 1.5, "", "", None], "数量", "整数"),
    (["WH-150500", "QUILT", 10**18, "", "", None], "数量", "整数"),
    (["WH-150500", "QUILT", "=1+1", "", "", None], "数量", "公式"),
    (["WH-150500", "QUILT", 1, "箱", "", None], "单位", "床"),
    (["WH-999999", "QUILT", 1, "", "", None], "仓库", "没有仓库"),
    (["WH-150500", "火箭", 1, "", "", None], "物资", "目录中没有"),
    (["WH-150500", "QUILT", 1, "", "", "明年春天"], "有效期至", "不是日期"),
    (["WH-150500", "QUILT", None, "", "", None], "数量", "不能为空"),
])
def test_row_faults_in_chinese_with_their_place(store: Store, row: list[Any], column: str, words: str) -> None:
    found = put(store, xlsx([["WH-150500", "COAT", 1, "", "", None], row]))
    assert found["status"] == "quarantined" and len(found["rows"]) == 1
    (fault,) = found["errors"]
    assert (fault["row"], fault["column"]) == (3, column) and words in fault["zh"] and fault["en"]
    with pytest.raises(Conflict):
        commit(store.engine, found["code"], "store", store.clock)


def test_a_missing_column_and_a_repeated_lot(store: Store) -> None:
    assert "缺少列" in put(store, xlsx([["a"]], ["仓库"]))["errors"][0]["zh"]
    twice = put(store, xlsx([["WH-150500", "COAT", 1, "", "L", None], ["WH-150500", "COAT", 2, "", "L", None]]))
    assert "与第 2 行重复" in twice["errors"][0]["zh"]


def merged() -> bytes:
    book = Workbook()
    book.active.append(HEAD)
    book.active.merge_cells("A2:B2")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(raw: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(raw)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


HOSTILE = {
    "merged": (merged, "合并单元格"),
    "macro": (lambda: with_part(xlsx([]), "xl/vbaProject.bin", b"x"), "宏"),
    "bomb": (lambda: with_part(xlsx([]), "xl/media/x.bin", b"\0" * 130_000_000), "压缩炸弹"),
    "damaged": (lambda: xlsx([])[:200], "损坏"),
    "old xls": (lambda: b"\xd0\xcf\x11\xe0" + b"x" * 100, "旧版"),
    "empty": (lambda: b"", "没有任何内容"),
    "picture": (lambda: b"\x89PNG\x00\x00", "未被接收"),
    "too long": (lambda: "仓库\n".encode() + b"x\n" * 20_002, "20,000"),
    "too large": (lambda: b"x" * (21 * 1024 * 1024), "字节"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_told_and_kept(demo_less: Store, name: str) -> None:
    make, words = HOSTILE[name]
    raw = make()
    found = put(demo_less, raw)
    assert found["status"] == "quarantined" and words in found["errors"][0]["zh"]
    with reading(demo_less.engine) as session:
        kept = session.scalar(text("SELECT raw FROM upload WHERE code = :c"), {"c": found["code"]})
    assert bytes(kept) == raw


@pytest.fixture
def demo_less(databases) -> Store:  # type: ignore[no-untyped-def]
    return Store(make_engine(databases.filled("sqlite", demo=False)))


def test_counts_need_another_person_and_book_the_difference(store: Store) -> None:
    lot = store.receive(10)
    raw = xlsx([["WH-150500", "", lot, 7]], ["仓库", "库位", "批次", "实盘数"])
    found = put(store, raw, "counts")
    with pytest.raises(Refused):
        commit(store.engine, found["code"], "store", store.clock)
    commit(store.engine, found["code"], "store2", store.clock)
    assert store.units(f"wh:{HERE}", lot) == 7 and store.is_sound()
    undo(store.engine, found["code"], "store2", store.clock)
    assert store.units(f"wh:{HERE}", lot) == 10


def test_catalogue_lines_come_and_go_back(store: Store) -> None:
    head = ["编码", "名称", "英文名", "单位", "英文单位", "重量（克）", "体积（立方厘米）"]
    found = put(store, xlsx([["QUILT", "棉被", "Quilt", "床", "piece", 3100, 21000]], head), "items")
    commit(store.engine, found["code"], "store", store.clock)
    weigh = "SELECT weight_g FROM item WHERE code = 'QUILT'"
    with reading(store.engine) as session:
        assert session.scalar(text(weigh)) == 3100
    undo(store.engine, found["code"], "store", store.clock)
    with reading(store.engine) as session:
        assert session.scalar(text(weigh)) == 3000


def test_a_csv_from_an_office_program_in_gb18030(store: Store) -> None:
    raw = "仓库,物资,数量\nWH-150500,棉被,3\n".encode("gb18030")
    assert put(store, raw, "opening")["rows"][0]["item"] == "QUILT"


def test_what_is_exported_can_be_read_again_and_formulas_stay_text(demo: Engine) -> None:
    with reading(demo) as session:
        rows = stock_rows(session, "WH-150500")
    rows[0]["item_zh"] = "=HYPERLINK(1)"
    book = load_workbook(io.BytesIO(to_xlsx(STOCK, rows)))
    cells = list(book.active.values)
    assert cells[1][0] == "#loc+code" and len(cells) == len(rows) + 2
    assert book.active.cell(3, 5).data_type == "s"
    assert "'=HYPERLINK" in to_csv(STOCK, rows).decode("utf-8-sig")
    sheet = read_sheet(to_csv(STOCK, rows[1:]))
    assert len(sheet.rows) == len(rows) - 1  # the line of tags is left out


def test_ten_thousand_rows_are_all_looked_at() -> None:
    known = Known({i.code: i for i in read_items()}, {w.code: w.name_zh for w in read_warehouses()}, {})
    raw = xlsx([["WH-150500", "QUILT", n if n % 100 else -1, "", f"L{n}", date(2030, 1, 1)] for n in range(1, 10_001)])
    records, faults = read_rows("opening", read_sheet(raw), known)
    assert (len(records), len(faults)) == (9_900, 100)


def test_rows_survive_json(store: Store) -> None:
    found = put(store, xlsx([["WH-150500", "QUILT", 1, "", "", date(2030, 1, 1)]]))
    assert json.loads(json.dumps(found))["rows"][0]["expires_on"] == "2030-01-01"


def test_an_unknown_kind_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput):
        put(store, b"", "spaceships")
