"""Forms that a telephone keeps while it has no signal: the same address answers them in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec

from flask import flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from dispatch.errors import DispatchError, InvalidInput
from dispatch.geo import LonLat
from dispatch.teams.operations import fresh_key
from dispatch.web.errors import status_of
from dispatch.web.state import language, state

P = ParamSpec("P")
HEADER = "X-Queued"
MOST_AGE_S = 30 * 24 * 3600


def is_queued() -> bool:
    """Whether a telephone sends what it had kept, and wants one sentence instead of a page."""
    return HEADER in request.headers


def done(sentence: str, target: str) -> ResponseReturnValue:
    """It is booked: one sentence for the queue, else the next page with it."""
    if is_queued():
        return jsonify({"done": sentence})
    flash(sentence)
    return redirect(target)


def answers_queue(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """A refusal becomes a sentence with its remedy, to be kept with the entry in the telephone."""

    @wraps(view)
    def answered(*arguments: P.args, **more: P.kwargs) -> ResponseReturnValue:
        try:
            return view(*arguments, **more)
        except DispatchError as error:
            if not is_queued():
                raise
            words = (error.message_zh, error.remedy_zh) if language() == "zh" else (error.message, error.remedy)
            return jsonify({"refused": " ".join(words)}), status_of(error)

    return answered


def said_at() -> datetime:
    """When it was said: so many seconds ago (``age_s``) by the telephone's own clock, which need not be right."""
    text, now = request.form.get("age_s", "").strip(), state().clock.now()
    if not text:
        return now
    if not text.isascii() or not text.isdigit() or int(text) > MOST_AGE_S:
        raise InvalidInput(f"The age {text[:20]!r} of the entry cannot be read.", remedy="Reload the page and send it again.",
                           zh="无法识别记录时间。", remedy_zh="请刷新页面后重新发送。")
    return now - timedelta(seconds=int(text))


def form_key() -> str:
    """The key of the form, or a fresh one where a plain form has none."""
    return request.form.get("form_key", "")[:60] or fresh_key()


def position() -> LonLat | None:
    """The point a form tells, or None."""
    lon, lat = request.values.get("lon", "").strip(), request.values.get("lat", "").strip()
    if not lon and not lat:
        return None
    try:
        return LonLat(float(lon), float(lat))
    except ValueError as error:
        raise InvalidInput("The position cannot be read.", remedy="Send it without a position, or give lon and lat in degrees.",
                           zh="无法识别位置。", remedy_zh="请不带位置重新发送，或填写经纬度（度）。") from error
