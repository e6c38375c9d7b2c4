"""The rule of drills: how rough facts come in, how fast players are, what is scored."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from dispatch.drills.model import Precision
from dispatch.errors import InvalidInput

FOLDER = Path(__file__).resolve().parent.parent / "reference" / "data" / "drills"
FILE = FOLDER / "rule.toml"


@dataclass(frozen=True)
class DrillRule:
    """Values of ``rule.toml``, each explained there.

    ``spread`` is how far off a moment of a precision may be, either way.
    """

    version: str
    source: str
    day_hour: int
    month_day: int
    spread: dict[Precision, timedelta]
    hold: timedelta
    draft_after: timedelta
    submit_after: timedelta
    approve_after: timedelta
    repair: timedelta
    iterations: int
    slices: int
    score_hours: tuple[int, ...]
    curve_step: timedelta
    least: timedelta
    after_last: timedelta
    band_seeds: tuple[int, ...]
    band_stock_percent: tuple[int, ...]
    most_events: int
    most_nodes: int
    deepest: int


@cache
def load_drill_rule(file: Path = FILE) -> DrillRule:
    """The rule as it stands in its file; ``InvalidInput`` when it cannot be read."""
    try:
        fields = tomllib.loads(file.read_text("utf-8"))
        arrival, players, score = fields["arrival"], fields["players"], fields["score"]
        bands, limits = fields["bands"], fields["limits"]
        return DrillRule(
            version=fields["version"], source=fields["source"],
            day_hour=arrival["day_hour"], month_day=arrival["month_day"],
            spread={Precision(k): timedelta(seconds=v) for k, v in arrival["spread_s"].items()},
            hold=timedelta(hours=fields["warnings"]["hold_h"]),
            draft_after=timedelta(seconds=players["draft_s"]),
            submit_after=timedelta(minutes=players["submit_min"]),
            approve_after=timedelta(minutes=players["approve_min"]),
            repair=timedelta(hours=players["repair_h"]),
            iterations=fields["search"]["iterations"], slices=fields["search"]["slices"],
            score_hours=tuple(score["hours"]), curve_step=timedelta(hours=score["curve_step_h"]),
            least=timedelta(hours=score["least_h"]), after_last=timedelta(hours=score["after_last_h"]),
            band_seeds=tuple(bands["seeds"]), band_stock_percent=tuple(bands["stock_percent"]),
            **limits,
        )
    except (OSError, tomllib.TOMLDecodeError, LookupError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"The rule of drills {file.name} cannot be read: {error!r}.",
            remedy="Mend the file or put it back.",
            zh=f"演练规则 {file.name} 无法读取：{error!r}。", remedy_zh="请修改或放回该文件。",
        ) from error
