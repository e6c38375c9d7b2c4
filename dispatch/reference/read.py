"""Reading reference files: every bad line is reported, not only the first."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from dispatch.errors import InvalidInput

DATA = Path(__file__).resolve().parent / "data"
T = TypeVar("T")


def read_csv(path: Path, build: Callable[[dict[str, str]], T]) -> list[T]:
    """Build one value per line of a CSV file with a header.

    Raises ``InvalidInput`` whose facts list every bad line with its number.
    """
    good: list[T] = []
    bad: list[str] = []
    with path.open(encoding="utf-8", newline="") as handle:
        for row in (reader := csv.DictReader(handle)):
            try:
                if None in row or None in row.values():
                    raise ValueError("has more or fewer fields than the header")
                good.append(build(row))
            except (ValueError, KeyError, InvalidInput) as error:
                bad.append(f"{path.name} line {reader.line_num}: {error}")
    if bad:
        raise InvalidInput(
            f"{len(bad)} bad line(s) in {path.name}: " + "; ".join(bad),
            remedy="Mend the lines named; nothing was loaded.",
            zh=f"{path.name} 有 {len(bad)} 行错误：" + "；".join(bad),
            remedy_zh="请修改所列各行；没有载入任何数据。",
            facts={"lines": bad},
        )
    return good


def positive(row: dict[str, str], column: str) -> int:
    """A whole number above zero from a column, or ``ValueError`` naming it."""
    text = row[column]
    if not text.isdigit() or int(text) < 1:
        raise ValueError(f"{column} is {text!r}, not a whole number above zero")
    return int(text)
