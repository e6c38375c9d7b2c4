"""The application factory."""

from __future__ import annotations

import gc
import hashlib
import hmac

from flask import Flask
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from dispatch.clock import Clock, SystemClock
from dispatch.config import PROJECT_ROOT, Settings
from dispatch.db import make_engine
from dispatch.demo_time import clock_of, is_drill_at
from dispatch.web import register
from dispatch.web.state import State


def create_app(
    settings: Settings | None = None, engine: Engine | None = None, clock: Clock | None = None, wall: Clock | None = None
) -> Flask:
    """A Flask application on one engine, one clock (and the machine's, by which people log in) and one set of settings."""
    settings = settings or Settings.from_env()
    app = Flask("dispatch.web", template_folder=str(PROJECT_ROOT / "dispatch/web/templates"),
                static_folder=str(PROJECT_ROOT / "dispatch/web/static"))
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=32 * 1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        # a page left open in the field for hours must still be able to send; tokens end with the session
        WTF_CSRF_TIME_LIMIT=None,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.production,
        # browsers keep a cookie of this name to this host, its root and HTTPS
        SESSION_COOKIE_NAME="__Host-session" if settings.production else "session",
    )
    if settings.trusted_proxies:
        # as many addresses from the end of the line are ours; what stands before them anybody can write
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    engine = engine or make_engine(settings.database_url)
    in_drill = is_drill_at(engine)
    if in_drill:
        app.config.update(drill_sessions(settings, engine))
    app.extensions["dispatch"] = State(engine, clock or clock_of(engine), settings, in_drill, wall or SystemClock())
    register(app)
    return app


def drill_sessions(settings: Settings, engine: Engine) -> dict[str, object]:
    """How people stay logged in at a drill's desk: apart from the live desk of the same host.

    Browsers send cookies to every port of a host, and everybody knows the passwords of a drill: its
    cookie has a name of its own, and a key of its own signs it, so that it opens nothing else.  Players'
    telephones reach the desk without HTTPS, where a secure cookie would not come back.
    """
    key = hmac.new(settings.secret_key.encode(), f"drill:{engine.url.database}".encode(), hashlib.sha256).hexdigest()
    return {"SECRET_KEY": key, "SESSION_COOKIE_NAME": "drill-session", "SESSION_COOKIE_SECURE": False}


def settle() -> None:
    """Take what is loaded by now out of the garbage collector's rounds.

    Half a million objects of the libraries are gone through in each full round, and every request
    waits meanwhile (0.3 to 0.6 s measured); for a process that is about to serve.
    """
    gc.collect()
    gc.freeze()
