"""Past situations under two editions of the plan: what the change would have changed.  Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from dispatch.alerts.model import LossCounts, Situation
from dispatch.clock import LOCAL_ZONE
from dispatch.errors import InvalidInput
from dispatch.plans.engine import assess
from dispatch.plans.ground import Ground
from dispatch.plans.model import Activation, Criterion
from dispatch.plans.policy import Policy
from dispatch.words import Words

PAST = Path(__file__).resolve().parent.parent / "reference" / "data" / "activations" / "regional.toml"
ACTIONS = (
    "stage", "lead_tier", "stock_share_percent", "opens_safety_stock", "source_tiers",
    "first_goods_on_road_h", "first_goods_there_h", "teams_to_send", "muster_h",
)
SHOWN = 3


@dataclass(frozen=True)
class Case:
    """A past situation with the ground it stood on; ``real_level`` is what was started then."""

    situation: Situation
    ground: Ground
    real_level: int | None = None
    note: Words | None = None
    source: str = ""
    is_assumption: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case under the edition replaced and the new one.

    ``decisive`` are the criteria that made the difference, each marked ``before`` or ``after``
    for the edition that speaks; ``actions`` are (name, before, after) of what the level sets
    in motion where that differs.
    """

    code: str
    title: Words
    at: datetime
    before: int | None
    after: int | None
    decisive: tuple[tuple[str, Words], ...]
    actions: tuple[tuple[str, Any, Any], ...]
    case: Case

    @property
    def is_changed(self) -> bool:
        """True when the level or anything it sets in motion differs."""
        return self.before != self.after or bool(self.actions)


@cache
def load_past(path: Path = PAST) -> tuple[Case, ...]:
    """The region's real activations as cases without a breakdown by place."""
    try:
        fields = tomllib.loads(path.read_text("utf-8"))
        return tuple(_case(row) for row in fields["activation"])
    except (OSError, tomllib.TOMLDecodeError, LookupError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"The list of past activations {path.name} cannot be read: {error!r}.",
            remedy="Mend the file or put it back.",
            zh=f"历次启动清单 {path.name} 无法读取：{error!r}。", remedy_zh="请修改或放回该文件。",
        ) from error


def _case(row: dict[str, Any]) -> Case:
    at = datetime.combine(row["on"], time(12), LOCAL_ZONE).astimezone(UTC)
    forecast = row.get("forecast")
    situation = Situation(
        code=row["code"], hazard=row["hazard"], title_zh=row["title_zh"], title_en=row["title_en"],
        started_at=at, as_of=at, colour=None, hazards={}, counties={}, counts=LossCounts(**row["counts"]),
        counts_at=at, roads=(), alert_identifiers=(),
        forecast=LossCounts(**forecast) if forecast else None, lowered=tuple(row.get("lowered", ())),
    )
    return Case(
        situation, Ground(), row["level"], Words("past.note", row["note_zh"], row["note_en"]),
        row["source"], row["is_assumption"],
    )


def compare(cases: Sequence[Case], old: Policy, new: Policy) -> tuple[Outcome, ...]:
    """Every case under both editions, in the order given."""
    return tuple(_outcome(case, old, new) for case in cases)


def _outcome(case: Case, old: Policy, new: Policy) -> Outcome:
    situation = case.situation
    before = assess(situation, old, situation.as_of, case.ground)
    after = assess(situation, new, situation.as_of, case.ground)
    return Outcome(
        situation.code, Words("situation.title", situation.title_zh, situation.title_en), situation.as_of,
        before.level, after.level, _decisive(before, after),
        tuple((name, getattr(before, name), getattr(after, name)) for name in ACTIONS
              if getattr(before, name) != getattr(after, name)),
        case,
    )


def _decisive(before: Activation, after: Activation) -> tuple[tuple[str, Words], ...]:
    if before.level == after.level:
        return ()
    if (after.level or 5) < (before.level or 5):
        return tuple(("after", c.words) for c in _carrying(after)[:SHOWN])
    now = {_key(c): c for c in after.criteria}
    found: list[tuple[str, Words]] = []
    for criterion in _carrying(before)[:SHOWN]:
        found.append(("before", criterion.words))
        if _key(criterion) in now:
            found.append(("after", now[_key(criterion)].words))
    return tuple(found)


def _carrying(answer: Activation) -> list[Criterion]:
    return [c for c in answer.criteria if c.met and c.level == answer.level]


def _key(criterion: Criterion) -> tuple[str, str, str, str]:
    return criterion.name, criterion.tier, criterion.place, criterion.basis
