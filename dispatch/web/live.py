"""Parts of pages that are asked for again and again, and answered only when they changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, render_template, request
from flask_login import current_user

from dispatch.web.state import language


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
