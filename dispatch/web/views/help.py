"""Help: what to do in which order, keys, terms; the tour; the guide to print."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from dispatch.db import reading
from dispatch.geography.store import list_names
from dispatch.paper.guide import render_guide
from dispatch.reference.help import load_help
from dispatch.web.state import language, local_path, state
from dispatch.web.views.documents import pdf

blueprint = Blueprint("help", __name__, url_prefix="/help")
TOUR_DAYS = 3650


@blueprint.get("")
@login_required
def index() -> ResponseReturnValue:
    """The help page; without scripts it tells everything the tour and the keys do."""
    with reading(state().engine) as session:
        names = list_names(session)
    return render_template("help.html", help=load_help(), all_places=names)


@blueprint.get("/tour.json")
@login_required
def tour() -> ResponseReturnValue:
    """The steps of the tour in the person's language."""
    lang = language()
    return jsonify([{"page": s.page, "at": s.at, "title": s.title[lang], "text": s.text[lang]} for s in load_help().steps])


@blueprint.post("/tour")
@login_required
def no_tour() -> ResponseReturnValue:
    """The tour is not offered again on this device."""
    answer = redirect(local_path(request.form.get("next", "")))
    answer.set_cookie("tour", "seen", max_age=TOUR_DAYS * 86400, samesite="Lax", httponly=True, secure=state().settings.production)
    return answer


@blueprint.get("/guide.pdf")
@login_required
def guide() -> ResponseReturnValue:
    """Two pages to hang up beside the desk."""
    told, lang = load_help(), language()
    steps = [(f"{number}  {step.title[lang]}", step.text[lang]) for number, step in enumerate(told.steps, 1)]
    rules = [
        (_("没有信号时"), _("签收、报路况、报到照常填写，页面上方显示“待发”数量；有信号后自动补交，也可导出。方案只能联机制定。")),
        (_("连接中断时"), _("页面上方写明数据截至几点；不要按旧数据批准，可按打印的随车资料继续执行并用电话报值班室。")),
        (_("有人不在时"), _("提交人不能批准自己的方案；找同级或上级的审批人。")),
        (_("出了差错"), _("账目不能改，只能更正：写明原因再记一笔。")),
    ]
    parts = (
        (_("一夜的工作"), [*steps, *rules]),
        (_("按键"), [(key.press, key.text[lang]) for key in told.keys]),
        (_("用语"), [(term.name[lang], term.means[lang]) for term in told.terms.values()]),
    )
    foot = _("依据 %(day)s 版帮助", day=told.as_of.isoformat())
    return pdf(render_guide(_("救灾物资调度 速查"), foot, parts), "guide")
