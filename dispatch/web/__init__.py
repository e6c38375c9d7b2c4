"""The web door: Flask, and only here."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, request, send_from_directory, session
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_compress import Compress
from flask_login import current_user
from flask_wtf import CSRFProtect

from dispatch.clock import to_local
from dispatch.config import PROJECT_ROOT
from dispatch.db import reading
from dispatch.errors import Unavailable
from dispatch.notices.store import count_unread
from dispatch.web.auth import register_auth
from dispatch.web.errors import register_errors
from dispatch.web.security import register_security
from dispatch.web.state import language, state
from dispatch.web.views import (
    api,
    audit,
    board,
    deployments,
    documents,
    drafts,
    edits,
    goods,
    ledger,
    money,
    my,
    notices,
    openness,
    plans,
    proposals,
    situations,
    team_acts,
    teams,
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


def register(app: Flask) -> None:
    """Hang everything of the web onto the application."""
    compile_catalog()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(FOLDER / "translations")
    Babel(app, default_locale="zh", locale_selector=language)
    csrf.init_app(app)
    app.config.update(COMPRESSION)
    Compress(app)
    register_vitals(app)
    register_security(app)
    register_errors(app)
    register_auth(app)
    for view in (board, situations, drafts, proposals, edits, goods, ledger, documents, warehouses, money, plans,
                 teams, team_acts, uploads, notices, deployments, my, audit, openness, api):
        app.register_blueprint(view.blueprint)
    csrf.exempt(api.blueprint)
    app.add_template_filter(local_time, "local_time")
    app.add_template_filter(lambda n: f"{n:,}", "number")
    app.context_processor(_common)
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
    with target.open("wb") as out:
        write_mo(out, catalog)


def local_time(text: str | None) -> str:
    """An ISO time on the wall clocks of Inner Mongolia, month-day hour:minute."""
    return f"{to_local(datetime.fromisoformat(text)):%Y-%m-%d %H:%M}" if text else "—"


def _common() -> dict[str, Any]:
    account = current_user.account if current_user and current_user.is_authenticated else None
    other = {**request.args.to_dict(), "lang": "en" if language() == "zh" else "zh"}
    return {
        "lang": language(),
        "nonce": g.get("nonce", ""),
        "now_iso": state().clock.now().isoformat(),
        "unread": _unread(account) if account else 0,
        "other_language": "?" + urlencode(other),
    }


def _unread(account: dict[str, Any]) -> int:
    try:
        with reading(state().engine) as session:
            return count_unread(session, account)
    except Unavailable:
        # the error page itself has a top bar
        return 0


def _choose_language() -> None:
    if request.args.get("lang") in ("zh", "en"):
        session["lang"] = request.args["lang"]


def _asset(name: str) -> ResponseReturnValue:
    return send_from_directory(PROJECT_ROOT / "maps" / "assets", name, max_age=30 * 86400)
