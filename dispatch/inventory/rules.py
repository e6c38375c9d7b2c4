"""The stock rule in force: how much, how early to act, how long a promise holds."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

from dispatch.inventory.health import StockRules

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "stock_rule.toml"


def load_rules(path: Path = FILE) -> StockRules:
    """Read the rule's figures."""
    fields = tomllib.loads(path.read_text("utf-8"))
    return StockRules(
        fields["max_factor"], fields["horizon_days"], timedelta(hours=fields["promise_hours"])
    )
