"""A page's map and its long parts, made once and handed to everyone until what they rest on changes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from flask import g, render_template
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from dispatch.flow.pulse import kept, pulse
from dispatch.scenes import proposal_scene
from dispatch.web.state import language, today
from maps.render import MapPieces, render
from maps.scene import Scene

# stands in a kept map where each answer has its own nonce; nobody outside the process can know it
NONCE = secrets.token_urlsafe(24)


def drawn(
    session: Session, name: str, rests_on: str, scene: Callable[[], Scene], urls: Mapping[str, str] | None = None
) -> MapPieces:
    """The map called ``name`` in the language of who asks.

    ``rests_on`` is a text that changes with everything the scene is made of (a pulse, a day, a hash);
    ``scene`` is called only when it has changed.
    """
    found = kept(session, f"map:{name}:{language()}", rests_on, lambda: render(scene(), NONCE, urls))
    head, body, script = (piece.replace(NONCE, g.nonce) for piece in (found.head, found.body, found.script))
    return MapPieces(head, body, script, found.legend)


def drawn_plan(session: Session, name: str, version: str, body: dict[str, Any] | None) -> MapPieces:
    """The map of a plan's version, with the teams as ready as they are today."""
    rests_on = f"{version} {today()} {pulse(session, ['deployments'])}"
    return drawn(session, name, rests_on, lambda: proposal_scene(session, body, language(), today()))


def parts_once(session: Session, template: str, rests_on: str, told: dict[str, Any]) -> str:
    """A long part of a page, written once for everybody it is the same for; its forms get the token of who asks.

    ``rests_on`` names who it is for and changes with everything in it, the language aside.
    """
    name = f"part:{template}:{rests_on.partition(' ')[0]}:{language()}"
    found = kept(session, name, rests_on, lambda: render_template(template, **told, csrf_token=lambda: NONCE))
    return found.replace(NONCE, generate_csrf())
