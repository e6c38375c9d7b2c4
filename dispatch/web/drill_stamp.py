"""On a drill's database every PDF bears the mark on each page, whichever view made it."""

from __future__ import annotations

from flask import Flask, Response

from dispatch.paper.stamp import stamp
from dispatch.web.state import state


def register_drill_stamp(app: Flask) -> None:
    """Nothing to do for an application on live data."""

    @app.after_request
    def mark(response: Response) -> Response:
        if state().in_drill and response.mimetype == "application/pdf" and response.status_code == 200:
            response.direct_passthrough = False
            response.set_data(stamp(response.get_data()))
            response.headers.pop("ETag", None)
        return response
