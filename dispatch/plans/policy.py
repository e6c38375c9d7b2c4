"""Dated plan policy: read, checked whole, chosen by date."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from dispatch.errors import InvalidInput

PLANS = Path(__file__).resolve().parent.parent / "reference" / "data" / "plans"
TIERS = ("region", "league", "county")
MEASURES = ("dead_missing", "relocated", "rooms", "households", "need_aid")
LEVELS = (1, 2, 3, 4)


@dataclass(frozen=True)
class LevelActions:
    """What a level sets in motion; see the policy file for units (hours, percent)."""

    lead_tier: str
    approver_role: str
    stock_share_percent: int
    opens_safety_stock: bool
    source_tiers: tuple[str, ...]
    first_goods_on_road_h: int
    first_goods_there_h: int
    teams_to_send: int
    muster_h: int


@dataclass(frozen=True)
class Policy:
    """``thresholds[tier][measure]`` are the four lower edges for levels I to IV;
    ``warnings[colour]`` is the pre-alert level (0 = watch)."""

    version: str
    valid_from: date
    title_zh: str
    title_en: str
    is_assumption: bool
    source: str
    two_orange_lift_one_level: bool
    thresholds: dict[str, dict[str, tuple[int, ...]]]
    warnings: dict[str, int]
    levels: dict[int, LevelActions]


def load_policy(at: date, folder: Path = PLANS) -> Policy:
    """The policy in force on a date (the earliest one for older dates)."""
    policies = sorted((read_policy(p) for p in folder.glob("*.toml")), key=lambda p: p.valid_from)
    if not policies:
        raise InvalidInput(f"There is no plan policy in {folder}.", remedy="Put the TOML file back.")
    current = [policy for policy in policies if policy.valid_from <= at]
    return current[-1] if current else policies[0]


def read_policy(path: Path) -> Policy:
    """One file, checked: every band there, falling from I to IV, every level with actions."""
    try:
        fields = tomllib.loads(path.read_text("utf-8"))
        faults = _faults(fields)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, UnicodeDecodeError) as error:
        faults, fields = [f"cannot be read: {error!r}"], {}
    if faults:
        raise InvalidInput(
            f"The plan policy {path.name} is refused: " + "; ".join(faults),
            remedy="Mend the fields named; the policy in force stays as it was.",
            zh=f"预案文件 {path.name} 被拒绝：" + "；".join(faults),
            remedy_zh="请修改所列字段；现行预案保持不变。",
            facts={"faults": faults},
        )
    return _policy(fields)


def _faults(fields: dict[str, Any]) -> list[str]:
    faults = []
    for tier in TIERS:
        for measure in MEASURES:
            bands = fields["thresholds"][tier].get(measure)
            where = f"thresholds.{tier}.{measure}"
            if bands is None or len(bands) != len(LEVELS):
                faults.append(f"{where} needs four bands, for levels I to IV")
            elif any(not isinstance(b, int) or b < 1 for b in bands):
                faults.append(f"{where} has a band that is not a whole number above zero")
            elif any(a <= b for a, b in zip(bands, bands[1:], strict=False)):
                faults.append(f"{where} overlaps: each level must ask more than the next milder one")
    for level in LEVELS:
        actions = fields["levels"].get(str(level))
        if actions is None:
            faults.append(f"levels.{level} is missing: a level without a plan")
        elif not 0 <= actions["stock_share_percent"] <= 100:
            faults.append(f"levels.{level}.stock_share_percent is not 0 to 100")
    for colour in ("blue", "yellow", "orange", "red"):
        if fields["warnings"].get(colour) not in (0, *LEVELS):
            faults.append(f"warnings.{colour} is not a level 0 to 4")
    return faults


def _policy(fields: dict[str, Any]) -> Policy:
    return Policy(
        version=fields["version"],
        valid_from=fields["from"],
        title_zh=fields["title_zh"],
        title_en=fields["title_en"],
        is_assumption=fields["is_assumption"],
        source=fields["source"],
        two_orange_lift_one_level=fields["two_orange_lift_one_level"],
        thresholds={
            tier: {measure: tuple(bands[measure]) for measure in MEASURES}
            for tier, bands in fields["thresholds"].items()
        },
        warnings=fields["warnings"],
        levels={
            int(level): LevelActions(**{**actions, "source_tiers": tuple(actions["source_tiers"])})
            for level, actions in fields["levels"].items()
        },
    )
