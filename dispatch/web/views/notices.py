"""The inbox of notices, and where else a person wants to be told."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from dispatch.db import reading, run_in_transaction
from dispatch.errors import InvalidInput
from dispatch.notices.model import CHANNELS, Subscription, Urgency
from dispatch.notices.store import (
    list_inbox,
    list_subscriptions,
    mark_read,
    remove_subscription,
    save_subscription,
)
from dispatch.web.auth import actor
from dispatch.web.state import state

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """What one is told, newest first, and one's subscriptions."""
    return _page()


def _page(error: InvalidInput | None = None) -> ResponseReturnValue:
    with reading(state().engine) as session:
        notices = list_inbox(session, current_user.account, 200)
        wishes = list_subscriptions(session, actor())
    page = render_template("notices.html", notices=notices, wishes=wishes, channels=CHANNELS,
                           urgencies=[u.value for u in Urgency], error=error)
    return (page, 400) if error else page


@blueprint.post("/read")
@login_required
def read() -> ResponseReturnValue:
    """Mark notices as read."""
    numbers = [int(n) for n in request.form.getlist("id") if n.isascii() and n.isdigit()]
    name, now = actor(), state().clock.now()
    run_in_transaction(state().engine, lambda session: mark_read(session, name, numbers, now))
    return redirect(url_for("notices.index"))


@blueprint.post("/subscriptions")
@login_required
def subscribe() -> ResponseReturnValue:
    """Be told by mail or by another system as well."""
    form = request.form
    try:
        wish = Subscription(actor(), form.get("channel", ""), form.get("address", "").strip(),
                            _urgency(form.get("urgency", "")))
    except InvalidInput as error:
        return _page(error)
    run_in_transaction(state().engine, lambda session: save_subscription(session, wish))
    flash(_("已保存。"))
    return redirect(url_for("notices.index"))


def _urgency(text: str) -> Urgency:
    if text not in [u.value for u in Urgency]:
        raise InvalidInput(f"The urgency is {text!r}.", remedy="Use now, soon or digest.",
                           zh=f"紧急程度 {text!r} 无效。", remedy_zh="应为 now、soon 或 digest。")
    return Urgency(text)


@blueprint.post("/subscriptions/remove")
@login_required
def unsubscribe() -> ResponseReturnValue:
    """Not any more."""
    name, channel, address = actor(), request.form.get("channel", ""), request.form.get("address", "")
    run_in_transaction(state().engine, lambda session: remove_subscription(session, name, channel, address))
    return redirect(url_for("notices.index"))
