"""The faults of a policy text in both languages, with the line they stand on.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LINE = re.compile(r"\bline (\d+)")
FAULT = re.compile(r"line \d+: (?:([\w.]+) )?(.*)", re.DOTALL)
PHRASES: tuple[tuple[str, str], ...] = (
    (r"is missing: a text is needed", "缺少：需要填写文字"),
    (r"is missing: the day the policy takes effect, as 2024-06-12", "缺少：生效日期，如 2024-06-12"),
    (r"is missing: where the numbers stand", "缺少：数值的出处"),
    (r"is missing: a level without a plan", "缺少：该级别没有任何措施"),
    (r"is missing", "缺少"),
    (r"must be true or false", "必须是 true 或 false"),
    (r"is not known; nothing would read it", "不是已知字段，不会被读取"),
    (r"needs four bands, for levels I to IV", "需要四个下限，依次为 I 至 IV 级"),
    (r"has a band that is not a whole number above zero", "有下限不是大于零的整数"),
    (r"overlaps: each level must ask more than the next milder one", "级别重叠：每一级的标准必须高于更轻的一级"),
    (r"is not a measure of the plan", "不是预案的指标"),
    (r"is not region, league or county", "必须是 region、league 或 county"),
    (r"names no measure", "没有写出任何指标"),
    (r"is given twice for this hazard and tier", "对同一灾种和层级写了两次"),
    (r"must be a whole number from (\d+) to (\d+)", r"必须是 \1 到 \2 的整数"),
    (r"must be a whole number", "必须是整数"),
    (r"must be a list of names", "必须是名称列表"),
    (r"names (.+), which is no measure of the plan", r"写了 \1，它不是预案的指标"),
    (r"must list region, league, county", "必须列出 region、league、county 中的层级"),
    (r"is not a level 0 to 4", "不是 0 到 4 的级别"),
    (r"gives a stronger colour a milder level", "更强的颜色对应了更轻的级别"),
    (r"must be 1 to 720 hours", "必须是 1 到 720 小时"),
    (r"is not 0 to 100", "不在 0 到 100 之间"),
    (r"is not an action of the plan", "不是预案的措施"),
    (r"is not a usable name", "不能用作版本号"),
    (r"a table or field is of the wrong kind \((.*)\)", r"有表或字段的类型不对（\1）"),
)
UNREADABLE = re.compile(r"cannot be read: (.*)", re.DOTALL)
AROUND = 2


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a text: its line (0 = not known) and a sentence in both languages."""

    line: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a text as shown with the faults that stand on it; ``gap`` when lines before it are left out."""

    number: int
    text: str
    faults: tuple[Fault, ...]
    gap: bool


def read_faults(sentences: Iterable[str]) -> tuple[Fault, ...]:
    """The faults of a refused policy text, in the order of their lines."""
    return tuple(sorted(map(_fault, sentences), key=lambda f: f.line))


def _fault(sentence: str) -> Fault:
    lines = LINE.findall(sentence)
    line = int(lines[0]) if lines else 0
    unreadable = UNREADABLE.match(sentence)
    if unreadable:
        return Fault(line, f"无法读取：{unreadable.group(1)}", sentence)
    whole = FAULT.fullmatch(sentence)
    name, words = (whole.group(1) or "", whole.group(2)) if whole else ("", sentence)
    for candidate, subject in ((words, name), (f"{name} {words}".strip(), "")):
        for pattern, zh in PHRASES:
            found = re.fullmatch(pattern, candidate, re.DOTALL)
            if found:
                return Fault(line, f"{subject} {found.expand(zh)}".strip(), f"{subject} {candidate}".strip())
    return Fault(line, f"{name} {words}".strip(), f"{name} {words}".strip())


def excerpt(text: str, faults: Sequence[Fault]) -> tuple[Line, ...]:
    """The lines with faults and two around each."""
    lines = text.splitlines()
    by_line: Mapping[int, tuple[Fault, ...]] = {
        n: tuple(f for f in faults if f.line == n) for n in {f.line for f in faults}
    }
    wanted = sorted({n for line in by_line for n in range(line - AROUND, line + AROUND + 1) if 1 <= n <= len(lines)})
    return tuple(
        Line(n, lines[n - 1], by_line.get(n, ()), bool(i) and wanted[i - 1] != n - 1) for i, n in enumerate(wanted)
    )
