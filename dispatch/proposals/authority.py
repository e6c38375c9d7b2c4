"""Whose approval a proposal needs: the level in force and the places it touches against the tier and
place of the approver.  Dated data, pure rules."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from dispatch.errors import DispatchError, InvalidInput, Refused
from dispatch.places import TIERS, is_within, tier_of
from dispatch.words import Words

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "approval_rule.toml"
GRADES = ("1", "2", "3", "4", "special", "none")
TIER_WORDS = {
    "region": Words("tier.region", "自治区", "region"), "league": Words("tier.league", "盟市", "league"),
    "county": Words("tier.county", "旗县", "county"),
}
LEVEL_WORDS = {
    "1": Words("level.1", "I 级", "level I"), "2": Words("level.2", "II 级", "level II"),
    "3": Words("level.3", "III 级", "level III"), "4": Words("level.4", "IV 级", "level IV"),
    "special": Words("level.special", "特殊应急响应", "special response"),
    "none": Words("level.none", "未启动级别", "no level in force"),
}


@dataclass(frozen=True)
class Authority:
    """One edition: grade (level, ``special`` or ``none``) → tiers that may approve it."""

    valid_from: date
    is_assumption: bool
    source: str
    tiers: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Reach:
    """What an approval would set in motion: the grade, and every place (adcode) whose goods,
    teams or people it disposes of.  ``day`` picks the edition of the rule."""

    grade: str
    places: frozenset[str]
    day: date


def grade_of(level: int | None, *, special: bool) -> str:
    """The row of the rule for a level in force."""
    return "special" if special else str(level) if level else "none"


def read_editions(text: str) -> tuple[Authority, ...]:
    """The editions of a rule file, oldest first; ``InvalidInput`` names what is missing or unknown."""
    editions, faults = [], []
    for number, fields in enumerate(tomllib.loads(text).get("edition", ()), 1):
        levels = fields.get("levels", {})
        faults += [f"edition {number}: levels.{grade} is missing" for grade in GRADES if not levels.get(grade)]
        faults += [f"edition {number}: levels.{grade} is not known" for grade in levels if grade not in GRADES]
        faults += [
            f"edition {number}: levels.{grade} names {tier!r}" for grade, tiers in levels.items()
            for tier in tiers if tier not in TIERS
        ]
        if type(fields.get("from")) is not date or not fields.get("source"):
            faults.append(f"edition {number}: from (a day) and source are needed")
        elif not faults:
            tiers = {grade: tuple(of) for grade, of in levels.items()}
            editions.append(Authority(fields["from"], bool(fields.get("is_assumption")), fields["source"], tiers))
    if faults or not editions:
        said = "; ".join(faults) or "no edition"
        raise InvalidInput(
            f"The approval rule is refused: {said}.", remedy="Mend approval_rule.toml.",
            zh=f"审批权限表有误：{said}。", remedy_zh="请修改 approval_rule.toml。", facts={"faults": faults},
        )
    return tuple(sorted(editions, key=lambda edition: edition.valid_from))


@cache
def _shipped() -> tuple[Authority, ...]:
    return read_editions(FILE.read_text("utf-8"))


def authority_on(day: date) -> Authority:
    """The edition in force on a day; the oldest for days before it."""
    editions = _shipped()
    return next((e for e in reversed(editions) if e.valid_from <= day), editions[0])


def who_may(reach: Reach) -> Words:
    """The tiers whose approvers may approve this, in words, with the source of the rule."""
    edition = authority_on(reach.day)
    needed = edition.tiers[reach.grade]
    zh, en = "、".join(TIER_WORDS[t].zh for t in needed), " or ".join(TIER_WORDS[t].en for t in needed)
    level = LEVEL_WORDS[reach.grade]
    mark_zh, mark_en = ("（假设）", " (assumption)") if edition.is_assumption else ("", "")
    return Words(
        "authority.who", f"{level.zh}方案由{zh}审批人批准{mark_zh}。依据：{edition.source}",
        f"A proposal of {level.en} is approved by the {en}{mark_en}. Source: {edition.source}",
    )


def find_lack(reach: Reach, place: str) -> DispatchError | None:
    """Why an approver of ``place`` may not approve this, or None when they may."""
    needed = authority_on(reach.day).tiers[reach.grade]
    tier = tier_of(place)
    level, mine = LEVEL_WORDS[reach.grade], TIER_WORDS[tier]
    if tier not in needed:
        who_zh = "、".join(TIER_WORDS[t].zh for t in needed)
        who_en = " or ".join(TIER_WORDS[t].en for t in needed)
        return Refused(
            f"A proposal of {level.en} is approved by the {who_en}, not by a {mine.en}.",
            remedy=f"Ask an approver of the {who_en}.",
            zh=f"{level.zh}方案须由{who_zh}审批，{mine.zh}审批人无此权限。", remedy_zh=f"请由{who_zh}审批人审批。",
            facts={"tiers": list(needed)},
        )
    outside = sorted(p for p in reach.places if not is_within(p, place))
    if outside:
        return Refused(
            f"The proposal draws on or serves {len(outside)} place(s) outside {place}: {', '.join(outside[:5])}.",
            remedy="What crosses the border of a league or county is approved by the region.",
            zh=f"本方案涉及 {place} 以外的 {len(outside)} 处：{'、'.join(outside[:5])}。",
            remedy_zh="跨盟市、跨旗县的调拨请由上级（自治区）审批人审批。", facts={"places": outside},
        )
    return None
