"""On a drill's database every PDF bears the mark on each page, and every file its name, whichever view made it."""

from __future__ import annotations

from flask import Flask, Response
from werkzeug.http import dump_options_header, parse_options_header

from dispatch.paper.stamp import stamp
from dispatch.web.state import state

NAMED = "DRILL-"


def register_drill_stamp(app: Flask) -> None:
    """Nothing to do for an application on live data."""

    @app.after_request
    def mark(response: Response) -> Response:
        if state().in_drill and response.mimetype == "application/pdf" and response.status_code == 200:
            response.direct_passthrough = False
            response.set_data(stamp(response.get_data()))
            response.headers.pop("ETag", None)
        if state().in_drill and "Content-Disposition" in response.headers:
            response.headers["Content-Disposition"] = _named(response.headers["Content-Disposition"])
        return response


def _named(disposition: str) -> str:
    """A file that is taken away says by its name that it is of a drill."""
    kind, options = parse_options_header(disposition)
    return dump_options_header(kind, {**options, "filename": NAMED + options["filename"]}) if options.get("filename") else disposition
