"""How the pages are doing: readiness, figures for Prometheus, a line of JSON for each request."""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from alembic.script import ScriptDirectory
from flask import Flask, Response, g, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from dispatch.alerts.tables import SituationRow
from dispatch.audit.tables import AuditHeadRow
from dispatch.config import PROJECT_ROOT
from dispatch.db import reading
from dispatch.errors import Refused, Unavailable
from dispatch.notices.tables import DeliveryRow
from dispatch.proposals.jobs import waiting
from dispatch.web.state import state

REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
LOG = logging.getLogger("dispatch.requests")
HEAD = ScriptDirectory(str(PROJECT_ROOT / "migrations")).get_current_head()
NEAR = ("127.0.0.1", "::1")


class DatabaseFigures(Collector):
    """Figures read from the database when they are asked for."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def collect(self) -> Iterable[Metric]:
        """One gauge each; none where the database does not answer."""
        try:
            found = _figures(self.engine)
        except Unavailable:
            found = {}
        yield GaugeMetricFamily("dispatch_database_up", "1 where the database answers", 1 if found else 0)
        for name, (words, value) in found.items():
            yield GaugeMetricFamily(f"dispatch_{name}", words, value)


def _figures(engine: Engine) -> dict[str, tuple[str, int]]:
    with reading(engine) as session:
        return {
            "drafts_waiting": ("drafts waited for", waiting(session)),
            "deliveries_waiting": ("notices waiting to be sent", _count(session, select(func.count()).where(DeliveryRow.status == "waiting"))),
            "situations_open": ("open situations", _count(session, select(func.count()).where(SituationRow.status == "open"))),
            "audit_acts": ("acts on record", _count(session, select(AuditHeadRow.acts))),
        }


def _count(session: Any, query: Any) -> int:
    return int(session.scalar(query) or 0)


def register_vitals(app: Flask) -> None:
    """The two doors, the counters and the log."""
    registry = CollectorRegistry()
    told = _told(registry)
    told.register(DatabaseFigures(app.extensions["dispatch"].engine))
    labels = ("endpoint", "method")
    seconds = Histogram("dispatch_request_seconds", "time to answer", labels, registry=registry)
    answers = Counter("dispatch_answers", "answers by status", (*labels, "status"), registry=registry)

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        took = time.perf_counter() - g.get("began", time.perf_counter())
        # the endpoint, not the path: as many series as there are pages
        names = (request.endpoint or "-", request.method)
        seconds.labels(*names).observe(took)
        answers.labels(*names, str(response.status_code)).inc()
        response.headers["X-Request-ID"] = g.get("request_id", "-")
        LOG.info("%s", _line(response, took))
        return response

    @app.get("/readyz")
    def readyz() -> ResponseReturnValue:
        """Whether this process can do its work: the database answers and has the newest tables."""
        found = _readiness(state().engine)
        return jsonify({"status": "ready" if all(found.values()) else "not ready", **found}), 200 if all(found.values()) else 503

    @app.get("/metrics")
    def metrics() -> ResponseReturnValue:
        """Figures for Prometheus, to this machine only: a server in front keeps the path to itself."""
        if request.remote_addr not in NEAR or request.headers.get("X-Forwarded-For"):
            raise Refused("The figures are told to this machine only.", remedy="Scrape 127.0.0.1.",
                          zh="监控指标仅供本机读取。", remedy_zh="请从 127.0.0.1 抓取。")
        return Response(generate_latest(told), mimetype="text/plain; version=0.0.4")


def _told(own: CollectorRegistry) -> CollectorRegistry:
    """What is told when figures are asked for: of all processes where they share a folder, else our own."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return own
    shared = CollectorRegistry()
    MultiProcessCollector(shared)
    return shared


def _readiness(engine: Engine) -> dict[str, bool]:
    try:
        with reading(engine) as session:
            revision = session.scalar(text("SELECT version_num FROM alembic_version"))
    except (Unavailable, DBAPIError):
        return {"database": False, "tables": False}
    return {"database": True, "tables": revision == HEAD}


def _line(response: Response, took_s: float) -> str:
    who = current_user.id if current_user and current_user.is_authenticated else None
    return json.dumps({
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"), "id": g.get("request_id"), "method": request.method,
        "path": request.path, "status": response.status_code, "ms": round(took_s * 1000, 1), "who": who,
    }, ensure_ascii=False)
