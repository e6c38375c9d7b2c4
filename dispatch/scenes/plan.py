"""From what a proposal or a situation says to a scene the map can draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from shapely.geometry import mapping
from sqlalchemy.orm import Session

from dispatch.boundaries import simplified
from dispatch.geography.store import list_counties, list_names
from dispatch.inventory.store import list_warehouses
from dispatch.scenes.areas import COLOUR_WORDS
from dispatch.scenes.places import TEAM_OFFSET, TEAM_WORDS, kind_of, readiness_words
from dispatch.teams.history import by_league, readiness_now
from dispatch.teams.model import Team
from dispatch.teams.readiness import Readiness
from dispatch.teams.rules import TeamRule, load_team_rule
from maps.scene import About, Layer, Marker, Scene, Track, Zone

TIER_WORDS = {"region": ("自治区仓库", "region's warehouse"), "league": ("盟市仓库", "league's warehouse"), "county": ("旗县仓库", "county's warehouse")}
RANKS = {"red": 1, "orange": 2, "yellow": 3, "blue": 4}


def proposal_scene(session: Session, body: dict[str, Any] | None, lang: str, day: date) -> Scene:
    """Counties by colour, closed roads, routes, warehouses and teams as ready as on a day; ``lang`` zh or en."""
    zh = lang == "zh"
    seat = {c.adcode: (c.seat.lon, c.seat.lat) for c in list_counties(session)}
    colours = {c["adcode"]: c["colour"] for c in body["situation"]["counties"]} if body else {}
    layers = [_counties(session, colours, lang)]
    if body:
        closed = tuple(
            Track((seat[e["from"]], seat[e["to"]]), "closed", ("封闭 " if zh else "closed ") + e["refs"], About(rank=2))
            for e in body["closed_edges"]
        )
        layers.append(Layer("封闭道路" if zh else "Closed roads", closed, "closed", (("closed", "封闭道路" if zh else "closed road"),)))
        layers.append(Layer("运输路线" if zh else "Routes", _routes(body, seat, lang), "routes", (("route", "运输路线" if zh else "route"),)))
    layers.append(_warehouses(session, lang))
    rule = load_team_rule()
    found = readiness_now(session, rule, day)
    teams = tuple(
        Marker(seat[t.home_county][0] + TEAM_OFFSET, seat[t.home_county][1] + TEAM_OFFSET, kind_of(one, rule), readiness_words(t, one, lang))
        for t, one in found
    )
    team_legend = tuple((kind, words[0 if zh else 1]) for kind, words in TEAM_WORDS.items())
    layers.append(Layer("救援队" if zh else "Relief teams", teams, "teams", team_legend, gathers=True))
    layers.append(Layer("盟市备勤" if zh else "Readiness by league", _leagues(session, found, rule, lang), "readiness", is_on=False))
    return Scene(tuple(layers))


def _counties(session: Session, colours: Mapping[str, str], lang: str) -> Layer:
    """Every county; those warned in the colour, pattern and letter of the warning."""
    zh, names = lang == "zh", list_names(session)
    zones = []
    for code, shape in simplified().items():
        colour, name = colours.get(code, "calm"), names[code][0 if zh else 1]
        letter = COLOUR_WORDS[colour][0 if zh else 1] if colour in COLOUR_WORDS else ""
        state = COLOUR_WORDS[colour][2 if zh else 3] if colour in COLOUR_WORDS else ""
        zones.append(Zone(mapping(shape), colour, name, letter, About(f"county:{code}", name, state, code, rank=RANKS.get(colour, 9))))
    zones.sort(key=lambda zone: -zone.about.rank)
    legend = tuple((c, f"{w[2]}预警" if zh else f"{w[3]} warning") for c, w in COLOUR_WORDS.items())
    return Layer("旗县" if zh else "Counties", tuple(zones), "counties", legend)


def _warehouses(session: Session, lang: str) -> Layer:
    zh = lang == "zh"
    marks = tuple(
        Marker(w.location.lon, w.location.lat, w.tier.value, w.name_zh if zh else w.name_en, about=About(w.code, href=f"/warehouses/{w.code}", rank=8))
        for w in list_warehouses(session)
    )
    legend = tuple((kind, words[0 if zh else 1]) for kind, words in TIER_WORDS.items())
    return Layer("仓库" if zh else "Warehouses", marks, "warehouses", legend, gathers=True)


def _leagues(session: Session, found: Sequence[tuple[Team, Readiness]], rule: TeamRule, lang: str) -> tuple[Marker, ...]:
    """Ready teams of all at the middle of each league that has a team."""
    names, zh = list_names(session), lang == "zh"
    middles: dict[str, list[tuple[float, float]]] = {}
    for county in list_counties(session):
        middles.setdefault(county.league_adcode, []).append((county.seat.lon, county.seat.lat))
    marks = []
    for code, one in by_league(found, rule).items():
        lons, lats = zip(*middles[code], strict=True)
        name = names[code][0 if zh else 1]
        best = "—" if one.best is None else f"{one.best / 10:.0f}"
        said = f"{name} {one.ready}/{one.teams} 支就绪，最高 {best}" if zh else f"{name}: {one.ready} of {one.teams} teams ready, highest {best}"
        marks.append(Marker(sum(lons) / len(lons), sum(lats) / len(lats), "team" if one.ready else "team_unready", said, f" {one.ready}/{one.teams}"))
    return tuple(marks)


def situation_scene(session: Session, affected: list[dict[str, Any]], lang: str) -> Scene:
    """Counties of a situation by the colour in force, and the warehouses there."""
    return Scene((_counties(session, {c["adcode"]: c["colour"] for c in affected}, lang), _warehouses(session, lang)))


def warehouse_scene(session: Session, grades: dict[str, str], lang: str) -> Scene:
    """Every warehouse with the letter of its grade."""
    zh = lang == "zh"
    marks = tuple(
        Marker(w.location.lon, w.location.lat, w.tier.value, f"{w.name_zh if zh else w.name_en}: {grades[w.code]}", grades[w.code],
               About(w.code, href=f"/warehouses/{w.code}", rank=8))
        for w in list_warehouses(session)
    )
    legend = tuple((kind, words[0 if zh else 1]) for kind, words in TIER_WORDS.items())
    return Scene((_counties(session, {}, lang), Layer("仓库等级" if zh else "Warehouse grades", marks, "grades", legend)))


def _routes(body: dict[str, Any], seat: dict[str, tuple[float, float]], lang: str) -> tuple[Track, ...]:
    tracks = []
    for route in body["routes"]:
        points = [seat[route["depot_county"]], *(seat[leg["to"]] for leg in route["legs"])]
        if len(points) > 1:
            stops = " → ".join(stop[f"place_{lang}"] for stop in route["stops"])
            tracks.append(Track(tuple(points), "route", f"{route['vehicle']} {stops}", About(rank=7)))
    return tuple(tracks)
