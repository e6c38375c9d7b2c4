"""`dispatch init`: migrate, load the reference data, and on demand the demo."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from dispatch.accounts.store import save_demo_accounts
from dispatch.alerts import cap
from dispatch.alerts.store import list_documents
from dispatch.clock import Clock, FixedClock, SystemClock, to_local
from dispatch.config import PROJECT_ROOT, Settings
from dispatch.db import reading, transaction
from dispatch.demo_time import set_demo_time, shift_of
from dispatch.errors import InvalidInput
from dispatch.flow.model import Way
from dispatch.flow.respond import attach_old, ingest
from dispatch.inventory.service import Claim, receive
from dispatch.inventory.store import list_items, list_warehouses, save_lots, snapshot
from dispatch.reference.demo import demo_stock
from dispatch.reference.demo_roster import add_demo_rosters
from dispatch.reference.load import load_all
from dispatch.reference.read import DATA

EXAMPLES = DATA / "examples" / "tongliao-2021-11"
OPENING = "DEMO-OPENING"


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest revision."""
    config = Config(toml_file=str(PROJECT_ROOT / "pyproject.toml"))
    config.set_main_option("script_location", str(PROJECT_ROOT / "migrations"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.rollback()


def initialise(engine: Engine, settings: Settings, *, demo: bool) -> None:
    """Tables, reference data and, when asked, the demo; doing it twice changes nothing."""
    migrate(engine)
    with transaction(engine) as session:
        load_all(session)
    attach_old(engine)
    if demo:
        _add_demo(engine, settings)


def _add_demo(engine: Engine, settings: Settings) -> None:
    """Demo people, rosters, stock and the example situation; the demo's clock starts at the example."""
    files = sorted(EXAMPLES.glob("*.xml"))
    began = cap.parse(files[-1].read_bytes()).sent
    with transaction(engine) as session:
        save_demo_accounts(session)
        add_demo_rosters(session, began)
        known = snapshot(session, began)
        if not known.lines:
            opening = demo_stock(
                list_warehouses(session),
                {item.code: item for item in list_items(session)},
                known.minimum,
                to_local(began).date(),
            )
            save_lots(session, [lot for lot, _, _ in opening])
            claims = [Claim(place, lot.code, units) for lot, place, units in opening]
            receive(session, claims, "supplier:demo", OPENING, began)
    with reading(engine) as session:
        has_documents = bool(list_documents(session))
    if not has_documents:
        with transaction(engine) as session:
            set_demo_time(session, began, SystemClock().now())
        replay(engine, files[:-1], "demo", settings, draft=False)
        replay(engine, files[-1:], "demo", settings)


def replay(
    engine: Engine, files: list[Path], actor: str, settings: Settings, *, draft: bool = True
) -> list[dict[str, Any]]:
    """Take past documents in, each as if it arrived a minute after it was sent.

    ``draft`` false only keeps the documents and drafts no proposal.  A demo's clock moves on
    with them.
    """
    answers: list[dict[str, Any]] = []
    for path in files:
        raw = path.read_bytes()
        clock = FixedClock(_sent(raw) + timedelta(minutes=1))
        way = Way(actor, clock, settings, draft)
        answers += ingest(engine, [(path.name, raw)], way)
        if answers[-1]["status"] != "quarantined":
            _move_demo(engine, clock)
    return answers


def _sent(raw: bytes) -> datetime:
    """When a document says it was sent; now for one that cannot be read, which the intake keeps
    in quarantine."""
    try:
        return cap.parse(raw).sent
    except InvalidInput:
        return SystemClock().now()


def _move_demo(engine: Engine, clock: Clock) -> None:
    with transaction(engine) as session:
        if shift_of(session) is not None:
            set_demo_time(session, clock.now(), SystemClock().now())
