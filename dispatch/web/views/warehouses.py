"""The 93 warehouses: grade, room, checklist."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required
from sqlalchemy.orm import Session

from dispatch.audit.store import Act, record
from dispatch.clock import to_local
from dispatch.db import reading, transaction
from dispatch.errors import InvalidInput, NotFound, Refused
from dispatch.inventory.model import StockLine
from dispatch.inventory.store import list_items, list_warehouses, snapshot
from dispatch.operations.forms import whole
from dispatch.operations.model import STORE_HANDS
from dispatch.operations.queries import list_documents
from dispatch.scenes import warehouse_scene
from dispatch.warehousing.model import Check, Facility, grade, room
from dispatch.warehousing.store import (
    list_checks,
    list_facilities,
    load_standard,
    save_check,
    save_facility,
)
from dispatch.web.auth import actor
from dispatch.web.drawn import drawn
from dispatch.web.forms import FORMS
from dispatch.web.state import language, state

blueprint = Blueprint("warehouses", __name__, url_prefix="/warehouses")


def _all(session: Session) -> list[dict[str, Any]]:
    today, standard = to_local(state().clock.now()).date(), load_standard()
    facilities, checks = list_facilities(session), list_checks(session)
    items = {i.code: i for i in list_items(session)}
    lines: dict[str, list[StockLine]] = defaultdict(list)
    for line in snapshot(session, state().clock.now()).lines:
        lines[line.warehouse_code].append(line)
    return [
        {
            "w": w, "facility": facilities.get(w.code),
            "grade": grade(standard, facilities.get(w.code), w.tier.value, checks.get(w.code, []), today),
            "room": room(facilities[w.code], lines[w.code], items) if w.code in facilities else None,
        }
        for w in list_warehouses(session)
    ]


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Map and table of all warehouses with their grades."""
    with reading(state().engine) as session:
        rows = _all(session)
        grades = {row["w"].code: row["grade"].letter for row in rows}
        pieces = drawn(session, "warehouses", json.dumps(grades), lambda: warehouse_scene(session, grades, language()))
    return render_template("warehouses.html", rows=rows, map=pieces)


@blueprint.get("/<code>")
@login_required
def show(code: str) -> ResponseReturnValue:
    """One warehouse: what to do there, its room, its checklist, its latest papers."""
    with reading(state().engine) as session:
        row = next((r for r in _all(session) if r["w"].code == code), None)
        if row is None:
            raise NotFound(f"There is no warehouse {code}.", remedy="Choose one from the list.",
                           zh=f"没有编号为 {code} 的仓库。", remedy_zh="请从列表中选择。")
        documents = list_documents(session, None, code, 12)
    return render_template("warehouse.html", row=row, kinds=FORMS, documents=documents, standard=load_standard())


@blueprint.post("/<code>/facility")
@login_required
def facility(code: str) -> ResponseReturnValue:
    """The keepers' own figures of their room."""
    _hands()
    form, now = request.form, state().clock.now()
    figures = [whole(form.get(name)) or 0 for name in ("area_m2", "volume_m3", "load_kg")]
    found = Facility(code, figures[0], figures[1] * 10**6, figures[2], form.get("storekeeper", "").strip()[:40],
                     form.get("bookkeeper", "").strip()[:40], is_assumption=False)
    with transaction(state().engine) as session:
        if code not in {w.code for w in list_warehouses(session)}:
            raise NotFound(f"There is no warehouse {code}.", remedy="Choose one from the list.",
                           zh=f"没有编号为 {code} 的仓库。", remedy_zh="请从列表中选择。")
        save_facility(session, found)
        record(session, Act(actor(), "warehouse.facility", code), now)
    flash(_("已更新仓库信息。"))
    return redirect(url_for("warehouses.show", code=code))


def _hands() -> None:
    if current_user.account["role"] not in STORE_HANDS:
        raise Refused("Your role may not inspect warehouses.", remedy="Log in as a storekeeper.",
                      zh="您的角色不能登记仓库信息。", remedy_zh="请用库管员账号登录。")


@blueprint.post("/<code>/checks")
@login_required
def check(code: str) -> ResponseReturnValue:
    """Write what was found of one criterion, with its evidence."""
    _hands()
    evidence = request.form.get("evidence", "").strip()
    if not evidence:
        raise InvalidInput("A finding needs its evidence.", remedy="Name a photo, a paper or who saw it.",
                           zh="检查结果须有依据。", remedy_zh="请填写照片、文件编号或见证人。")
    now = state().clock.now()
    found = Check(request.form.get("criterion", ""), request.form.get("is_met") == "1", evidence[:200],
                  to_local(now).date(), actor())
    with transaction(state().engine) as session:
        save_check(session, code, found)
        record(session, Act(actor(), "warehouse.check", code, found.criterion), now)
    flash(_("已记录检查结果。"))
    return redirect(url_for("warehouses.show", code=code))
