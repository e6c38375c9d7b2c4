"""What the situation board counts as low or overdue: editable data with its source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "board_rule.toml"


@dataclass(frozen=True, slots=True)
class BoardRule:
    """Shares in percent and spans of time; see the data file for what each is for."""

    stock_low_percent: int
    stock_bad_percent: int
    submit_within: timedelta
    approve_within: timedelta
    alert_within: timedelta
    quarantine_within: timedelta
    past: timedelta
    ahead: timedelta
    arrived_shown: timedelta


@cache
def load_board_rule(file: Path = FILE) -> BoardRule:
    """The rule of the data file."""
    said = tomllib.loads(file.read_text("utf-8"))
    return BoardRule(
        stock_low_percent=said["stock_low_percent"], stock_bad_percent=said["stock_bad_percent"],
        submit_within=timedelta(minutes=said["submit_within_min"]), approve_within=timedelta(minutes=said["approve_within_min"]), alert_within=timedelta(minutes=said["alert_within_min"]),
        quarantine_within=timedelta(minutes=said["quarantine_within_min"]),
        past=timedelta(hours=said["past_h"]), ahead=timedelta(hours=said["ahead_h"]),
        arrived_shown=timedelta(hours=said["arrived_shown_h"]),
    )
