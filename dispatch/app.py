"""The application factory."""

from __future__ import annotations

import gc

from flask import Flask
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from dispatch.clock import Clock
from dispatch.config import PROJECT_ROOT, Settings
from dispatch.db import make_engine
from dispatch.demo_time import clock_of, is_drill_at
from dispatch.web import register
from dispatch.web.state import State


def create_app(
    settings: Settings | None = None, engine: Engine | None = None, clock: Clock | None = None
) -> Flask:
    """A Flask application on one engine, one clock and one set of settings."""
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
    )
    if settings.trusted_proxies:
        # as many addresses from the end of the line are ours; what stands before them anybody can write
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]
    engine = engine or make_engine(settings.database_url)
    app.extensions["dispatch"] = State(engine, clock or clock_of(engine), settings, is_drill_at(engine))
    register(app)
    return app


def settle() -> None:
    """Take what is loaded by now out of the garbage collector's rounds.

    Half a million objects of the libraries are gone through in each full round, and every request
    waits meanwhile (0.3 to 0.6 s measured); for a process that is about to serve.
    """
    gc.collect()
    gc.freeze()
