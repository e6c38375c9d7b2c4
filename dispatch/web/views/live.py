"""Is the server there, is one still logged in; and, where there are threads for it, the word that something changed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Semaphore

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from flask_login import login_required

from dispatch.db import reading
from dispatch.flow.pulse import AREAS, kept, pulse
from dispatch.web.state import State, state

blueprint = Blueprint("live", __name__)
EVERY_S = 1.0
# a line now and then shows both sides that the other is there; the browser comes again by itself
SIGN_OF_LIFE_S, LONGEST_S = 15.0, 600.0


@blueprint.get("/live")
@login_required
def here() -> ResponseReturnValue:
    """Nothing but that the server answers; 401 to a page whose person has been logged out."""
    return "", 204


@blueprint.get("/live/events")
@login_required
def events() -> ResponseReturnValue:
    """A line each time that something changed in the areas asked for (``areas``, with commas between).

    Each listener holds a thread, so there are ``live_streams`` seats; 204 to whoever finds none: the page asks
    every other second instead.
    """
    areas = tuple(request.args.get("areas", "").split(","))
    if not areas or set(areas) - AREAS.keys():
        abort(400)
    found = state()
    seats = found.live_seats
    if not seats.acquire(blocking=False):
        return "", 204
    stream = Response(_tell(found, areas, seats), mimetype="text/event-stream")
    stream.headers["Cache-Control"] = "no-store"
    stream.headers["X-Accel-Buffering"] = "no"
    return stream


def _tell(found: State, areas: tuple[str, ...], seats: Semaphore) -> Iterator[str]:
    try:
        known, since = "", time.monotonic()
        last = since
        yield "retry: 3000\n\n"
        while time.monotonic() - since < LONGEST_S:
            now = _look(found, areas)
            if known and now != known:
                last = time.monotonic()
                yield "data: changed\n\n"
            elif time.monotonic() - last > SIGN_OF_LIFE_S:
                last = time.monotonic()
                yield ": here\n\n"
            known = now
            time.sleep(EVERY_S)
    finally:
        seats.release()


def _look(found: State, areas: tuple[str, ...]) -> str:
    """The counters, read once a second however many listen."""
    with reading(found.engine) as session:
        return kept(session, f"listened:{','.join(areas)}", str(int(time.monotonic() / EVERY_S)), lambda: pulse(session, areas))
