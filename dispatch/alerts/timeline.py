"""Folds messages into situations at a moment: updates, cancels, expiry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from dispatch.alerts.model import Alert, Colour, LossCounts, RoadNotice, Situation
from dispatch.clock import to_local

GROUPS = (
    ("blizzard", "snow_disaster", "cold_wave", "road_ice", "gale"),
    ("flood", "rainstorm"),
)
JOIN_WITHIN = timedelta(hours=72)
LOSSES_KEEP_OPEN = timedelta(days=7)
HAZARD_NAMES = {
    "blizzard": ("暴雪", "blizzard"), "snow_disaster": ("雪灾", "snow disaster"),
    "cold_wave": ("寒潮", "cold wave"), "road_ice": ("道路结冰", "road icing"),
    "gale": ("大风", "gale"), "flood": ("洪水", "flood"), "rainstorm": ("暴雨", "rainstorm"),
    "sandstorm": ("沙尘暴", "sandstorm"), "drought": ("干旱", "drought"),
    "earthquake": ("地震", "earthquake"), "wildfire": ("森林草原火险", "wildfire danger"),
    "other": ("突发事件", "emergency"),
}
COLOUR_NAMES = {"blue": "蓝色", "yellow": "黄色", "orange": "橙色", "red": "红色"}


def group_of(hazard: str) -> tuple[str, ...]:
    """Hazards that belong to one weather event with this one, leading hazard first."""
    return next((group for group in GROUPS if hazard in group), (hazard,))


def fold(
    alerts: Sequence[Alert], at: datetime, names: Mapping[str, tuple[str, str]]
) -> tuple[Situation, ...]:
    """Situations open at ``at``; the order in which messages arrived does not matter.

    ``names`` maps adcodes (counties, leagues, region) to (Chinese, English).
    """
    actual = sorted(
        (a for a in alerts if a.status == "Actual" and a.sent <= at),
        key=lambda a: (a.sent, a.identifier),
    )
    opened = [a for a in actual if a.msg_type in ("Alert", "Update")]
    gone = {ref for a in actual if a.msg_type in ("Update", "Cancel") for ref in a.references}
    situations = [_situation(cluster, gone, at, names) for cluster in _clusters(opened)]
    return tuple(s for s in situations if s is not None)


def _clusters(alerts: Sequence[Alert]) -> list[list[Alert]]:
    clusters: list[list[Alert]] = []
    for alert in alerts:
        for cluster in clusters:
            if group_of(cluster[0].hazard) == group_of(alert.hazard) and _touches(cluster, alert):
                cluster.append(alert)
                break
        else:
            clusters.append([alert])
    return clusters


def _touches(cluster: Sequence[Alert], alert: Alert) -> bool:
    leagues = {code[:4] for other in cluster for code in other.counties}
    near = alert.sent - max(other.sent for other in cluster) <= JOIN_WITHIN
    return near and any(code[:4] in leagues for code in alert.counties)


def _situation(
    cluster: Sequence[Alert], gone: set[str], at: datetime, names: Mapping[str, tuple[str, str]]
) -> Situation | None:
    live = [
        a for a in cluster
        if a.identifier not in gone and a.effective <= at and (a.expires is None or a.expires > at)
    ]
    counts, counts_at = LossCounts(), None
    temperature: int | None = None
    for alert in cluster:
        if alert.counts != LossCounts():
            counts, counts_at = counts.later(alert.counts), alert.sent
        if alert.temperature_c is not None:
            temperature = alert.temperature_c
    coloured = [a for a in live if a.colour is not None]
    recent_loss = counts_at is not None and at - counts_at <= LOSSES_KEEP_OPEN
    if not coloured and not recent_loss:
        return None
    colours = _highest(coloured)
    hazards = {a.hazard for a in cluster}
    main = next(h for h in group_of(cluster[0].hazard) if h in hazards)
    counties = colours if colours else _highest([a for a in cluster if a.colour is not None])
    if not counties:
        counties = {code: Colour.BLUE for a in cluster for code in a.counties}
    top = max(colours.values(), key=lambda c: c.rank) if colours else None
    zh, en = _title(main, counties, top, names)
    started = cluster[0].sent
    place = cluster[0].counties[0][:4] + "00"
    return Situation(
        code=f"S-{to_local(started):%Y%m%d}-{place}-{group_of(main)[0]}",
        hazard=main, title_zh=zh, title_en=en, started_at=started, as_of=at, colour=top,
        hazards=_by_hazard(coloured), counties=dict(sorted(counties.items())),
        counts=counts, counts_at=counts_at,
        roads=_roads(live, at),
        alert_identifiers=tuple(a.identifier for a in cluster),
        temperature_c=temperature,
    )


def _highest(alerts: Sequence[Alert]) -> dict[str, Colour]:
    best: dict[str, Colour] = {}
    for alert in alerts:
        for code in alert.counties:
            if alert.colour and (code not in best or alert.colour.rank > best[code].rank):
                best[code] = alert.colour
    return best


def _by_hazard(alerts: Sequence[Alert]) -> dict[str, Colour]:
    best: dict[str, Colour] = {}
    for alert in alerts:
        old = best.get(alert.hazard)
        if alert.colour and (old is None or alert.colour.rank > old.rank):
            best[alert.hazard] = alert.colour
    return dict(sorted(best.items()))


def _roads(alerts: Sequence[Alert], at: datetime) -> tuple[RoadNotice, ...]:
    latest = {(n.ref, n.counties): n for a in alerts for n in a.roads}
    return tuple(n for n in latest.values() if n.until is None or n.until > at)


def _title(
    hazard: str,
    counties: Mapping[str, Colour],
    top: Colour | None,
    names: Mapping[str, tuple[str, str]],
) -> tuple[str, str]:
    leagues = sorted({code[:4] + "00" for code in counties})
    codes = list(counties) if len(counties) == 1 else leagues if len(leagues) <= 3 else ["150000"]
    places = [names.get(code, (code, code)) for code in codes]
    hazard_zh, hazard_en = HAZARD_NAMES.get(hazard, HAZARD_NAMES["other"])
    tail_zh = f"（{COLOUR_NAMES[top]}预警）" if top else "（损失报告）"
    tail_en = f" ({top.value} warning)" if top else " (loss report)"
    zh = "、".join(p[0] for p in places) + hazard_zh + tail_zh
    en = ", ".join(p[1] for p in places) + " " + hazard_en + tail_en
    return zh, en
