"""Pages that follow their data: asked for again and again, made anew only when something changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from flask import Flask, Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dispatch.db import reading
from dispatch.flow.pulse import pulse
from dispatch.web.state import language, state

ASKED = "X-Live"
AS_OF = "X-As-Of"
View = Callable[..., ResponseReturnValue]


def register_live(app: Flask) -> None:
    """Answers to pages that follow their data say when that was so, and are never kept by a browser."""

    @app.after_request
    def add_moment(response: Response) -> Response:
        if asks_anew():
            response.headers[AS_OF] = state().clock.now().isoformat()
            response.headers["Cache-Control"] = "no-store"
        return response


def asks_anew() -> bool:
    """Whether an open page asks for what is new in it (its map, if any, need not be drawn again)."""
    return ASKED in request.headers


def live(*areas: str) -> Callable[[View], View]:
    """A page (or part) that rests on some areas of ``dispatch.flow.pulse``.

    Whoever already has it as it is gets 304 before anything is read but the counters.  Ages and
    countdowns in words make a page new once a minute.  Stands below ``login_required``.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def shown(*arguments: Any, **more: Any) -> ResponseReturnValue:
            with reading(state().engine) as session:
                g.pulse, g.live_areas = pulse(session, areas), ",".join(areas)
            minute = state().clock.now().replace(second=0, microsecond=0)
            g.live_tag = tag_of({"at": g.pulse, "minute": minute, "page": request.full_path, "who": current_user.id})
            is_known = g.live_tag in (request.headers.get(ASKED), request.args.get("since"))
            answer = make_response("", 304) if is_known else make_response(view(*arguments, **more))
            if asks_anew() and answer.status_code in (200, 304):
                answer.set_etag(g.live_tag)
            return answer

        return shown

    return wrap


def tag_of(told: Mapping[str, Any]) -> str:
    """A short name for what is told and to whom; the page itself differs each time by its form token."""
    text = json.dumps([told, language(), current_user.account["role"]], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def fresh(template: str, told: Mapping[str, Any], tagged: Mapping[str, Any] | None = None) -> Response:
    """A part of a page, or 304 when it is still as the asker knows it (``since`` or If-None-Match).

    ``tagged`` takes the place of ``told`` where that holds values without a plain text of their own.
    """
    tag = tag_of(told if tagged is None else tagged)
    is_known = request.args.get("since") == tag or request.if_none_match.contains(tag)
    answer = make_response("", 304) if is_known else make_response(render_template(template, **told))
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
