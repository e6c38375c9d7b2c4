"""The plan's deadlines as countdowns: what is due when, and what has been missed.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.plans.policy import TIERS, LevelActions
from dispatch.words import Words

NAMES = {
    "first_report": ("初报上报", "first report up"),
    "follow_up": ("续报上报", "follow-up report"),
    "working_group": ("工作组出发", "working group leaves"),
    "muster": ("救援队集结", "teams mustered"),
    "goods_on_road": ("首批物资上路", "first goods on the road"),
    "goods_there": ("首批物资到达", "first goods there"),
}
HOURS = {
    "first_report": "first_report_h", "follow_up": "follow_up_h", "working_group": "working_group_h",
    "muster": "muster_h", "goods_on_road": "first_goods_on_road_h", "goods_there": "first_goods_there_h",
}
PRE_ALERT = ("first_report", "follow_up", "muster")


@dataclass(frozen=True, slots=True)
class Deadline:
    """One promise of the plan: its name, the tier that owes it, and when."""

    name: str
    tier: str
    due_at: datetime

    @property
    def words(self) -> Words:
        """What is due, in both languages."""
        zh, en = NAMES[self.name]
        return Words(f"deadline.{self.name}", zh, en)


def deadlines(actions: LevelActions, stage: str, tier: str, since: datetime) -> tuple[Deadline, ...]:
    """Every deadline a level starts; before losses only reporting and muster are owed."""
    names = PRE_ALERT if stage == "pre_alert" else tuple(HOURS)
    return tuple(
        Deadline(name, tier, since + timedelta(hours=getattr(actions, HOURS[name])))
        for name in names
    )


def tier_above(tier: str) -> str:
    """The tier a missed deadline goes up to; above the region stands the head office."""
    position = TIERS.index(tier)
    return TIERS[position - 1] if position else "head_office"


def state(due_at: datetime, met_at: datetime | None, at: datetime) -> str:
    """met, met_late, missed, soon (a quarter of an hour left) or running."""
    if met_at is not None:
        return "met" if met_at <= due_at else "met_late"
    if at >= due_at:
        return "missed"
    return "soon" if due_at - at <= timedelta(minutes=15) else "running"
