"""The situation board: its list, its map, the map's layers and the table beside it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy.orm import Session

from dispatch.db import reading
from dispatch.errors import InvalidInput
from dispatch.exchange.export import Column, to_csv
from dispatch.flow.board_rule import load_board_rule
from dispatch.flow.cope import cover
from dispatch.flow.desk import split, tasks
from dispatch.flow.desk_facts import Desk, read_desk
from dispatch.flow.desk_model import Person
from dispatch.flow.pulse import kept, pulse
from dispatch.scenes import LAYERS, Moment, read_facts, scene_of
from dispatch.scenes.facts import MapFacts
from dispatch.scenes.table import PAGE, SORTS, Choice, chosen, page_of, rows_of
from dispatch.web.drawn import drawn
from dispatch.web.live import asks_anew, live
from dispatch.web.moment import local_text, read_moment, scale
from dispatch.web.state import language, state
from maps.geojson import dumps
from maps.scene import Scene

blueprint = Blueprint("board", __name__)
AREAS = ("situations", "proposals", "waybills", "deployments", "roads", "stock")
COLUMNS: tuple[Column, ...] = (
    ("layer_title", "图层", "#meta+layer"), ("code", "编码", "#meta+id"), ("name", "名称", "#loc+name"), ("state", "状态", "#status"),
    ("place", "地点", "#adm2+name"), ("text", "说明", "#description"), ("as_of", "时间", "#date"), ("lon", "经度", "#geo+lon"), ("lat", "纬度", "#geo+lat"),
)


@blueprint.get("/")
@login_required
@live(*AREAS)
def board() -> ResponseReturnValue:
    """What happens, what to decide by when, whether it is enough, and where: list and map side by side."""
    moment, error = _moment()
    with reading(state().engine) as session:
        present = _facts(session, Moment(moment.now, moment.now))
        told = _told(present, _read_desk(session, present))
        # a page that only follows its list keeps the map it has
        pieces = None if asks_anew() else drawn(
            session, "board", f"{moment.at.isoformat()} {moment.now.isoformat()} {pulse(session, AREAS)}",
            lambda: scene_of(_facts(session, moment), language()), _urls(moment))
        rule = present.rule
    page = render_template(
        "board.html", map=pieces, moment=moment, scale=scale(moment, rule), error=error, focus=request.args.get("focus", "")[:120], **told,
    )
    return (page, 400) if error else page


@blueprint.get("/map/<key>.geojson")
@login_required
def layer(key: str) -> ResponseReturnValue:
    """One layer at a moment as GeoJSON, 304 while it is as the asker knows it."""
    if key not in LAYERS:
        abort(404)
    moment = read_moment(request.args.get("at", ""), state().clock.now(), load_board_rule())
    with reading(state().engine) as session:
        facts = _facts(session, moment)
    body = dumps(LAYERS[key](facts, language())).encode()
    answer = Response(body, mimetype="application/geo+json")
    answer.set_etag(hashlib.sha256(body).hexdigest()[:32])
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer.make_conditional(request)


@blueprint.get("/map/table")
@login_required
def table() -> ResponseReturnValue:
    """Everything on the map in rows; narrowed, ordered and taken away as CSV."""
    moment, error = _moment()
    with reading(state().engine) as session:
        scene = scene_of(_facts(session, moment), language())
    choice = _choice(scene)
    rows = chosen(rows_of(scene), choice)
    if request.args.get("download") == "csv":
        name = f"map-{local_text(moment.at).replace(':', '')}.csv"
        return Response(to_csv(COLUMNS, [_flat(row) for row in rows]), mimetype="text/csv",
                        headers={"Content-Disposition": f"attachment; filename={name}"})
    shown, pages = page_of(rows, choice.page)
    page = render_template(
        "map_table.html", rows=shown, total=len(rows), pages=pages, choice=choice, layers=scene.layers, moment=moment, error=error,
        scale=scale(moment, load_board_rule()), size=PAGE, given={k: v for k, v in request.args.items() if k in ("at", "layer", "q", "sort", "down")},
    )
    return (page, 400) if error else page


def _moment() -> tuple[Moment, InvalidInput | None]:
    """The moment of the address; what cannot be read is told and the present is shown."""
    now, rule = state().clock.now(), load_board_rule()
    try:
        return read_moment(request.args.get("at", ""), now, rule), None
    except InvalidInput as error:
        return read_moment("", now, rule), error


def _facts(session: Session, moment: Moment) -> MapFacts:
    """What the map and the list are made of: read once for a moment, until something changes."""
    at = f"{moment.now.isoformat()} {pulse(session, AREAS)}"
    name = "now" if moment.at == moment.now else moment.at.isoformat()
    return kept(session, f"facts:{name}", at, lambda: read_facts(session, moment))


def _read_desk(session: Session, facts: MapFacts) -> Desk:
    at = f"{facts.moment.now.isoformat()} {pulse(session, AREAS)}"
    events = [(e.situation, e.standing, e.alerts) for e in facts.events]
    return kept(session, "desk", at, lambda: read_desk(session, events, facts.moment.now))


def _told(facts: MapFacts, found: Desk) -> dict[str, Any]:
    """What the list says at present to who asks."""
    now = facts.moment.now
    account = current_user.account
    every = tasks(found.facts, now)
    mine, others = split(every, Person(account["name"], account["role"], account["place"]))
    is_all = request.args.get("who") == "all"
    events = sorted(facts.events, key=lambda e: (not e.standing.is_active, e.standing.level or 5, e.situation.code))
    return {
        "events": [_event(facts, event) for event in events], "cover": cover(found.facts), "reserves": found.reserves[:3],
        "tasks": [(task, task.state(now)) for task in (every if is_all else mine)], "others": others, "is_all": is_all,
    }


def _event(facts: MapFacts, event: Any) -> dict[str, Any]:
    situation, standing = event.situation, event.standing
    names = [facts.names[code] for code in situation.counties if code in facts.names]
    sent: list[datetime] = [a.sent for a in event.alerts if a.sent <= situation.as_of]
    return {
        "code": situation.code, "title_zh": situation.title_zh, "title_en": situation.title_en,
        "level": standing.level if standing.is_active else None, "is_active": standing.is_active,
        "is_special": standing.is_active and standing.level is None, "stage": standing.stage if standing.is_active else "watch",
        "since": (standing.since or situation.started_at).isoformat(), "counties": names,
        "colour": situation.colour.value if situation.colour else None,
        "news_at": max([*sent, *([situation.counts_at] if situation.counts_at else [])], default=situation.started_at).isoformat(),
        "dead": situation.counts.dead_missing, "affected": situation.counts.affected, "counts_at": situation.counts_at.isoformat() if situation.counts_at else None,
    }


def _urls(moment: Moment) -> dict[str, str]:
    """Where each layer is to be had anew; what is over does not change."""
    if moment.is_past:
        return {}
    at = local_text(moment.at) if moment.is_ahead else None
    return {key: url_for("board.layer", key=key, at=at) for key in LAYERS}


def _choice(scene: Scene) -> Choice:
    given = request.args
    page = given.get("page", "1")
    return Choice(
        given.get("layer", "") if given.get("layer") in {x.key for x in scene.layers} else "", given.get("q", "")[:200].strip(),
        given.get("sort", "rank") if given.get("sort") in SORTS else "rank", given.get("down") == "1",
        int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )


def _flat(row: Any) -> dict[str, Any]:
    lon, lat = row.where or (None, None)
    return {
        **{name: getattr(row, name) for name in ("layer_title", "code", "name", "state", "place", "text")},
        "as_of": row.as_of.isoformat() if row.as_of else "", "lon": lon, "lat": lat,
    }
