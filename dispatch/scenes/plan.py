"""From what the database and a proposal say to a scene the map can draw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from shapely.geometry import mapping
from sqlalchemy.orm import Session

from dispatch.boundaries import simplified
from dispatch.geography.store import list_counties, list_names
from dispatch.inventory.store import list_warehouses
from dispatch.teams.history import by_league, readiness_now
from dispatch.teams.model import Team
from dispatch.teams.readiness import FULL, Readiness
from dispatch.teams.rules import TeamRule, load_team_rule
from maps.scene import Layer, Marker, Scene, Track, Zone


def proposal_scene(session: Session, body: dict[str, Any] | None, lang: str, day: date) -> Scene:
    """Counties by colour, closed roads, routes, warehouses and teams as ready as on a day; ``lang`` zh or en."""
    zh = lang == "zh"
    counties = {c.adcode: c for c in list_counties(session)}
    seat = {code: (c.seat.lon, c.seat.lat) for code, c in counties.items()}
    colours = {c["adcode"]: c["colour"] for c in body["situation"]["counties"]} if body else {}
    zones = tuple(
        Zone(mapping(shape), colours.get(code, "calm"),
             counties[code].name_zh if zh else counties[code].name_en)
        for code, shape in simplified().items()
    )
    layers = [Layer("旗县" if zh else "Counties", zones)]
    if body:
        closed = tuple(
            Track((seat[e["from"]], seat[e["to"]]), "closed", ("封闭 " if zh else "closed ") + e["refs"])
            for e in body["closed_edges"]
        )
        layers.append(Layer("封闭道路" if zh else "Closed roads", closed))
        layers.append(Layer("运输路线" if zh else "Routes", _routes(body, seat, lang)))
    warehouses = tuple(
        Marker(w.location.lon, w.location.lat, w.tier.value, w.name_zh if zh else w.name_en)
        for w in list_warehouses(session)
    )
    layers.append(Layer("仓库" if zh else "Warehouses", warehouses))
    rule = load_team_rule()
    found = readiness_now(session, rule, day)
    teams = tuple(
        Marker(seat[t.home_county][0] + 0.12, seat[t.home_county][1] + 0.12,
               "team" if one.is_ready(rule) or one.is_assumed else "team_unready", _readiness_words(t, one, lang))
        for t, one in found
    )
    layers.append(Layer("救援队" if zh else "Relief teams", teams))
    layers.append(Layer("盟市备勤" if zh else "Readiness by league", _leagues(session, found, rule, lang)))
    return Scene(tuple(layers))


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


def _readiness_words(team: Team, one: Readiness, lang: str) -> str:
    score, lacks = f"{one.per_mille / 10:.0f}", [f.reason for f in one.factors if f.per_mille < FULL]
    if lang == "zh":
        said = "；".join(w.zh for w in lacks)
        return f"{team.name_zh} 备勤 {score}" + (f"：{said}" if said else "")
    said = "; ".join(w.en for w in lacks)
    return f"{team.name_en}, readiness {score}" + (f": {said}" if said else "")


def situation_scene(session: Session, affected: list[dict[str, Any]], lang: str) -> Scene:
    """Counties of a situation by the colour in force, with their hazards in words, and the sites there."""
    zh = lang == "zh"
    counties = {c.adcode: c for c in list_counties(session)}
    colours = {c["adcode"]: c["colour"] for c in affected}
    zones = tuple(
        Zone(mapping(shape), colours.get(code, "calm"),
             counties[code].name_zh if zh else counties[code].name_en)
        for code, shape in simplified().items()
    )
    marks = tuple(
        Marker(w.location.lon, w.location.lat, w.tier.value, w.name_zh if zh else w.name_en)
        for w in list_warehouses(session)
    )
    return Scene((Layer("旗县" if zh else "Counties", zones), Layer("仓库" if zh else "Warehouses", marks)))


def warehouse_scene(session: Session, grades: dict[str, str], lang: str) -> Scene:
    """Every warehouse with the letter of its grade."""
    zh = lang == "zh"
    counties = {c.adcode: c for c in list_counties(session)}
    zones = tuple(
        Zone(mapping(shape), "calm", counties[code].name_zh if zh else counties[code].name_en)
        for code, shape in simplified().items()
    )
    marks = tuple(
        Marker(w.location.lon, w.location.lat, w.tier.value,
               f"{w.name_zh if zh else w.name_en}: {grades[w.code]}", grades[w.code])
        for w in list_warehouses(session)
    )
    return Scene((Layer("旗县" if zh else "Counties", zones),
                  Layer("仓库等级" if zh else "Warehouse grades", marks)))


def _routes(
    body: dict[str, Any], seat: dict[str, tuple[float, float]], lang: str
) -> tuple[Track, ...]:
    tracks = []
    for route in body["routes"]:
        points = [seat[route["depot_county"]], *(seat[leg["to"]] for leg in route["legs"])]
        if len(points) > 1:
            stops = " → ".join(stop[f"place_{lang}"] for stop in route["stops"])
            tracks.append(Track(tuple(points), "route", f"{route['vehicle']} {stops}"))
    return tuple(tracks)
