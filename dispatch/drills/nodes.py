"""YAML as plain values that know their line; read as a stream, so that a huge file is refused early.

Only mappings, lists and plain scalars: no tags, no anchors, no second document.  ``yes``, ``no``
and bare dates stay text; ``null``, ``true``, ``false`` and decimal numbers are what they look like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import yaml

from dispatch.drills.faults import Faults
from dispatch.drills.model import Value
from dispatch.drills.rule import DrillRule

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})", re.ASCII)
DECIMAL = re.compile(r"[-+]?[0-9]{1,17}\.[0-9]{1,17}", re.ASCII)
WORDS: dict[str, Value] = {"": None, "null": None, "~": None, "true": True, "false": False}
REFUSED = ("Write it out in plain YAML.", "请改用普通 YAML 写法。")


@dataclass(frozen=True, slots=True)
class Node:
    """A value with the line it begins on; lists and mappings hold nodes again."""

    line: int
    value: Value | list[Node] | dict[str, Node]

    def plain(self) -> Any:
        """The value without its lines."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


class _Reader:
    def __init__(self, events: Iterator[yaml.Event], faults: Faults, rule: DrillRule) -> None:
        self.events, self.faults, self.rule = events, faults, rule
        self.count = 0

    def next(self) -> yaml.Event:
        event = next(self.events)
        self.count += 1
        if self.count > self.rule.most_nodes:
            self._stop(event, f"The file has more than {self.rule.most_nodes:,} values.",
                       f"文件超过 {self.rule.most_nodes:,} 个值。")
        return event

    def _stop(self, event: yaml.Event, en: str, zh: str) -> None:
        self.faults.add(_line(event), (en, zh), (
            "Split the disaster into several scenarios, or keep only the facts a drill needs.",
            "请拆成多个情景，或只保留演练所需的事实。"))
        self.faults.raise_if_any()

    def node(self, event: yaml.Event, depth: int) -> Node:
        if depth > self.rule.deepest:
            self._stop(event, f"Values are nested deeper than {self.rule.deepest}.",
                       f"嵌套超过 {self.rule.deepest} 层。")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self.faults.add(_line(event), ("Anchors and aliases are not read.", "不支持锚点和别名。"), REFUSED)
        if getattr(event, "tag", None):
            self.faults.add(_line(event), (f"The tag {event.tag} is not read.", f"不支持标签 {event.tag}。"), REFUSED)
        if isinstance(event, yaml.MappingStartEvent):
            return Node(_line(event), self._mapping(depth))
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(_line(event), self._sequence(depth))
        return Node(_line(event), _scalar(event) if isinstance(event, yaml.ScalarEvent) else None)

    def _mapping(self, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            key = self.node(event, depth + 1)
            value = self.node(self.next(), depth + 1)
            name = str(key.value)
            if isinstance(key.value, list | dict) or name in found:
                self.faults.add(key.line, (f"The key {name[:60]} comes twice or is no plain word.", f"键 {name[:60]} 重复或不是普通文字。"),
                                ("Keep one.", "请只保留一个。"))
            found[name] = value
        return found

    def _sequence(self, depth: int) -> list[Node]:
        found: list[Node] = []
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            found.append(self.node(event, depth + 1))
            if len(found) > self.rule.most_events:
                self._stop(event, f"A list has more than {self.rule.most_events:,} entries.",
                           f"列表超过 {self.rule.most_events:,} 项。")
        return found


def read_nodes(stream: BinaryIO, faults: Faults, rule: DrillRule) -> Node:
    """The one document of a stream; ``InvalidInput`` with the line where it cannot be read."""
    reader = _Reader(yaml.parse(stream, Loader=LOADER), faults, rule)
    try:
        root = Node(1, None)
        while not isinstance(event := reader.next(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                if root.value is not None:
                    faults.add(_line(event), ("A second document begins.", "出现第二个文档。"), ("Keep one.", "请只保留一个。"))
                    break
                root = reader.node(reader.next(), 0)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
        faults.add(mark.line + 1 if mark else 1, (f"This is not YAML: {why}.", f"不是有效的 YAML：{why}。"),
                   ("Mend the line named; the file must be UTF-8 text.", "请修改该行；文件应为 UTF-8 文本。"))
        faults.raise_if_any()
    return root


def _line(event: yaml.Event) -> int:
    return int(event.start_mark.line) + 1 if event.start_mark else 1


def _scalar(event: yaml.ScalarEvent) -> Value:
    text = str(event.value)
    if not event.implicit[0]:
        return text
    if text in WORDS:
        return WORDS[text]
    if WHOLE.fullmatch(text):
        return int(text)
    return float(text) if DECIMAL.fullmatch(text) else text
