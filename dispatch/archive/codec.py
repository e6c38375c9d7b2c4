"""Rows as lines of JSON that read back as the same values on both databases.  Pure."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

PLAIN = (str, int, float, bool, type(None))
READERS: dict[str, Callable[[Any], Any]] = {
    "at": datetime.fromisoformat, "day": date.fromisoformat, "bytes": base64.b64decode,
    "shape": shapely.from_wkb, "json": lambda value: value,
}


def encode(row: Iterable[Any]) -> str:
    """One row as a line; raises ``TypeError`` for a kind of value no column has."""
    return json.dumps([_told(value) for value in row], ensure_ascii=False, separators=(",", ":"))


def decode(line: str) -> list[Any]:
    """The values of a line; raises ``ValueError`` or ``KeyError`` where it was not made by ``encode``."""
    values = json.loads(line)
    if not isinstance(values, list):
        raise ValueError("a row is a list")
    return [_meant(value) for value in values]


def _told(value: Any) -> Any:
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode("ascii")}
    if isinstance(value, BaseGeometry):
        # text rounds the last digit of some coordinates
        return {"shape": shapely.to_wkb(value, hex=True)}
    if isinstance(value, (dict, list)):
        return {"json": value}
    raise TypeError(f"no column holds a {type(value).__name__}")


def _meant(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, told),) = value.items()
    return READERS[kind](told)


def parents_first(rows: Iterable[Mapping[str, Any]], key: str, parent: str) -> Iterator[Mapping[str, Any]]:
    """Rows of a table that points at itself, each after the one it points at.

    Raises ``ValueError`` where a row points at one that never comes.
    """
    written: set[Any] = set()
    waiting: dict[Any, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row[parent] is not None and row[parent] not in written:
            waiting.setdefault(row[parent], []).append(row)
            continue
        ready = [row]
        while ready:
            one = ready.pop(0)
            written.add(one[key])
            yield one
            ready += waiting.pop(one[key], [])
    if waiting:
        raise ValueError(f"{sorted(map(str, waiting))[0]} is pointed at and is not there")
