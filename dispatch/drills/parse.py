"""A scenario file read and checked whole: every fault with its line.  Pure.

The shape is told in docs/drills.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from dispatch.alerts.hazards import load_words
from dispatch.drills.checks import check_counts, check_times
from dispatch.drills.entries import ReadingEvents
from dispatch.drills.faults import Faults
from dispatch.drills.fields import Fields
from dispatch.drills.model import Precision, Scenario, Source
from dispatch.drills.nodes import read_nodes
from dispatch.drills.rule import DrillRule, load_drill_rule
from dispatch.geo import LonLat

SCENARIO = frozenset({
    "id", "name_zh", "name_en", "hazard", "started_at", "started_precision", "ended_at", "ended_precision",
    "magnitude", "epicentre", "counties", "timeline", "injects", "red_cross", "sources", "detail", "extra",
})
SOURCE = frozenset({"url", "title"})
POINT = frozenset({"lon", "lat", "depth_km", "note"})
SIZE = frozenset({"scale", "value"})
BOX = (95.0, 128.0, 36.0, 55.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """How a file is to be read: its name for people, whether it is to be shipped (every fact needs
    its source then), and the places there are: adcode to (Chinese, English)."""

    name: str
    names: Mapping[str, tuple[str, str]]
    is_shipped: bool = False


def parse(stream: BinaryIO, asked: Asked, rule: DrillRule | None = None) -> Scenario:
    """The scenario of a file; ``InvalidInput`` names every fault with its line and remedy."""
    rule, faults = rule or load_drill_rule(), Faults(asked.name)
    root = Fields(read_nodes(stream, faults, rule), faults, "the scenario")
    root.known(SCENARIO)
    sources = _sources(root)
    counties = _counties(root, asked)
    reading = ReadingEvents(faults, asked.names, counties, frozenset(sources), asked.is_shipped)
    events = tuple(e for n in enumerate(root.items("timeline"), 1) if (e := reading.event(*n)))
    injects = tuple(i for n in enumerate(root.items("injects"), 1) if (i := reading.inject(*n)))
    started = root.moment("started_at", _precision(root, "started_precision"), needed=True)
    ended = root.moment("ended_at", _precision(root, "ended_precision"), needed=False)
    hazard = _hazard(root)
    if not events:
        root.fault(root.at("timeline"), "The scenario has no timeline.", "情景没有时间线。",
                   "Write at least one fact under timeline.", "请在 timeline 下至少填写一条事实。")
    check_times(root, started, ended, events)
    check_counts(faults, events)
    size, point = Fields(root.at("magnitude"), faults, "magnitude"), Fields(root.at("epicentre"), faults, "epicentre")
    magnitude, epicentre, depth = _magnitude(size), _epicentre(point), point.whole("depth_km", 0, 700)
    faults.raise_if_any()
    assert started is not None
    return Scenario(
        code=root.text("id"), title_zh=root.text("name_zh"), title_en=root.text("name_en"), hazard=hazard,
        started=started, ended=ended, counties=counties, events=events, sources=sources,
        magnitude=magnitude, epicentre=epicentre, depth_km=depth, injects=injects, notes=_notes(root),
        is_private=any(not event.source for event in events),
    )


def _precision(root: Fields, key: str) -> Precision:
    return root.choice(key, Precision, Precision.MINUTE) or Precision.MINUTE


def _hazard(root: Fields) -> str:
    for key in ("id", "name_zh", "name_en"):
        root.text(key, needed=True)
    hazard, known = root.text("hazard", needed=True), sorted(load_words().hazards)
    if hazard and hazard not in known:
        root.fault(root.at("hazard"), f"The hazard {hazard[:60]} is not known.", f"灾种 {hazard[:60]} 不被识别。",
                   f"Use one of {', '.join(known)}.", f"可用灾种：{'、'.join(known)}。")
    return hazard


def _sources(root: Fields) -> dict[str, Source]:
    found = {}
    for code, node in Fields(root.at("sources"), root.faults, "sources").held.items():
        fields = Fields(node, root.faults, f"source {code}")
        fields.known(SOURCE)
        found[code] = Source(code, fields.text("title", needed=True), fields.text("url") or None)
    return found


def _counties(root: Fields, asked: Asked) -> tuple[str, ...]:
    found: list[str] = []
    for node in root.items("counties"):
        code = str(node.value["adcode"].value if isinstance(node.value, dict) and "adcode" in node.value else node.value)
        if code not in asked.names or code.endswith("00"):
            root.fault(node, f"The county {code[:60]!r} is not one of ours.", f"旗县代码 {code[:60]!r} 不存在。",
                       "Give the six-digit adcode of a county of the region.", "请填写本区旗县的六位区划代码。")
        elif code in found:
            root.fault(node, f"The county {code} comes twice.", f"旗县 {code} 重复。", "Keep one.", "请只保留一个。")
        found.append(code)
    if not found:
        root.fault(root.at("counties"), "The scenario names no county.", "情景没有列出任何旗县。",
                   "List the counties hit under counties, each with its adcode.", "请在 counties 下列出受灾旗县及其区划代码。")
    return tuple(found)


def _magnitude(size: Fields) -> float | None:
    if not size.held:
        return None
    size.known(SIZE)
    value = size.number("value", 0, 10)
    return None if value is None else float(value)


def _epicentre(point: Fields) -> LonLat | None:
    if not point.held:
        return None
    point.known(POINT)
    west, east, south, north = BOX
    lon, lat = point.number("lon", west, east), point.number("lat", south, north)
    return None if lon is None or lat is None else LonLat(float(lon), float(lat))


def _notes(root: Fields) -> tuple[str, ...]:
    return tuple(str(node.value) for key, node in root.held.items() if key.endswith("_note") and node.value)


