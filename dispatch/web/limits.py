"""How often one may ask: 429 with how long to wait, counted in each process on its own."""

from __future__ import annotations

import time
import tomllib
from functools import cache
from hashlib import sha256

from flask import Flask, make_response, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter, RateLimitExceeded
from flask_login import current_user

from dispatch.accounts.rights import LINK, PUBLIC
from dispatch.reference.read import DATA
from dispatch.web.errors import answer_http
from dispatch.web.routes import ACT_OF, API
from dispatch.web.state import state

FILE = DATA / "rate_limits.toml"
PROVING = ("auth.login", "auth.code", "edits.resume")
UPLOADS = ("uploads.create", "api.alerts")
FREE = ("static", "assets", "healthz", "readyz", "metrics", "phone.worker")


@cache
def rate_limits() -> dict[str, str]:
    """Kind of address → limit, as named in the file."""
    data = tomllib.loads(FILE.read_text("utf-8"))
    return {kind: data[kind] for kind in ("login", "public", "link", "api", "api_unknown", "upload")}


def register_limits(app: Flask) -> None:
    """Counts requests by kind of address and by who asks."""
    limiter = Limiter(
        _who, storage_uri="memory://", strategy="moving-window",
        application_limits=[_limit], application_limits_exempt_when=lambda: _kind() is None,
    )
    limiter.init_app(app)

    @app.errorhandler(RateLimitExceeded)
    def slow_down(error: RateLimitExceeded) -> ResponseReturnValue:
        """The page for it, with how many seconds to wait."""
        answer = make_response(answer_http(error))
        # the library counts by the machine's clock
        wait_s = limiter.current_limit.reset_at - int(time.time()) if limiter.current_limit else 1
        answer.headers["Retry-After"] = str(max(1, wait_s))
        return answer


def _kind() -> str | None:
    """What kind of address this is; None where nothing is counted."""
    endpoint, is_post = request.endpoint or "", request.method == "POST"
    if endpoint in FREE:
        return None
    if endpoint in PROVING:
        return "login" if is_post else None
    if endpoint in UPLOADS and is_post:
        return "upload"
    if endpoint in API:
        return "api" if request.authorization else "api_unknown"
    return {PUBLIC: "public", LINK: "link"}.get(ACT_OF.get(endpoint, ""))


def _limit() -> str:
    factor = state().settings.rate_factor
    parts = (part.strip().split(" ", 1) for part in rate_limits()[_kind() or "public"].split(";"))
    return "; ".join(f"{int(count) * factor} {rest}" for count, rest in parts)


def _who() -> str:
    """Whom it counts for: a person or key where known, else the address."""
    kind = _kind() or ""
    if request.authorization and kind in ("api", "upload"):
        return f"{kind}:{sha256(request.headers['Authorization'].encode()).hexdigest()[:24]}"
    if kind == "upload" and current_user.is_authenticated:
        return f"{kind}:{current_user.id}"
    return f"{kind}:{request.remote_addr}"
