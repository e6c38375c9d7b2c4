"""Warehouses by fill state against their minimum, and teams by readiness and whereabouts.  Pure."""

from __future__ import annotations

from dispatch.flow.board_rule import BoardRule
from dispatch.scenes.facts import MapFacts, Stock
from dispatch.teams.deployment import ENDED, STATE_NAMES, TO_ARRIVE, Deployment
from dispatch.teams.model import DeploymentState, Team
from dispatch.teams.readiness import FULL, Readiness
from dispatch.teams.rules import TeamRule
from maps.scene import About, Layer, Marker

MOST_SHORT = 3
TEAM_OFFSET = 0.12
"""A team stands beside the warehouse of its town, not upon it (degrees)."""
STOCK_WORDS = {
    "stock_full": ("达到最低储备", "at its minimum"), "stock_low": ("低于最低储备", "below its minimum"),
    "stock_bad": ("严重不足", "badly short"), "stock_unknown": ("未设最低储备", "no minimum set"),
}
TEAM_WORDS = {
    "team": ("救援队（就绪）", "relief team, ready"), "team_assumed": ("救援队（假设）", "relief team, assumed"),
    "team_unready": ("救援队（未就绪）", "relief team, not ready"), "team_out": ("救援队（出队）", "relief team, out"),
}


def fill_percent(stock: Stock) -> int | None:
    """How much of its minimum a warehouse holds, each item counted up to its own; None without a minimum."""
    lines = [(units, least) for _, _, units, least in stock.lines if least]
    if not lines:
        return None
    return sum(100 * min(units, least) // least for units, least in lines) // len(lines)


def fill_kind(percent: int | None, rule: BoardRule) -> str:
    """The sign of a fill state."""
    if percent is None:
        return "stock_unknown"
    if percent < rule.stock_bad_percent:
        return "stock_bad"
    return "stock_low" if percent < rule.stock_low_percent else "stock_full"


def warehouse_layer(facts: MapFacts, lang: str) -> Layer:
    """Every warehouse with the share of its minimum that is there, and what is shortest."""
    zh = lang == "zh"
    marks = [_warehouse(facts, stock, zh) for stock in facts.stock]
    legend = tuple((kind, words[0 if zh else 1]) for kind, words in STOCK_WORDS.items())
    return Layer("仓库" if zh else "Warehouses", tuple(marks), "warehouses", legend, gathers=True)


def _warehouse(facts: MapFacts, stock: Stock, zh: bool) -> Marker:
    house, percent = stock.warehouse, fill_percent(stock)
    kind = fill_kind(percent, facts.rule)
    short = sorted((units * 100 // least, name_zh, name_en, units, least)
                   for name_zh, name_en, units, least in stock.lines if least and units < least)
    worst = [f"{a if zh else b} {units:,}/{least:,}" for _, a, b, units, least in short[:MOST_SHORT]]
    state = STOCK_WORDS[kind][0 if zh else 1] + (f" {percent}％" if percent is not None and zh else f", {percent} %" if percent is not None else "")
    text = ("最缺：" + "、".join(worst) if zh else "shortest: " + ", ".join(worst)) if worst else ("各项均达到最低储备" if zh else "every line at its minimum")
    if facts.moment.is_past or facts.moment.is_ahead:
        text += "（现时库存）" if zh else " (stock as it is now)"
    rank = {"stock_bad": 3, "stock_low": 5}.get(kind, 8)
    league = facts.names.get(house.league_adcode, facts.names[house.county_adcode])[0 if zh else 1]
    about = About(house.code, house.name_zh if zh else house.name_en, state, house.county_adcode, league,
                  f"/warehouses/{house.code}", rank=rank)
    return Marker(house.location.lon, house.location.lat, kind, text, about=about)


def team_layer(facts: MapFacts, lang: str) -> Layer:
    """Every team where it is at the moment: at home with its readiness, or out."""
    zh = lang == "zh"
    out = {d.team_code: d for d in facts.deployments if is_away(d, facts)}
    marks = [_team(facts, team, one, out.get(team.code), zh) for team, one in facts.teams]
    legend = tuple((kind, words[0 if zh else 1]) for kind, words in TEAM_WORDS.items())
    return Layer("救援队" if zh else "Relief teams", tuple(marks), "teams", legend, gathers=True)


def is_away(deployment: Deployment, facts: MapFacts) -> bool:
    """Whether a deployment has begun and not ended by the moment."""
    at = facts.moment.at
    if deployment.alerted_at > at:
        return False
    return deployment.state not in ENDED and not (deployment.rested_at is not None and deployment.rested_at <= at)


def _team(facts: MapFacts, team: Team, one: Readiness, away: Deployment | None, zh: bool) -> Marker:
    words = readiness_words(team, one, "zh" if zh else "en")
    home = facts.seat(team.home_county)
    league = facts.names.get(f"{team.home_county[:4]}00", ("", ""))[0 if zh else 1]
    if away is None:
        kind = kind_of(one, facts.team_rule)
        about = About(team.code, team.name_zh if zh else team.name_en, TEAM_WORDS[kind][0 if zh else 1], team.home_county, league,
                      f"/teams/{team.code}", rank=8 if kind == "team" else 6)
        return Marker(home[0] + TEAM_OFFSET, home[1] + TEAM_OFFSET, kind, words, about=about)
    is_there, state = whereabouts(away, facts, zh)
    where = facts.seat(away.county) if is_there else home
    name = facts.names[away.county][0 if zh else 1]
    about = About(team.code, team.name_zh if zh else team.name_en, state, away.county, name, f"/deployments/{away.code}",
                  away.last_check_in_at or away.alerted_at, rank=3)
    text = f"前往 {name}" if zh else f"to {name}"
    return Marker(where[0] + TEAM_OFFSET, where[1] + TEAM_OFFSET, "team_out", text, about=about)


def whereabouts(away: Deployment, facts: MapFacts, zh: bool) -> tuple[bool, str]:
    """Whether the team counts as there at the moment, and its state in words."""
    at = facts.moment.at
    if facts.moment.is_ahead and away.state in TO_ARRIVE and away.expected_at and away.expected_at <= at:
        return True, "计划已到达" if zh else "there, as planned"
    if facts.moment.is_past:
        is_there = away.on_site_at is not None and away.on_site_at <= at
        return is_there, ("在现场" if zh else "on site") if is_there else ("出队中" if zh else "called out")
    return away.state in (DeploymentState.ON_SITE, DeploymentState.HANDOVER), STATE_NAMES[away.state][0 if zh else 1]


def kind_of(one: Readiness, rule: TeamRule) -> str:
    """The sign of a team at home."""
    if one.is_assumed:
        return "team_assumed"
    return "team" if one.is_ready(rule) else "team_unready"


def readiness_words(team: Team, one: Readiness, lang: str) -> str:
    """A team's readiness of 100, and what it lacks."""
    score, lacks = f"{one.per_mille / 10:.0f}", [f.reason for f in one.factors if f.per_mille < FULL]
    if lang == "zh":
        said = "；".join(w.zh for w in lacks)
        return f"{team.name_zh} 备勤 {score}" + (f"：{said}" if said else "")
    said = "; ".join(w.en for w in lacks)
    return f"{team.name_en}, readiness {score}" + (f": {said}" if said else "")
