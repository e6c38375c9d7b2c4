"""Roads open, slow and closed, each with who said so and when.  Pure."""

from __future__ import annotations

from collections.abc import Iterable

from dispatch.clock import clock_words
from dispatch.routing.conditions import edge_percent
from dispatch.routing.model import RoadEdge
from dispatch.scenes.facts import MapFacts, RoadSaying
from maps.scene import About, Layer, Track


def road_layer(facts: MapFacts, lang: str) -> Layer:
    """Every road; what is said of it last counts, a person's report before a warning's notice."""
    zh = lang == "zh"
    said = sayings_by_edge(facts)
    tracks = [_track(facts, edge, said.get(edge.id), zh) for edge in facts.edges]
    tracks.sort(key=lambda track: -track.about.rank)
    legend = (("closed", "道路封闭" if zh else "road closed"), ("slow", "道路缓行" if zh else "road slow"),
              ("road", "道路（无通报）" if zh else "road, nothing reported"))
    return Layer("道路" if zh else "Roads", tuple(tracks), "roads", legend)


def sayings_by_edge(facts: MapFacts) -> dict[int, RoadSaying]:
    """Edge id → the saying that counts at the moment."""
    at, found = facts.moment.at, {}
    in_force = [s for s in facts.roads if s.as_of <= max(at, facts.moment.now) and (s.until is None or s.until > at)]
    for saying in sorted(in_force, key=lambda s: (s.edge_id is not None, s.as_of)):
        for edge_id in _edges_of(saying, facts.edges):
            old = found.get(edge_id)
            # of notices the strictest counts, of reports the newest
            if old is None or saying.edge_id is not None or saying.percent < old.percent:
                found[edge_id] = saying
    return found


def _edges_of(saying: RoadSaying, edges: Iterable[RoadEdge]) -> tuple[int, ...]:
    if saying.edge_id is not None:
        return (saying.edge_id,)
    return tuple(edge_percent(edges, [saying.notice], saying.as_of)) if saying.notice else ()


def _track(facts: MapFacts, edge: RoadEdge, saying: RoadSaying | None, zh: bool) -> Track:
    ends = [facts.names[code][0 if zh else 1] for code in (edge.from_adcode, edge.to_adcode)]
    road = edge.refs or ("道路" if zh else "road")
    name = f"{road} {ends[0]}—{ends[1]}"
    points = (facts.seat(edge.from_adcode), facts.seat(edge.to_adcode))
    if saying is None or saying.percent >= 100:
        told = "" if saying is None else (f"报告畅通；{saying.source_zh}" if zh else f"reported open; {saying.source_en}")
        about = About(f"road:{edge.id}", name, "畅通" if zh and saying else "open" if saying else "", edge.from_adcode, "",
                      as_of=saying.as_of if saying else None, rank=6 if saying else 9)
        return Track(points, "road", told or name, about)
    is_shut = saying.percent == 0
    state = ("封闭" if zh else "closed") if is_shut else (f"缓行，剩余车速 {saying.percent}％" if zh else f"slow, {saying.percent} % of speed left")
    told = saying.source_zh if zh else saying.source_en
    if saying.until:
        until = clock_words(saying.until, facts.moment.now)
        told += f"；预计至 {until}" if zh else f"; until {until} as announced"
    is_old = facts.moment.at - saying.as_of > facts.rule.road_report_old
    about = About(f"road:{edge.id}", name, state, edge.from_adcode, "—".join(ends), "", saying.as_of, is_old, 2 if is_shut else 4)
    return Track(points, "closed" if is_shut else "slow", told, about)
