"""What is wrong with a scenario file: every fault with its line and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.errors import InvalidInput
from dispatch.words import Words

MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the line (from 1), what is wrong, and how to mend it."""

    line: int
    what: Words
    mend: Words


class Faults:
    """Faults as they are found; ``raise_if_any`` tells them together, in the order of lines."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[Fault] = []

    def add(self, line: int, what: tuple[str, str], mend: tuple[str, str]) -> None:
        """Note a fault; each text as (English, Chinese)."""
        self.found.append(Fault(line, Words("drill.fault", what[1], what[0]), Words("drill.mend", mend[1], mend[0])))

    def raise_if_any(self) -> None:
        """``InvalidInput`` with every fault, the first twenty in words."""
        if not self.found:
            return
        found = sorted(self.found, key=lambda f: f.line)
        told, more = found[:MOST_TOLD], len(found) - MOST_TOLD
        en = " ".join(f"Line {f.line}: {f.what.en}" for f in told)
        zh = "".join(f"第 {f.line} 行：{f.what.zh}" for f in told)
        if more > 0:
            en, zh = f"{en} And {more} more.", f"{zh}另有 {more} 处。"
        raise InvalidInput(
            f"The scenario {self.name} is refused. {en}",
            remedy=" ".join(dict.fromkeys(f"Line {f.line}: {f.mend.en}" for f in told)),
            zh=f"情景文件 {self.name} 被退回。{zh}",
            remedy_zh="".join(dict.fromkeys(f"第 {f.line} 行：{f.mend.zh}" for f in told)),
            facts={"faults": [
                {"line": f.line, "en": f.what.en, "zh": f.what.zh, "mend_en": f.mend.en, "mend_zh": f.mend.zh}
                for f in found
            ]},
        )
