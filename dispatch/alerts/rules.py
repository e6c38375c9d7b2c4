"""How messages become situations and how long figures count: editable data with its source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "situation_rule.toml"


@dataclass(frozen=True, slots=True)
class SituationRules:
    """Time spans of the intake; see the data file for what each is for."""

    join_within: timedelta
    losses_keep_open: timedelta
    conflict_window: timedelta
    stale_after: timedelta
    clock_tolerance: timedelta


@cache
def situation_rules(file: Path = FILE) -> SituationRules:
    """The rules of the data file."""
    fields = tomllib.loads(file.read_text("utf-8"))
    return SituationRules(
        join_within=timedelta(hours=fields["join_within_h"]),
        losses_keep_open=timedelta(hours=fields["losses_keep_open_h"]),
        conflict_window=timedelta(hours=fields["conflict_window_h"]),
        stale_after=timedelta(hours=fields["stale_after_h"]),
        clock_tolerance=timedelta(minutes=fields["clock_tolerance_min"]),
    )
