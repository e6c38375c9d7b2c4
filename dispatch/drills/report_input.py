"""A stored score as the report reads it: checked whole, so that a report is never half right."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from dispatch.drills.model import Scenario
from dispatch.errors import InvalidInput

Names = Mapping[str, tuple[str, str]]
NEEDED: dict[str, type | tuple[type, ...]] = {
    "scenario": str, "policy": str, "seed": int, "stock_percent": int, "first_alert_at": str, "alerts": int,
    "levels": list, "levels_then": list, "first_goods": list, "coverage": dict, "coverage_curve": list,
    "county_coverage": dict, "greedy": dict, "history_goods": list, "clocks": list, "assumptions": list,
    "sources": list, "cost_fen": int, "truck_hours": (int, float), "proposals": list, "report": dict,
}
HEAD = ("on", "title_zh", "title_en", "hazard", "counties", "names")
MOST_BYTES = 20_000_000


@dataclass(frozen=True)
class Told:
    """A score with what a report says above it; ``on`` is the day the report is of."""

    score: Mapping[str, Any]
    on: date
    title: tuple[str, str]
    hazard: str
    counties: tuple[str, ...]
    names: Names

    def name(self, code: str, lang: str) -> str:
        """A place in a language; its code where nobody gave a name."""
        return self.names.get(code, (code, code))[lang == "en"]

    @property
    def began(self) -> datetime:
        """When the first warning came in."""
        return datetime.fromisoformat(self.score["first_alert_at"])


def head_of(scenario: Scenario, names: Names, on: date) -> dict[str, Any]:
    """What is stored beside a score so that its report can be made again from the file alone."""
    used = sorted(code for code in names if code[:2] == "15")
    return {"report": {
        "on": on.isoformat(), "title_zh": scenario.title_zh, "title_en": scenario.title_en, "hazard": scenario.hazard,
        "counties": list(scenario.counties), "names": {code: list(names[code]) for code in used},
    }}


def read_told(path: Path) -> Told:
    """Reads one stored score.

    Raises ``InvalidInput`` naming the file and everything that is missing or of the wrong kind.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"it is larger than {MOST_BYTES:,} bytes")
        fields = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise _refused(path.name, [str(error)]) from error
    faults = list(_faults(fields))
    if faults:
        raise _refused(path.name, faults)
    try:
        return as_told(fields)
    except (LookupError, TypeError, ValueError) as error:
        raise _refused(path.name, [repr(error)]) from error


def as_told(fields: Mapping[str, Any]) -> Told:
    """The values of one stored score."""
    head = fields["report"]
    score = {name: value for name, value in fields.items() if name not in ("report", "runtime_s")}
    return Told(
        score, date.fromisoformat(head["on"]), (head["title_zh"], head["title_en"]), head["hazard"],
        tuple(head["counties"]), {code: (pair[0], pair[1]) for code, pair in head["names"].items()},
    )


def _faults(fields: object) -> Iterator[str]:
    if not isinstance(fields, dict):
        yield "it is not a JSON object"
        return
    for name, kind in NEEDED.items():
        if name not in fields:
            yield f"{name} is missing"
        elif not isinstance(fields[name], kind) or isinstance(fields[name], bool):
            yield f"{name} is a {type(fields[name]).__name__}"
    head = fields.get("report")
    if isinstance(head, dict):
        yield from (f"report.{name} is missing" for name in HEAD if name not in head)


def _refused(name: str, faults: list[str]) -> InvalidInput:
    return InvalidInput(
        f"{name} is not a stored drill score: " + "; ".join(faults) + ".",
        remedy="Use the CODE.json that `dispatch drill run … --report DIR` wrote.",
        zh=f"{name} 不是演练评分文件：" + "；".join(faults) + "。",
        remedy_zh="请使用 dispatch drill run … --report 目录 生成的 CODE.json。", facts={"faults": faults},
    )
