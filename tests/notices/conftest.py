"""Accounts of every tier, servers that listen, and a sender at hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.accounts.tables import AccountRow
from dispatch.clock import FixedClock
from dispatch.db import transaction
from dispatch.notices.channels import EmailChannel, MailServer, WebhookChannel
from dispatch.notices.model import Notice, Subscription
from dispatch.notices.outbox import OutboxRules, Report, deliver_due
from dispatch.notices.store import post, save_subscription
from tests.conftest import NOW
from tests.notices.servers import Hook, MailBox, hook_server, mail_server

SECRET = "0123456789abcdef-secret"
PEOPLE = (
    ("region", "150000", "planner"), ("league", "150500", "planner"),
    ("county", "150502", "planner"), ("other", "150400", "planner"),
    ("viewer", "150500", "viewer"), ("chief", "150500", "approver"),
)


def save_people(session: Session) -> None:
    for name, place, role in PEOPLE:
        session.add(AccountRow(name=name, display_zh=name, role=role, place=place,
                               password_hash="-", is_demo=True))


@dataclass
class Office:
    """A database with people, and both ways out."""

    engine: Engine
    box: MailBox
    hook: Hook
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))

    def post(self, *notices: Notice) -> list[bool]:
        with transaction(self.engine) as session:
            return [post(session, notice, self.clock.now()) for notice in notices]

    def subscribe(self, *wishes: Subscription) -> None:
        with transaction(self.engine) as session:
            for wish in wishes:
                save_subscription(session, wish)

    def deliver(self, rules: OutboxRules | None = None) -> Report:
        mail = EmailChannel(MailServer.parse(self.box.url), "dispatch@nmg.example", self.clock)
        hook = WebhookChannel(self.hook.url, SECRET, self.clock)
        return deliver_due(self.engine, (mail, hook), self.clock, rules)


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hook_server() as hook:
        yield hook


@pytest.fixture
def office(bare: Engine, box: MailBox, hook: Hook) -> Office:
    with transaction(bare) as session:
        save_people(session)
    return Office(bare, box, hook)
