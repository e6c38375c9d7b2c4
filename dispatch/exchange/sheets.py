"""Bytes of an uploaded sheet → rows of cells, without running, unpacking or trusting anything."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from dispatch.errors import InvalidInput

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 120 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 60


@dataclass(frozen=True)
class Sheet:
    """Header texts and the rows below it as (row number, header → value)."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, Any]], ...]


def read_sheet(raw: bytes) -> Sheet:
    """An XLSX or CSV file; every fault of the file itself is an ``InvalidInput``."""
    if len(raw) > MAX_BYTES:
        raise _refused(f"文件有 {len(raw):,} 字节，上限 {MAX_BYTES:,}", f"the file has {len(raw):,} bytes, the most is {MAX_BYTES:,}",
                       "请拆分后分别上传", "split it")
    if raw.startswith(b"PK"):
        return _table(_xlsx(raw))
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refused("这是旧版 .xls 或加密文件", "this is an old .xls or an encrypted file",
                       "请另存为不加密的 .xlsx 或 .csv", "save it as .xlsx or .csv without a password")
    return _table(_csv(raw))


def _refused(zh: str, en: str, remedy_zh: str, remedy: str) -> InvalidInput:
    return InvalidInput(f"The sheet is refused: {en}.", remedy=remedy.capitalize() + ".",
                        zh=f"表格未被接收：{zh}。", remedy_zh=remedy_zh + "。")


def _xlsx(raw: bytes) -> list[tuple[int, list[Any]]]:
    try:
        with ZipFile(io.BytesIO(raw)) as archive:
            _check_archive(archive)
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
        rows = []
        for number, cells in enumerate(book.worksheets[0].iter_rows(max_col=MAX_COLUMNS), 1):
            if number > MAX_ROWS + 1:
                raise _too_long()
            rows.append((number, [Formula(str(c.value)) if c.data_type == "f" else c.value for c in cells]))
        book.close()
        return rows
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, EOFError, IndexError,
            zipfile.LargeZipFile, NotImplementedError, SyntaxError, TypeError, AttributeError) as error:
        raise _refused("文件已损坏，不是有效的 .xlsx", f"it is damaged and not a valid .xlsx ({type(error).__name__})",
                       "请用 Excel 或 WPS 打开后另存", "open it in Excel or WPS and save it again") from error


def _check_archive(archive: ZipFile) -> None:
    infos = archive.infolist()
    if sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise _refused("解压后过大（疑似压缩炸弹）", "it unpacks to far too much (a zip bomb?)",
                       "请只上传数据表本身", "upload the plain sheet alone")
    if any("vbaproject" in info.filename.lower() for info in infos):
        raise _refused("文件含有宏", "it holds macros", "请另存为不含宏的 .xlsx", "save it as .xlsx without macros")
    for info in infos:
        if info.filename.startswith("xl/worksheets/sheet1"):
            with archive.open(info) as part:
                tail = part.read(MAX_UNPACKED)[-200_000:]
            if b"<mergeCell " in tail:
                raise _refused("含有合并单元格", "it has merged cells", "请取消合并，每行一条记录",
                               "unmerge them; one record a row")


class Formula(str):
    """A cell that holds a formula instead of a value."""

    __slots__ = ()


def _too_long() -> InvalidInput:
    return _refused(f"超过 {MAX_ROWS:,} 行", f"it has more than {MAX_ROWS:,} rows", "请拆分后分别上传", "split it")


def _csv(raw: bytes) -> list[tuple[int, list[Any]]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _refused("编码既不是 UTF-8 也不是 GB18030", "it is neither UTF-8 nor GB18030",
                       "请另存为 UTF-8 编码的 CSV", "save it as UTF-8 CSV")
    if "\x00" in text:
        raise _refused("不是文本表格", "it is not a text table", "请上传 .xlsx 或 .csv", "upload .xlsx or .csv")
    try:
        reader = csv.reader(io.StringIO(text, newline=""))
        rows: list[tuple[int, list[Any]]] = []
        for cells in reader:
            if len(rows) > MAX_ROWS:
                raise _too_long()
            rows.append((reader.line_num, list(cells[:MAX_COLUMNS])))
        return rows
    except csv.Error as error:
        raise _refused(f"CSV 格式错误：{error}", f"it is not a CSV table: {error}", "请另存为 CSV 后重试", "save it again as CSV") from error


def _table(rows: list[tuple[int, list[Any]]]) -> Sheet:
    rows = [(n, cells) for n, cells in rows if any(c not in (None, "") for c in cells)]
    if not rows:
        raise _refused("没有任何内容", "it is empty", "请填写表头和数据", "fill in a header and rows")
    header = tuple(str(c or "").strip() for c in rows[0][1])
    body = [(n, cells) for n, cells in rows[1:] if not str(cells[0] or "").startswith("#")]
    return Sheet(header, tuple((n, dict(zip(header, cells, strict=False))) for n, cells in body))


def to_day(value: Any) -> date | None:
    """A date from a cell or from the ways people type one; ``ValueError`` else."""
    if value in (None, ""):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    for sign in ("年", "月", "/", "."):
        text = text.replace(sign, "-")
    parts = text.replace("日", "").split("-")
    if len(parts) != 3 or not all(p.isascii() and p.isdigit() for p in parts):
        raise ValueError(f"{value!r} is not a date")
    return date(*(int(p) for p in parts))
