"""Typed values out of a scenario's nodes, each fault noted with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from dispatch.clock import LOCAL_ZONE
from dispatch.drills.faults import Faults
from dispatch.drills.model import Moment, Precision
from dispatch.drills.nodes import Node

E = TypeVar("E", bound=StrEnum)
NOTHING: Mapping[str, Node] = {}
LONGEST = 2000
YEARS = (1900, 2200)


@dataclass(frozen=True)
class Fields:
    """One mapping of the file being read: ask for a field, get its value or None and a fault."""

    node: Node
    faults: Faults
    name: str

    @property
    def held(self) -> Mapping[str, Node]:
        """The mapping; empty when the node is none, which is noted once by ``known``."""
        return self.node.value if isinstance(self.node.value, dict) else NOTHING

    def known(self, names: frozenset[str]) -> None:
        """Note keys that nothing would read; those that end in ``_note`` are free."""
        if not isinstance(self.node.value, dict):
            self.fault(self.node, f"{self.name} is not a mapping of names to values.", f"{self.name} 不是“名称: 值”的结构。",
                       "Write it as in docs/drills.md.", "请按 docs/drills.md 的格式填写。")
        for key, value in self.held.items():
            if key not in names and not key.endswith("_note"):
                self.fault(value, f"{self.name} has the field {key[:60]}, which nothing reads.", f"{self.name} 中的字段 {key[:60]} 不被识别。",
                           f"Use one of {', '.join(sorted(names))}, or a name that ends in _note.",
                           f"可用字段：{'、'.join(sorted(names))}；说明性字段以 _note 结尾。")

    def fault(self, node: Node, en: str, zh: str, mend_en: str, mend_zh: str) -> None:
        """Note a fault at a node."""
        self.faults.add(node.line, (en, zh), (mend_en, mend_zh))

    def at(self, key: str) -> Node:
        """The node of a key, or an empty one on the mapping's own line."""
        return self.held.get(key, Node(self.node.line, None))

    def text(self, key: str, *, needed: bool = False) -> str:
        """A text, "" where it may be missing."""
        node = self.at(key)
        if node.value is None:
            if needed:
                self.fault(node, f"{self.name} has no {key}.", f"{self.name} 缺少 {key}。", f"Write {key}.", f"请填写 {key}。")
            return ""
        if not isinstance(node.value, str | int | float) or isinstance(node.value, bool) or len(str(node.value)) > LONGEST:
            self.fault(node, f"{key} of {self.name} is not a text of at most {LONGEST} characters.",
                       f"{self.name} 的 {key} 应为不超过 {LONGEST} 字的文字。", "Write a short text.", "请填写简短文字。")
            return ""
        return str(node.value).strip()

    def choice(self, key: str, kinds: type[E], usual: E | None = None) -> E | None:
        """One of the words of an enumeration; ``usual`` when the field is missing."""
        node = self.at(key)
        if node.value is None and usual is not None:
            return usual
        listed = [kind.value for kind in kinds]
        if node.value not in listed:
            self.fault(node, f"{key} of {self.name} is {_short(node)}.", f"{self.name} 的 {key} 是 {_short(node)}。",
                       f"Use one of {', '.join(listed)}.", f"可用值：{'、'.join(listed)}。")
            return usual
        return kinds(node.value)

    def whole(self, key: str, least: int, most: int) -> int | None:
        """A whole number within bounds, None where nothing is told."""
        value = self.number(key, least, most)
        if value is not None and not isinstance(value, int):
            self.fault(self.at(key), f"{key} of {self.name} is {value}, which is not whole.", f"{self.name} 的 {key} 是 {value}，应为整数。",
                       "Give a whole number, or null when it is not known.", "请填写整数；不清楚时写 null。")
            return None
        return value

    def number(self, key: str, least: float, most: float) -> int | float | None:
        """A number within bounds, None where nothing is told."""
        node = self.at(key)
        if node.value is None:
            return None
        is_number = isinstance(node.value, int | float) and not isinstance(node.value, bool)
        if not is_number or not least <= node.value <= most:  # type: ignore[operator]
            self.fault(node, f"{key} of {self.name} is {_short(node)}.", f"{self.name} 的 {key} 是 {_short(node)}。",
                       f"Give a number from {least} to {most}, or null when it is not known.",
                       f"请填写 {least} 到 {most} 的数；不清楚时写 null。")
            return None
        return node.value  # type: ignore[return-value]

    def items(self, key: str) -> list[Node]:
        """The entries of a list; a single value counts as a list of one."""
        node = self.at(key)
        if node.value is None:
            return []
        return node.value if isinstance(node.value, list) else [node]

    def moment(self, key: str, precision: Precision | None, *, needed: bool) -> Moment | None:
        """A time with its precision; a time without a precision is exact to the minute."""
        node = self.at(key)
        if node.value is None:
            if needed and precision is not Precision.UNKNOWN:
                self.fault(node, f"{self.name} has no {key}.", f"{self.name} 缺少 {key}。",
                           f"Write {key} as 2021-11-05T20:00:00+08:00, or {key}_precision: unknown.",
                           f"请按 2021-11-05T20:00:00+08:00 填写 {key}，或写 {key}_precision: unknown。")
            return Moment(None, Precision.UNKNOWN) if precision is Precision.UNKNOWN else None
        at = _time(str(node.value))
        if at is None:
            self.fault(node, f"{key} of {self.name} is {_short(node)}, which is not a time.", f"{self.name} 的 {key} 是 {_short(node)}，不是时间。",
                       "Write it as 2021-11-05T20:00:00+08:00.", "请按 2021-11-05T20:00:00+08:00 填写。")
            return None
        return Moment(at, precision or Precision.MINUTE)


def as_values(node: Node) -> dict[str, Any]:
    """A mapping's values without their lines; empty for anything else."""
    found = node.plain()
    return found if isinstance(found, dict) else {}


def _short(node: Node) -> str:
    return repr(node.plain())[:80]


def _time(text: str) -> datetime | None:
    """Aware UTC; a time or date without a zone is local time."""
    if not re.match(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        at = datetime.fromisoformat(text)
        if not YEARS[0] <= at.year <= YEARS[1]:
            return None
        return (at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
