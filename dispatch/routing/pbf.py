"""Is a file a whole OpenStreetMap extract?  Walks its blocks without unpacking them.

The format (wiki.openstreetmap.org/wiki/PBF_Format): again and again four bytes of length, a
block header (protobuf: field 1 type, field 3 size), and a block of that size; the first is
an OSMHeader, data come in OSMData.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from dispatch.errors import InvalidInput

MOST_HEADER = 64 * 1024
MOST_BLOCK = 32 * 1024 * 1024


def check_pbf(path: Path) -> None:
    """Raise ``InvalidInput`` saying what is wrong, and where, with a file that is no whole extract.

    Blocks missing at the end without a trace cannot be seen.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as handle:
            kinds = _walk(path, handle, size)
    except OSError as error:
        raise _bad(path, f"cannot be read: {error.strerror}", f"无法读取：{error.strerror}") from error
    if not kinds:
        raise _bad(path, "is empty", "是空文件")
    if kinds[0] != b"OSMHeader":
        raise _bad(path, "is not an OpenStreetMap PBF file", "不是 OpenStreetMap PBF 文件")
    if b"OSMData" not in kinds:
        raise _bad(path, "has no data", "没有数据")


def _walk(path: Path, handle: BinaryIO, size: int) -> list[bytes]:
    kinds: list[bytes] = []
    while (at := handle.tell()) < size:
        head = handle.read(4)
        length = struct.unpack(">I", head)[0] if len(head) == 4 else 0
        try:
            if not 0 < length <= MOST_HEADER:
                raise ValueError(f"length {length}")
            kind, block = _read_header(handle.read(length))
        except (ValueError, IndexError) as error:
            if not kinds:
                return [b""]
            raise _bad(path, f"is damaged at byte {at}", f"在第 {at} 字节处损坏") from error
        if handle.tell() + block > size:
            raise _bad(path, f"is cut short: {size} bytes, a block at {at} needs more", f"不完整：共 {size} 字节，第 {at} 字节处的数据块未结束")
        kinds.append(kind)
        handle.seek(block, 1)
    return kinds


def _read_header(data: bytes) -> tuple[bytes, int]:
    kind, block, at = b"", -1, 0
    while at < len(data):
        key, at = _varint(data, at)
        number, at = _varint(data, at)
        if key == 3 << 3:
            block = number
        elif key & 7 == 2:
            if at + number > len(data):
                raise ValueError("field longer than the header")
            kind = data[at : at + number] if key >> 3 == 1 else kind
            at += number
        elif key & 7 != 0:
            raise ValueError(f"field type {key & 7}")
    if not kind or not 0 <= block <= MOST_BLOCK:
        raise ValueError("no type or size")
    return kind, block


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("number too long")


def _bad(path: Path, what: str, what_zh: str) -> InvalidInput:
    return InvalidInput(
        f"{path.name} {what}.", remedy="Give a whole .osm.pbf extract.",
        zh=f"{path.name} {what_zh}。", remedy_zh="请提供完整的 .osm.pbf 文件。",
    )
