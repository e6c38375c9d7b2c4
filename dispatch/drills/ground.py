"""A drill's own database: an SQLite file made afresh, marked, filled with the reference data.

Nothing of a live database is opened, read or written.
"""

from __future__ import annotations

import shutil
import sqlite3
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.accounts.store import save_demo_accounts
from dispatch.clock import to_local
from dispatch.config import Settings
from dispatch.db import make_engine, transaction
from dispatch.drill_mark import DrillRow
from dispatch.drills.control import make_tables
from dispatch.errors import Conflict
from dispatch.inventory.service import Claim, receive
from dispatch.inventory.store import list_items, list_warehouses, save_lots, snapshot
from dispatch.reference.demo import demo_stock
from dispatch.reference.demo_roster import add_demo_rosters
from dispatch.reference.setup import initialise

OPENING = "DRILL-OPENING"
SPREAD_PERCENT = (80, 120)


@dataclass(frozen=True, slots=True)
class Stage:
    """What is played: the scenario's code, when its clock begins, the opening stock.

    ``stock_percent`` of what the demo's stock rule draws for each warehouse and item; a seed other
    than 1 draws each once more, from 80 to 120 percent of that.
    """

    scenario: str
    begins: datetime
    seed: int = 1
    stock_percent: int = 100


def make_template(folder: Path) -> Path:
    """A marked database with reference data and players, to be copied for each replay."""
    path = folder / "template.sqlite"
    settings = settings_for(path)
    engine = make_engine(settings.database_url)
    initialise(engine, settings, demo=False)
    make_tables(engine)
    with transaction(engine) as session:
        save_demo_accounts(session)
    engine.dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def settings_for(path: Path) -> Settings:
    """Settings of a drill: its own file, counted steps of the searches, no way out of any kind."""
    return Settings(f"sqlite:///{path}", testing=True)


def open_ground(path: Path, template: Path, stage: Stage, real_now: datetime) -> Engine:
    """The database of one drill, made at ``path``; ``Conflict`` when something stands there."""
    if path.exists():
        raise Conflict(
            f"{path} exists already; a drill begins on a file of its own.",
            remedy="Give another name, or move the old file away.",
            zh=f"{path} 已存在；演练须使用新的数据库文件。", remedy_zh="请换一个名称，或移走原文件。",
        )
    shutil.copy(template, path)
    engine = make_engine(settings_for(path).database_url)
    with transaction(engine) as session:
        session.add(DrillRow(id=1, scenario=stage.scenario, status="ready", leader=None, at=stage.begins,
                             real_at=real_now, rate=0, version=0))
        add_demo_rosters(session, stage.begins)
        _fill_stock(session, stage)
    return engine


def _fill_stock(session: Session, stage: Stage) -> None:
    opening = demo_stock(
        list_warehouses(session), {item.code: item for item in list_items(session)},
        snapshot(session, stage.begins).minimum, to_local(stage.begins).date(),
    )
    drawn = [(lot, place, _units(units, lot.code, stage)) for lot, place, units in opening]
    kept = [(lot, place, units) for lot, place, units in drawn if units]
    save_lots(session, [lot for lot, _, _ in kept])
    claims = [Claim(place, lot.code, units) for lot, place, units in kept]
    receive(session, claims, "supplier:demo", OPENING, stage.begins)


def _units(units: int, lot: str, stage: Stage) -> int:
    low, high = SPREAD_PERCENT
    percent = 100 if stage.seed == 1 else low + zlib.crc32(f"{stage.seed}:{lot}".encode()) % (high - low + 1)
    return units * stage.stock_percent * percent // 10_000
