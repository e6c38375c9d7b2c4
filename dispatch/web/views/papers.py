"""The map as a PDF of the server: no browser needed, the same data and signs as on the board."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from dispatch.clock import to_local
from dispatch.db import reading
from dispatch.errors import InvalidInput
from dispatch.flow.board_rule import load_board_rule
from dispatch.paper.map_page import SIZES, MapSheet
from dispatch.paper.map_page import map_pdf as draw
from dispatch.plans.model import ROMAN
from dispatch.scenes import read_facts, scene_of
from dispatch.scenes.facts import Event, MapFacts
from dispatch.scenes.table import rows_of
from dispatch.web.moment import local_text, read_moment
from dispatch.web.state import language, state
from dispatch.web.views.documents import pdf
from maps.scene import Scene

blueprint = Blueprint("papers", __name__)
MOST_ROWS = 120


@blueprint.get("/map.pdf")
@login_required
def map_pdf() -> ResponseReturnValue:
    """The board's map at a moment (``at``) on A3 or A4 (``size``)."""
    size = request.args.get("size", "A3").upper()
    if size not in SIZES:
        raise InvalidInput(
            f"The map is printed on A3 or A4, not on {size[:20]!r}.", remedy="Choose size=A3 or size=A4.",
            zh=f"地图只能打印为 A3 或 A4，不能是“{size[:20]}”。", remedy_zh="请选择 size=A3 或 size=A4。",
        )
    moment = read_moment(request.args.get("at", ""), state().clock.now(), load_board_rule())
    with reading(state().engine) as session:
        facts = read_facts(session, moment)
    scene = scene_of(facts, language())
    return pdf(draw(_sheet(facts, scene, size)), f"map-{local_text(moment.at).replace(':', '')}-{size}")


def _sheet(facts: MapFacts, scene: Scene, size: str) -> MapSheet:
    moment = facts.moment
    at, now = (f"{to_local(t):%Y-%m-%d %H:%M}" for t in (moment.at, moment.now))
    stand = _("回看") if moment.is_past else _("按计划推演") if moment.is_ahead else _("现况")
    is_demo = bool(current_user.account["is_demo"])
    mark = _("演练——非实况") if state().in_drill else _("演示数据") if is_demo else _("实战")
    return MapSheet(
        title=f"{_('内蒙古红十字会救灾态势图')} {at}（{stand}）", lines=tuple(_line(event) for event in _open(facts)) or (_("目前没有需要响应的情况"),),
        scene=scene, as_of=_("数据截至 %(t)s", t=at), printed=_("打印于 %(t)s", t=now), mark=mark,
        is_live=not (is_demo or state().in_drill), words={"legend": _("图例"), "north": _("北")},
        heads=(_("图层"), _("名称"), _("状态"), _("地点"), _("时间")), rows=_rows(scene), size=size,
    )


def _open(facts: MapFacts) -> list[Event]:
    return sorted(facts.events, key=lambda e: (not e.standing.is_active, e.standing.level or 5, e.situation.code))


def _line(event: Event) -> str:
    zh = language() == "zh"
    situation, standing = event.situation, event.standing
    title = situation.title_zh if zh else situation.title_en
    level = ROMAN[standing.level] if standing.is_active and standing.level else ""
    since = f"{to_local(standing.since or situation.started_at):%m-%d %H:%M}"
    level_words = _("%(level)s 级响应", level=level) if level else _("特殊应急响应") if standing.is_active else _("关注")
    return str(_("%(title)s：%(level)s，始于 %(since)s，%(n)s 个旗县", title=title, level=level_words, since=since, n=len(situation.counties)))


def _rows(scene: Scene) -> tuple[tuple[str, ...], ...]:
    """What is on the map but for counties and roads where nothing is."""
    shown = {layer.key for layer in scene.layers if layer.is_on}
    rows: list[Any] = [row for row in rows_of(scene) if row.layer in shown and row.kind not in ("calm", "road")]
    rows.sort(key=lambda row: row.rank)
    return tuple(
        (row.layer_title, f"{row.name} {row.code}" if row.layer not in ("levels", "alerts") else row.name, row.state, row.place,
         f"{to_local(row.as_of):%m-%d %H:%M}" if row.as_of else "—")
        for row in rows[:MOST_ROWS]
    )
