"""What every view needs: engine, clock, settings, language."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from threading import Semaphore

from flask import current_app, session
from sqlalchemy import Engine

from dispatch.clock import Clock, SystemClock, to_local
from dispatch.config import Settings


@dataclass(frozen=True)
class State:
    """The application's own things.

    ``clock`` tells the time of the work, which a demo or a drill moves; ``wall`` the machine's, by
    which people log in; ``in_drill`` where the database is a drill's.
    """

    engine: Engine
    clock: Clock
    settings: Settings
    in_drill: bool = False
    wall: Clock = field(default_factory=SystemClock)
    live_seats: Semaphore = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # how many open pages may hold a thread at the same time (dispatch/web/views/live.py)
        object.__setattr__(self, "live_seats", Semaphore(self.settings.live_streams))


def state() -> State:
    """The state of the application serving this request."""
    found: State = current_app.extensions["dispatch"]
    return found


def today() -> date:
    """The day in Asia/Shanghai by the application's clock."""
    return to_local(state().clock.now()).date()


def language() -> str:
    """``zh`` or ``en``, as chosen by the person."""
    return "en" if session.get("lang") == "en" else "zh"


def local_path(text: str) -> str:
    """``text`` when it is an address of this server, else the first page: nobody is sent elsewhere."""
    is_local = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if is_local else "/"
