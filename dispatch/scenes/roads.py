"""Roads open, slow and closed, each with who said so and when.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatch.clock import clock_words
from dispatch.routing.conditions import edge_percent
from dispatch.routing.model import RoadEdge
from dispatch.scenes.facts import MapFacts
from maps.scene import About, Layer, Track

OPEN = 100
HOW = {"phone": ("手机报告", "by telephone page"), "call": ("来电记录", "told in a call")}


@dataclass(frozen=True, slots=True)
class RoadSaid:
    """What counts of a road: share of speed left (0 = closed), since and until when, who told it."""

    percent: int
    as_of: datetime
    until: datetime | None
    zh: str
    en: str
    is_stale: bool = False


def road_layer(facts: MapFacts, lang: str) -> Layer:
    """Every road; a person's word on one road counts before the notice of a warning."""
    zh = lang == "zh"
    said = said_by_edge(facts)
    tracks = [_track(facts, edge, said.get(edge.id), zh) for edge in facts.edges]
    tracks.sort(key=lambda track: -track.about.rank)
    legend = (("closed", "道路封闭" if zh else "road closed"), ("slow", "道路缓行" if zh else "road slow"),
              ("road", "道路（无限行）" if zh else "road, not restricted"))
    return Layer("道路" if zh else "Roads", tuple(tracks), "roads", legend)


def said_by_edge(facts: MapFacts) -> dict[int, RoadSaid]:
    """Edge id → what counts at the moment: of notices the strictest, then the newest report."""
    at = facts.moment.at
    found: dict[int, RoadSaid] = {}
    for one in facts.notices:
        notice = one.notice
        if notice.until is not None and notice.until <= at:
            continue
        for edge_id, percent in edge_percent(facts.edges, [notice], one.sent).items():
            old = found.get(edge_id)
            if old is None or (percent, -one.sent.timestamp()) < (old.percent, -old.as_of.timestamp()):
                found[edge_id] = RoadSaid(percent, one.sent, notice.until, "预警通告", "notice of a warning")
    for report in facts.reports:
        if report.is_in_force(at):
            how_zh, how_en = HOW.get(report.kind, ("", ""))
            words = f"：{report.words}" if report.words else ""
            words_en = f": {report.words}" if report.words else ""
            found[report.edge_id] = RoadSaid(
                report.percent, report.said_at, report.until, f"{report.said_by} {how_zh}{words}",
                f"{report.said_by} {how_en}{words_en}", report.is_stale(at, facts.road_rule),
            )
    return found


def _track(facts: MapFacts, edge: RoadEdge, said: RoadSaid | None, zh: bool) -> Track:
    ends = "—".join(facts.names[code][0 if zh else 1] for code in (edge.from_adcode, edge.to_adcode))
    name = f"{edge.refs or ('道路' if zh else 'road')} {ends}"
    points = (facts.seat(edge.from_adcode), facts.seat(edge.to_adcode))
    if said is None:
        return Track(points, "road", name, About(f"road:{edge.id}", name, "无通报" if zh else "nothing reported", edge.from_adcode, ends))
    kind, state, rank = _state(said.percent, zh)
    told = said.zh if zh else said.en
    if said.until:
        until = clock_words(said.until, facts.moment.now)
        told += f"；预计至 {until}" if zh else f"; until {until}"
    if said.is_stale:
        told += "；通报已久，请再次核实" if zh else "; told long ago, ask again"
    about = About(f"road:{edge.id}", name, state, edge.from_adcode, ends, "", said.as_of, said.is_stale, rank)
    return Track(points, kind, told, about)


def _state(percent: int, zh: bool) -> tuple[str, str, int]:
    if percent == 0:
        return "closed", "封闭" if zh else "closed", 2
    if percent < OPEN:
        return "slow", f"缓行（车速 {percent}％）" if zh else f"slow ({percent} % of speed)", 4
    return "road", "畅通" if zh else "open", 6
