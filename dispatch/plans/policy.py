"""Dated plan policy: its values, and choosing the one in force on a date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path

from dispatch.errors import InvalidInput
from dispatch.plans.reading import FileFaults, read_fields

PLANS = Path(__file__).resolve().parent.parent / "reference" / "data" / "plans"
TIERS = ("region", "league", "county")
MEASURES = ("dead_missing", "relocated", "rooms", "households", "need_aid")
LEVELS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Bands:
    """Lower edges of levels I to IV for one measure, with the article they stand in."""

    edges: tuple[int, ...]
    article: str
    is_assumption: bool


@dataclass(frozen=True)
class LevelActions:
    """What a level sets in motion; hours count from the activation, shares in percent."""

    lead_tier: str
    duty_zh: str
    duty_en: str
    proposed_by_zh: str
    proposed_by_en: str
    approved_by_zh: str
    approved_by_en: str
    approver_role: str
    stock_share_percent: int
    opens_safety_stock: bool
    source_tiers: tuple[str, ...]
    first_report_h: int
    follow_up_h: int
    working_group_h: int
    first_goods_on_road_h: int
    first_goods_there_h: int
    teams_to_send: int
    muster_h: int
    money_zh: str
    money_en: str


@dataclass(frozen=True, slots=True)
class TierReach:
    """What a tier's own response may draw on: warehouse tiers, and teams at most."""

    source_tiers: tuple[str, ...]
    teams_max: int


@dataclass(frozen=True)
class Policy:
    """One edition of the graded response.

    ``thresholds[tier][measure]`` are the general bands; ``hazard_rows[hazard, tier, measure]``
    stand beside them for one hazard; ``warnings[colour]`` is the pre-alert level (0 = watch).
    ``lowered_percent`` of a threshold counts under a reason code of ``lowered_codes``;
    ``linked_percent`` of it links a neighbour on ``linked_measures``.
    """

    version: str
    valid_from: date
    title_zh: str
    title_en: str
    is_assumption: bool
    source: str
    two_orange_lift_one_level: bool
    thresholds: dict[str, dict[str, Bands]]
    hazard_rows: dict[tuple[str, str, str], Bands]
    drought_hazards: tuple[str, ...]
    farming_herding_percent: int
    lowered_percent: int
    lowered_codes: tuple[str, ...]
    linked_percent: int
    linked_measures: tuple[str, ...]
    counts_forecast: bool
    mirrors_government: bool
    hold: timedelta
    sources: dict[str, str]
    warnings: dict[str, int]
    tiers: dict[str, TierReach]
    levels: dict[int, LevelActions]
    text: str = field(default="", compare=False, repr=False)

def choose(policies: Sequence[Policy], at: date) -> Policy:
    """The policy in force on a date (the earliest one for older dates)."""
    ordered = sorted(policies, key=lambda p: (p.valid_from, p.version))
    if not ordered:
        raise InvalidInput("There is no plan policy.", remedy="Put the TOML file back.",
                           zh="没有任何预案政策。", remedy_zh="请恢复预案文件。")
    current = [policy for policy in ordered if policy.valid_from <= at]
    return current[-1] if current else ordered[0]


@cache
def shipped_policies(folder: Path = PLANS) -> tuple[Policy, ...]:
    """The policies that come with the program, each file checked whole."""
    return tuple(read_policy(path) for path in sorted(folder.glob("*.toml")))


def load_policy(at: date, folder: Path = PLANS) -> Policy:
    """The shipped policy in force on a date."""
    return choose(shipped_policies(folder), at)


def read_policy(path: Path) -> Policy:
    """One file, checked: every band there, falling from I to IV, every level with actions."""
    try:
        text = path.read_text("utf-8")
    except (UnicodeDecodeError, OSError) as error:
        raise FileFaults([f"cannot be read: {error}"]).as_input(path.name) from error
    return parse_policy(text, path.name)


@lru_cache(maxsize=64)
def parse_policy(text: str, name: str) -> Policy:
    """A policy from its TOML text; ``InvalidInput`` names every fault with its line."""
    try:
        fields = read_fields(text)
    except FileFaults as faults:
        raise faults.as_input(name) from faults
    return _policy(fields, text)


def _policy(fields: dict, text: str) -> Policy:  # type: ignore[type-arg]
    assumed = fields["is_assumption"]
    rows = {}
    for row in fields["hazard_row"]:
        for measure in set(row) & {*MEASURES, "need_aid_percent"}:
            rows[row["hazard"], row["tier"], measure] = Bands(
                tuple(row[measure]), row["article"], row.get("is_assumption", assumed)
            )
    parts = ("drought", "lowered", "linked", "forecast", "government", "step_down")
    return Policy(
        version=fields["version"], valid_from=fields["from"],
        title_zh=fields["title_zh"], title_en=fields["title_en"],
        is_assumption=assumed, source=fields["source"],
        two_orange_lift_one_level=fields["two_orange_lift_one_level"],
        thresholds={
            tier: {m: Bands(tuple(bands[m]), bands["article"], assumed)
                   for m in (*MEASURES, "need_aid_percent")}
            for tier, bands in fields["thresholds"].items()
        },
        hazard_rows=rows,
        drought_hazards=tuple(fields["drought"]["hazards"]),
        farming_herding_percent=fields["drought"]["farming_herding_percent"],
        lowered_percent=fields["lowered"]["percent"],
        lowered_codes=tuple(fields["lowered"]["codes"]),
        linked_percent=fields["linked"]["percent"],
        linked_measures=tuple(fields["linked"]["measures"]),
        counts_forecast=fields["forecast"]["counts"],
        mirrors_government=fields["government"]["mirror"],
        hold=timedelta(hours=fields["step_down"]["hold_h"]),
        sources={part: fields[part]["source"] for part in parts},
        warnings=fields["warnings"],
        tiers={t: TierReach(tuple(r["source_tiers"]), r["teams_max"])
               for t, r in fields["tiers"].items()},
        levels={
            int(level): LevelActions(**{**actions, "source_tiers": tuple(actions["source_tiers"])})
            for level, actions in fields["levels"].items()
        },
        text=text,
    )
