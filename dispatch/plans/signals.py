"""Warnings, grades and government levels as criteria.  Pure."""

from __future__ import annotations

from dispatch.alerts.model import Colour, Situation
from dispatch.alerts.timeline import COLOUR_NAMES, HAZARD_NAMES
from dispatch.places import REGION_ADCODE
from dispatch.plans.ground import Ground
from dispatch.plans.losses import TIER_NAMES
from dispatch.plans.model import ROMAN, Criterion
from dispatch.plans.policy import LEVELS, Policy
from dispatch.words import Words

STRONG = Colour.ORANGE.rank


def tier_of(place: str) -> str:
    """The tier of an adcode: region 150000, league 150500, county 150522."""
    if place.endswith("0000"):
        return "region"
    return "league" if place.endswith("00") else "county"


def extent(situation: Situation) -> tuple[str, str]:
    """(tier, place) of the smallest place that holds the whole situation."""
    leagues = {code[:4] for code in situation.counties}
    if len(situation.counties) == 1:
        return "county", next(iter(situation.counties))
    if len(leagues) == 1:
        return "league", leagues.pop() + "00"
    return "region", "150000"


def wholes(situation: Situation) -> tuple[str, ...]:
    """Every place that holds the whole situation: the region, and its only league and county."""
    leagues = sorted({code[:4] + "00" for code in situation.counties})
    counties = sorted(situation.counties)
    return tuple(dict.fromkeys((
        REGION_ADCODE, *(leagues if len(leagues) == 1 else ()), *(counties if len(counties) == 1 else ()),
    )))


def warning_criteria(situation: Situation, policy: Policy, ground: Ground) -> list[Criterion]:
    """One criterion per active hazard, and the rule that lifts two strong ones in one area."""
    tier, place = extent(situation)
    found = []
    for hazard, colour in situation.hazards.items():
        level = policy.warnings[colour.value]
        zh, en = HAZARD_NAMES.get(hazard, HAZARD_NAMES["other"])
        words = Words(
            f"warning.{hazard}",
            f"{zh}{COLOUR_NAMES[colour]}预警：" + (f"预响应{ROMAN[level]}级" if level else "仅关注"),
            f"{en} {colour.value} warning: "
            + (f"pre-alert level {ROMAN[level]}" if level else "watch only"),
        )
        found.append(Criterion(f"warning.{hazard}", tier, level or LEVELS[-1], colour.value,
                               colour.value, level > 0, policy.source, words, place, "warning"))
    lifted = _combined(situation, policy, ground, found)
    return [*found, lifted] if lifted else found


def _combined(
    situation: Situation, policy: Policy, ground: Ground, single: list[Criterion]
) -> Criterion | None:
    best = min((c.level for c in single if c.met), default=0)
    if not policy.two_orange_lift_one_level or best <= 1:
        return None
    found = []
    for county in situation.counties:
        here = situation.county_hazards.get(county, {}) if situation.county_hazards else situation.hazards
        strong = {h: colour for h, colour in here.items() if colour.rank >= STRONG}
        both = {*strong, *ground.strong_elsewhere.get(county, ())} if strong else set()
        levels = [level for colour in strong.values() if (level := policy.warnings[colour.value])]
        if len(both) > 1 and levels:
            found.append((max(1, min(levels) - 1), -len(both), county, tuple(sorted(both))))
    if not found:
        return None
    lifted, _, where, strongest = min(found)
    zh = "、".join(HAZARD_NAMES.get(h, HAZARD_NAMES["other"])[0] for h in strongest)
    en = ", ".join(HAZARD_NAMES.get(h, HAZARD_NAMES["other"])[1] for h in strongest)
    name_zh, name_en = ground.name(where)
    words = Words(
        "warning.combined",
        f"同一区域（{name_zh}）两种橙色及以上预警（{zh}）：提高一级",
        f"two warnings of orange or above in one area ({name_en}: {en}): one level up",
    )
    tier, place = extent(situation)
    return Criterion("warning.combined", tier, lifted, len(strongest), 2, True,
                     policy.source, words, place, "warning")


def government_criteria(situation: Situation, policy: Policy, ground: Ground) -> list[Criterion]:
    """Levels that governments have in force, mirrored when the policy says so."""
    found = []
    for place, level in sorted(situation.government.items()):
        if level not in ROMAN:
            continue
        tier = tier_of(place)
        zh, en = ground.name(place)
        words = Words(
            "government.level",
            f"{zh}政府已启动{ROMAN[level]}级响应，" + ("同步启动" if policy.mirrors_government else "不同步"),
            f"the government of {en} has level {ROMAN[level]} in force: "
            + ("mirrored" if policy.mirrors_government else "not mirrored"),
        )
        found.append(Criterion("government.level", tier, level, level, level,
                               policy.mirrors_government, policy.sources["government"], words,
                               place, "government"))
    return found


def tier_words(tier: str) -> tuple[str, str]:
    """(Chinese, English) name of a tier."""
    return TIER_NAMES[tier]
