"""Is the server there, is one still logged in: what pages without data of their own ask."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_login import login_required

blueprint = Blueprint("live", __name__)


@blueprint.get("/live")
@login_required
def here() -> ResponseReturnValue:
    """Nothing but that the server answers; 401 to a page whose person has been logged out."""
    return "", 204
