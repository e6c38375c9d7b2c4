"""Authority taken where nobody who has it can be reached: at once, and told to all."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.accounts.authority import Taking, break_glass
from dispatch.accounts.rules import login_rule
from dispatch.clock import Clock, to_local
from dispatch.db import run_in_transaction
from dispatch.notices.model import Audience, Kind, Notice, Subject, Urgency
from dispatch.notices.store import post
from dispatch.words import Words

PAGE = "/authority"


def take_authority(engine: Engine, name: str, wish: Taking, clock: Clock) -> int:
    """Take authority for one's own place, with an alarm to everybody of the place and above it; its number."""
    def work(session: Session) -> int:
        now = clock.now()
        row = break_glass(session, name, wish, login_rule(), now)
        until = f"{to_local(row.ends_at):%m-%d %H:%M}"
        words = Words("glass.broken", f"紧急授权：{name} 取得 {row.place} 的审批权至 {until}，原因：{row.reason}",
                      f"emergency authority: {name} may approve for {row.place} until {until}; reason: {row.reason}")
        post(session, Notice(Audience(row.place, "county"), Kind.ESCALATION, Subject(f"glass:{row.id}", PAGE), words, Urgency.NOW,
                             f"glass:{row.id}"), now)
        return row.id

    return run_in_transaction(engine, work)
