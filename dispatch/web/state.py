"""What every view needs: engine, clock, settings, language."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, session
from sqlalchemy import Engine

from dispatch.clock import Clock
from dispatch.config import Settings


@dataclass(frozen=True)
class State:
    """The application's own things."""

    engine: Engine
    clock: Clock
    settings: Settings


def state() -> State:
    """The state of the application serving this request."""
    found: State = current_app.extensions["dispatch"]
    return found


def language() -> str:
    """``zh`` or ``en``, as chosen by the person."""
    return "en" if session.get("lang") == "en" else "zh"
