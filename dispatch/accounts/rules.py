"""The rule for logging in, dated and with its source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "login_rule.toml"


@dataclass(frozen=True, slots=True)
class LoginRule:
    """Figures of the rule as named in its file; ``_s`` are seconds."""

    source: str
    is_assumption: bool
    password_least: int
    password_most: int
    password_score: int
    failures_before_wait: int
    wait_s: int
    wait_most_s: int
    name_failures_before_wait: int
    window_s: int
    idle_s: int
    session_s: int
    attempts_kept_days: int
    second_factor_roles: tuple[str, ...]
    half_way_s: int
    recovery_codes: int
    again_s: int
    seen_every_s: int
    key_days_most: int
    delegation_days_most: int
    glass_hours_most: int
    glass_reason_least: int


@cache
def login_rule(path: Path = FILE) -> LoginRule:
    """Read the rule; raises ``KeyError`` where a figure is missing."""
    data = tomllib.loads(path.read_text("utf-8"))
    data["second_factor_roles"] = tuple(data["second_factor_roles"])
    return LoginRule(**{field.name: data[field.name] for field in fields(LoginRule)})
