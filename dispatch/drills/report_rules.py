"""What counts as a finding, who owns it, by when it is closed: dated data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dispatch.errors import InvalidInput

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "report.toml"
THRESHOLDS = {"coverage": "least", "worst": "least", "gini": "most", "reserve": "least", "practice": "margin"}
KINDS = (*THRESHOLDS, "clock", "later", "level", "unknown", "changed")


@dataclass(frozen=True, slots=True)
class FindingRule:
    """Owner (zh, en), days to close, and the threshold where the kind has one (a share)."""

    owner: tuple[str, str]
    days: int
    threshold: float


@dataclass(frozen=True)
class ReportRules:
    """All kinds; ``compared_h`` are the hours at which coverage is judged."""

    version: str
    source: str
    compared_h: int
    kinds: Mapping[str, FindingRule]


@cache
def load_report_rules(path: Path = FILE) -> ReportRules:
    """The rules in force; ``InvalidInput`` when they cannot be read."""
    try:
        fields = tomllib.loads(path.read_text("utf-8"))
        kinds = {
            kind: FindingRule(
                (fields[kind]["owner_zh"], fields[kind]["owner_en"]), int(fields[kind]["days"]),
                float(fields[kind][THRESHOLDS[kind]]) if kind in THRESHOLDS else 0.0,
            ) for kind in KINDS
        }
        return ReportRules(fields["version"], fields["source"], int(fields["compared"]), kinds)
    except (OSError, tomllib.TOMLDecodeError, LookupError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"{path.name} cannot be read: {error!r}.", remedy="Mend the file.",
            zh=f"{path.name} 无法读取：{error!r}。", remedy_zh="请修改该文件。",
        ) from error
