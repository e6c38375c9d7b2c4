"""Counties by the level in force, and the areas warnings stand for.  Pure."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import shapely
from shapely.geometry import mapping

from dispatch.alerts.model import Colour
from dispatch.alerts.timeline import HAZARD_NAMES
from dispatch.boundaries import simplified
from dispatch.plans.model import ROMAN
from dispatch.scenes.facts import Event, MapFacts
from maps.scene import About, Layer, Zone

LEVEL_KINDS = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}
COLOUR_WORDS = {"red": ("红", "R", "红色", "red"), "orange": ("橙", "O", "橙色", "orange"),
                "yellow": ("黄", "Y", "黄色", "yellow"), "blue": ("蓝", "B", "蓝色", "blue")}
SPECIAL = ("特", "S")


def county_layer(facts: MapFacts, lang: str) -> Layer:
    """Every county; those of a situation in the colour, pattern and numeral of the level in force."""
    zh = lang == "zh"
    gravest: dict[str, Event] = {}
    for event in facts.events:
        for code in event.situation.counties:
            if code not in gravest or _gravity(event) < _gravity(gravest[code]):
                gravest[code] = event
    zones = [_county(facts, code, shape, gravest.get(code), zh) for code, shape in simplified().items()]
    zones.sort(key=lambda zone: -zone.about.rank)
    legend = [(LEVEL_KINDS[n], f"{ROMAN[n]} 级响应" if zh else f"level {ROMAN[n]} response") for n in LEVEL_KINDS]
    legend += [("special", "特殊应急响应" if zh else "special response"), ("calm", "无响应" if zh else "no response")]
    return Layer("响应级别" if zh else "Response levels", tuple(zones), "levels", tuple(legend))


def _gravity(event: Event) -> int:
    if not event.standing.is_active:
        return 8
    return event.standing.level or 0


def _county(facts: MapFacts, code: str, shape: Any, event: Event | None, zh: bool) -> Zone:
    name = facts.names[code][0 if zh else 1]
    league = facts.names.get(f"{code[:4]}00", ("", ""))[0 if zh else 1]
    if event is None or not event.standing.is_active:
        state = "" if event is None else ("关注" if zh else "watched")
        about = About(f"county:{code}", name, state, code, league, rank=9 if event is None else 7,
                      href=f"/situations/{event.situation.code}" if event else "")
        return Zone(mapping(shape), "calm", _said(event, code, zh) if event else name, about=about)
    level = event.standing.level
    kind = LEVEL_KINDS[level] if level else "special"
    label = ROMAN[level] if level else SPECIAL[0 if zh else 1]
    state = (f"{label} 级响应" if zh else f"level {label}") if level else ("特殊应急响应" if zh else "special response")
    about = About(f"county:{code}", name, state, code, league, f"/situations/{event.situation.code}",
                  event.standing.since, rank=level or 1)
    return Zone(mapping(shape), kind, _said(event, code, zh), label, about)


def _said(event: Event, code: str, zh: bool) -> str:
    """The situation's name and the warnings in force in the county."""
    hazards = event.situation.county_hazards.get(code, {})
    words = [f"{HAZARD_NAMES.get(h, HAZARD_NAMES['other'])[0 if zh else 1]}{'' if zh else ' '}{COLOUR_WORDS[c.value][2 if zh else 3]}"
             for h, c in hazards.items()]
    title = event.situation.title_zh if zh else event.situation.title_en
    return "；".join([title, *words]) if zh else "; ".join([title, *words])


def alert_layer(facts: MapFacts, lang: str) -> Layer:
    """The outline of the area of each hazard and colour in force, with the colour's letter."""
    zh, shapes = lang == "zh", simplified()
    areas: dict[tuple[str, str, Colour], list[str]] = defaultdict(list)
    events = {event.situation.code: event for event in facts.events}
    for event in facts.events:
        for county, hazards in event.situation.county_hazards.items():
            for hazard, colour in hazards.items():
                areas[event.situation.code, hazard, colour].append(county)
    zones = []
    for (code, hazard, colour), counties in sorted(areas.items(), key=lambda pair: (pair[0][2].rank, pair[0])):
        event = events[code]
        letter, letter_en, word, word_en = COLOUR_WORDS[colour.value]
        hazard_zh, hazard_en = HAZARD_NAMES.get(hazard, HAZARD_NAMES["other"])
        name = f"{hazard_zh}{word}预警" if zh else f"{hazard_en}, {word_en} warning"
        places = [facts.names[c][0 if zh else 1] for c in counties]
        about = About(f"alert:{code}:{hazard}:{colour.value}", name, f"{word}" if zh else word_en, counties[0],
                      ("、" if zh else ", ").join(places), f"/situations/{code}", _sent(event, hazard, counties),
                      rank=5 - colour.rank)
        area = shapely.union_all([shapes[c] for c in counties if c in shapes])
        zones.append(Zone(mapping(area), f"alert_{colour.value}", f"{len(counties)} 个旗县" if zh else f"{len(counties)} counties",
                          f"{hazard_zh}{letter}" if zh else f"{hazard_en} {letter_en}", about))
    legend = tuple((f"alert_{c}", f"{w[2]}预警范围" if zh else f"area of a {w[3]} warning") for c, w in COLOUR_WORDS.items())
    # where a response is in force the counties show it already; outlines on top would hide them
    is_on = any(not event.standing.is_active for event in facts.events)
    return Layer("预警范围" if zh else "Warnings", tuple(zones), "alerts", legend, is_on)


def _sent(event: Event, hazard: str, counties: list[str]) -> datetime | None:
    """When the newest message that says so was sent."""
    wanted, at = set(counties), event.situation.as_of
    return max((a.sent for a in event.alerts if a.hazard == hazard and a.sent <= at and wanted & set(a.counties)), default=None)
