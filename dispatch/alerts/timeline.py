"""Folds messages into situations at a moment: updates, cancels, expiry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dispatch.alerts.entries import Entry, fold_entries
from dispatch.alerts.figures import Board, board, counts_of, heard
from dispatch.alerts.identifiers import same_message, stem
from dispatch.alerts.model import Alert, Colour, LossCounts, Observations, RoadNotice, Situation
from dispatch.alerts.reports import Report
from dispatch.alerts.rules import situation_rules
from dispatch.alerts.warnings import hazard_names, load_warning_table
from dispatch.clock import to_local
from dispatch.places import REGION_ADCODE

HAZARD_NAMES = hazard_names()
COLOUR_NAMES = {"blue": "蓝色", "yellow": "黄色", "orange": "橙色", "red": "红色"}


def group_of(hazard: str) -> tuple[str, ...]:
    """Hazards that belong to one event with this one, leading hazard first."""
    return load_warning_table(date.max).group_of(hazard)


def fold(
    alerts: Sequence[Alert], at: datetime, names: Mapping[str, tuple[str, str]]
) -> tuple[Situation, ...]:
    """Situations open at ``at``; the order in which messages arrived does not matter.

    ``names`` maps adcodes (counties, leagues, region) to (Chinese, English).
    """
    found = []
    for cluster in clusters([a for a in alerts if a.status == "Actual" and a.sent <= at]):
        situation = describe(make_code(cluster), Material(tuple(cluster)), at, names)
        if is_open(situation):
            found.append(situation)
    return tuple(found)


@dataclass(frozen=True)
class Material:
    """Everything a situation is made of: messages, reports, judgements."""

    alerts: tuple[Alert, ...]
    reports: tuple[Report, ...] = ()
    entries: tuple[Entry, ...] = ()


def clusters(alerts: Sequence[Alert]) -> list[list[Alert]]:
    """Messages that belong together, in any order of arrival: connected by ``belong``."""
    found: list[list[Alert]] = []
    for alert in alerts:
        touched = [c for c in found if any(belong(alert, other) for other in c)]
        merged = [alert, *(other for c in touched for other in c)]
        found = [c for c in found if c not in touched] + [merged]
    for cluster in found:
        cluster.sort(key=lambda a: (a.sent, a.identifier, a.part))
    return sorted(found, key=lambda c: (c[0].sent, c[0].identifier, c[0].part))


def belong(a: Alert, b: Alert) -> bool:
    """True when two messages speak of one event: one names the other, or the same family of
    hazards in a common league within the joining time.  Symmetric."""
    named = [(b.identifier, ref) for ref in (*a.references, a.identifier)]
    named += [(a.identifier, ref) for ref in b.references]
    if any(same_message(x, y) for x, y in named):
        return not a.counties or not b.counties or group_of(a.hazard) == group_of(b.hazard)
    if not a.counties or not b.counties or group_of(a.hazard) != group_of(b.hazard):
        return False
    near = abs(a.sent - b.sent) <= situation_rules().join_within
    return near and bool(leagues_of(a) & leagues_of(b))


def leagues_of(alert: Alert) -> frozenset[str]:
    """First four digits of the counties a message names."""
    return frozenset(code[:4] for code in alert.counties)


def make_code(cluster: Sequence[Alert]) -> str:
    """S-date-league-hazard family of the first message."""
    first = min((a for a in cluster if a.counties), key=lambda a: (a.sent, a.identifier), default=cluster[0])
    place = first.counties[0][:4] + "00" if first.counties else REGION_ADCODE
    return f"S-{to_local(first.sent):%Y%m%d}-{place}-{group_of(first.hazard)[0]}"


def as_report(alert: Alert) -> Report:
    """The figures a message carries as a report for the smallest place that holds its area."""
    leagues = {code[:4] for code in alert.counties}
    place = REGION_ADCODE
    if len(leagues) == 1:
        place = alert.counties[0] if len(alert.counties) == 1 else leagues.pop() + "00"
    return Report(
        f"{alert.identifier}#{alert.part}", alert.report_kind or "follow_up", alert.hazard, place,
        alert.sent, alert.sent, alert.sender, alert.counts, is_correction=alert.is_correction,
    )


def all_reports(material: Material, at: datetime) -> list[Report]:
    """Reports and the figures of messages, up to a moment."""
    carried = [as_report(a) for a in material.alerts if a.counts != LossCounts() and a.sent <= at]
    return [*carried, *(r for r in material.reports if r.received_at <= at)]


def describe(
    code: str, material: Material, at: datetime, names: Mapping[str, tuple[str, str]]
) -> Situation:
    """The situation a cluster amounts to at a moment; total, also when all is over."""
    alerts = sorted((a for a in material.alerts if a.sent <= at), key=lambda a: (a.sent, a.identifier, a.part))
    gone = _replaced(alerts, at)
    opened = [a for a in alerts if a.msg_type in ("Alert", "Update")]
    live = [a for a in opened if not _is_gone(a, gone)
            and a.effective <= at and (a.expires is None or a.expires > at)]
    coloured = [a for a in live if a.colour is not None]
    reports = all_reports(material, at)
    figures = board(reports)
    judged = fold_entries([*_governments(live), *(e for e in material.entries if e.at <= at)])
    colours = _highest(coloured)
    counties = {**_hit(figures), **(colours or _known_counties(opened, reports, names))}
    main = _main_hazard(opened, reports)
    top = max(colours.values(), key=lambda c: c.rank) if colours else None
    zh, en = _title(main, counties, top, names)
    whole = figures.get(REGION_ADCODE, {})
    observed, temperature = _measures(opened)
    return Situation(
        code=code, hazard=main, title_zh=zh, title_en=en,
        started_at=min((*(a.sent for a in opened), *(r.as_of for r in reports)), default=at),
        as_of=at, colour=top, hazards=_by_hazard(coloured), counties=dict(sorted(counties.items())),
        counts=counts_of(whole), counts_at=max((f.as_of for f in whole.values()), default=None),
        roads=_roads(live, at), alert_identifiers=tuple(dict.fromkeys(a.identifier for a in opened)),
        temperature_c=temperature, observations=observed.later(judged.observations),
        places={p: counts_of(f) for p, f in figures.items() if p != REGION_ADCODE},
        forecast=judged.forecast,
        government=judged.government,
        lowered=judged.lowered, county_hazards=_county_hazards(coloured), heard=heard(reports),
        is_cancelled=bool(opened) and not coloured,
    )


def _replaced(alerts: Sequence[Alert], at: datetime) -> dict[str, set[tuple[str, str]]]:
    """stem → (reference, by whom) of messages that an Update or Cancel in effect refers to."""
    found: dict[str, set[tuple[str, str]]] = {}
    for alert in alerts:
        if alert.msg_type in ("Update", "Cancel") and alert.effective <= at:
            for ref in alert.references:
                found.setdefault(stem(ref), set()).add((ref, alert.identifier))
    return found


def _is_gone(alert: Alert, gone: Mapping[str, set[tuple[str, str]]]) -> bool:
    """True when another message replaced this one; a message never replaces itself."""
    return any(same_message(alert.identifier, ref) and by != alert.identifier
               for ref, by in gone.get(stem(alert.identifier), ()))


def is_open(situation: Situation) -> bool:
    """True while a warning is in force or figures came in lately."""
    at, last = situation.as_of, situation.counts_at
    recent = last is not None and at - last <= situation_rules().losses_keep_open
    return bool(situation.hazards) or recent


def _main_hazard(opened: Sequence[Alert], reports: Sequence[Report]) -> str:
    hazards = {a.hazard for a in opened} or {r.hazard for r in reports}
    if not hazards:
        return "other"
    group = group_of(opened[0].hazard if opened else sorted(hazards)[0])
    return next((h for h in group if h in hazards), sorted(hazards)[0])


def _known_counties(
    opened: Sequence[Alert], reports: Sequence[Report], names: Mapping[str, tuple[str, str]]
) -> dict[str, Colour]:
    """Counties of a situation without a colour in force: as last warned, else as reported; a
    report for a whole league (or the region) alone means every county of it."""
    found = _highest([a for a in opened if a.colour is not None])
    if found:
        return found
    named = {code for a in opened for code in a.counties}
    named |= {r.place for r in reports if not r.place.endswith("00")}
    if not named:
        wide = {r.place.rstrip("0") for r in reports}
        named = {code for code in names if not code.endswith("00") and code.startswith(tuple(wide))}
    return dict.fromkeys(sorted(named), Colour.BLUE)


def _hit(figures: Board) -> dict[str, Colour]:
    """Counties with losses reported: part of the situation wherever the warnings stand."""
    return {place: Colour.BLUE for place, known in figures.items()
            if not place.endswith("00") and any(figure.value for figure in known.values())}


def _measures(opened: Sequence[Alert]) -> tuple[Observations, int | None]:
    observed, temperature = Observations(), None
    for alert in opened:
        observed = observed.later(alert.observations)
        if alert.temperature_c is not None:
            temperature = alert.temperature_c
    return observed, temperature


def _governments(live: Sequence[Alert]) -> list[Entry]:
    """The government levels that messages carry, each as a judgement of its sender."""
    return [Entry("government", alert.sent, alert.sender, {"place": place, "level": level})
            for alert in live for place, level in alert.government]


def _county_hazards(alerts: Sequence[Alert]) -> dict[str, dict[str, Colour]]:
    found: dict[str, dict[str, Colour]] = {}
    for alert in alerts:
        for code in alert.counties:
            here = found.setdefault(code, {})
            old = here.get(alert.hazard)
            if alert.colour and (old is None or alert.colour.rank > old.rank):
                here[alert.hazard] = alert.colour
    return {code: dict(sorted(here.items())) for code, here in sorted(found.items())}


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
