"""The web door: Flask, and only here."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, request, send_from_directory, session
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_compress import Compress
from flask_wtf import CSRFProtect
from werkzeug.routing import IntegerConverter, Map

from dispatch.config import PROJECT_ROOT
from dispatch.files import whole_file
from dispatch.web.auth import register_auth
from dispatch.web.drill_stamp import register_drill_stamp
from dispatch.web.errors import register_errors
from dispatch.web.gate import register_gate
from dispatch.web.limits import register_limits
from dispatch.web.live import register_live
from dispatch.web.security import register_security
from dispatch.web.shell import register_shell
from dispatch.web.shown import register_filters
from dispatch.web.state import language
from dispatch.web.views import (
    account,
    api,
    audit,
    authority,
    board,
    deployments,
    documents,
    drafts,
    drills,
    edits,
    exercises,
    goods,
    help,
    ledger,
    live,
    money,
    my,
    notices,
    openness,
    packs,
    papers,
    people,
    phone,
    plans,
    proposals,
    receipts,
    roads,
    rooms,
    search,
    situations,
    team_acts,
    teams,
    trucks,
    uploads,
    warehouses,
)
from dispatch.web.vitals import register_vitals

FOLDER = Path(__file__).resolve().parent
csrf = CSRFProtect()
COMPRESSION = {
    "COMPRESS_ALGORITHM": ["br", "gzip"], "COMPRESS_ALGORITHM_STREAMING": ["br", "gzip"], "COMPRESS_BR_LEVEL": 4, "COMPRESS_LEVEL": 6,
    "COMPRESS_MIMETYPES": [
        "text/html", "text/css", "text/javascript", "text/csv", "text/plain", "application/json", "application/geo+json", "image/svg+xml",
    ],
}


class Number(IntegerConverter):
    """A number in an address: no larger than the databases take."""

    def __init__(self, map: Map, fixed_digits: int = 0) -> None:
        super().__init__(map, fixed_digits, max=2**31 - 1)


def register(app: Flask) -> None:
    """Hang everything of the web onto the application."""
    compile_catalog()
    app.url_map.converters["int"] = Number
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(FOLDER / "translations")
    Babel(app, default_locale="zh", locale_selector=language)
    register_limits(app)
    csrf.init_app(app)
    app.config.update(COMPRESSION)
    Compress(app)
    register_vitals(app)
    register_security(app)
    register_errors(app)
    register_auth(app)
    register_gate(app)
    register_shell(app)
    register_live(app)
    register_drill_stamp(app)
    for view in (board, situations, drafts, proposals, edits, goods, ledger, documents, warehouses, money, plans,
                 teams, team_acts, uploads, notices, deployments, my, audit, openness, roads, receipts, trucks, packs,
                 phone, live, search, papers, help, drills, rooms, exercises, api, account, authority,
                 people):
        app.register_blueprint(view.blueprint)
    app.register_blueprint(trucks.devices)
    csrf.exempt(trucks.devices)
    csrf.exempt(api.blueprint)
    register_filters(app)
    app.context_processor(lambda: {"other_language": _other_language()})
    app.before_request(_choose_language)
    app.add_url_rule("/assets/<path:name>", "assets", _asset)
    app.add_url_rule("/healthz", "healthz", lambda: {"status": "ok"})


def compile_catalog() -> None:
    """Make the English catalogue when its text is newer."""
    text = FOLDER / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    target = text.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= text.stat().st_mtime:
        return
    with text.open("rb") as source:
        catalog = read_po(source, locale="en")
    with whole_file(target) as whole, whole.open("wb") as out:
        write_mo(out, catalog)


def _other_language() -> str:
    return "?" + urlencode({**request.args.to_dict(), "lang": "en" if language() == "zh" else "zh"})


def _choose_language() -> None:
    if request.args.get("lang") in ("zh", "en"):
        session["lang"] = request.args["lang"]


def _asset(name: str) -> ResponseReturnValue:
    return send_from_directory(PROJECT_ROOT / "maps" / "assets", name, max_age=30 * 86400)
