"""The record of past disasters as a season draws from it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import e, log10
from pathlib import Path
from typing import Any

from dispatch.alerts.model import Colour, Observations
from dispatch.drills.season_rules import QuakeRule, SeasonRules
from dispatch.errors import InvalidInput
from dispatch.geo import LonLat

PAST = Path(__file__).resolve().parent.parent / "reference" / "data" / "past"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A past disaster: ``people`` is the count of those in need, None where nobody counted.

    ``counties`` are those named; where only a number is known, ``leagues`` and ``counties_hit``.
    """

    code: str
    hazard: str
    started_at: datetime
    colour: Colour
    counties: tuple[str, ...]
    leagues: tuple[str, ...]
    counties_hit: int
    people: int | None
    observations: Observations


def load_record(rules: SeasonRules, folder: Path = PAST) -> dict[str, Recorded]:
    """Code → event, for every event the rules draw from.

    Raises ``InvalidInput`` naming the events that are not in the record.
    """
    wanted = [code for group in rules.groups for code in group.events]
    missing = [code for code in wanted if not (folder / f"{code}.toml").exists()]
    if missing:
        raise InvalidInput(
            "season.toml draws from events that are not in the record: " + ", ".join(missing) + ".",
            remedy=f"Put them into {folder.name}/ or take them out of the group.",
            zh="season.toml 引用了灾情记录中没有的事件：" + "、".join(missing) + "。",
            remedy_zh=f"请在 {folder.name}/ 中补充，或从该组中删除。", facts={"events": missing},
        )
    return {code: _recorded(tomllib.loads((folder / f"{code}.toml").read_text("utf-8"))) for code in wanted}


def _recorded(fields: dict[str, Any]) -> Recorded:
    seen = dict(fields.get("observations", {}))
    if "lon" in seen:
        seen["epicentre"] = LonLat(seen.pop("lon"), seen.pop("lat"))
    counties = tuple(fields.get("counties", ()))
    return Recorded(
        code=fields["code"], hazard=fields["hazard"], started_at=fields["started_at"],
        colour=Colour(fields.get("colour", "red")), counties=counties, leagues=tuple(fields.get("leagues", ())),
        counties_hit=fields.get("counties_hit", len(counties)),
        people=next((a["count"] for a in fields.get("actual", ()) if a["measure"] == "need_aid"), None),
        observations=Observations(**seen),
    )


def b_value(events: Iterable[Recorded], rule: QuakeRule) -> float:
    """The slope of the Gutenberg-Richter law by Aki (1965), with Utsu's half bin.

    Raises ``InvalidInput`` where no shock is as large as the record is complete from.
    """
    sizes = [
        magnitude for event in events
        if (magnitude := event.observations.magnitude) is not None and magnitude >= rule.complete_from
    ]
    if not sizes:
        raise InvalidInput(f"No recorded shock reaches magnitude {rule.complete_from}.",
                           remedy="Lower quake.complete_from in season.toml.",
                           zh=f"记录中没有 {rule.complete_from} 级及以上地震。",
                           remedy_zh="请降低 season.toml 中的 quake.complete_from。")
    return log10(e) / (sum(sizes) / len(sizes) - (rule.complete_from - rule.bin / 2))
