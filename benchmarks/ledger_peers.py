"""Two common ways of writing stock, raced until the numbers stop adding up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from dispatch.db import make_engine

ROUNDS = 400
THREADS = 8
Write = Callable[[Engine], None]


def absolute_value(engine: Engine) -> None:
    """Read the quantity, add one, write it back as an absolute value."""
    with engine.begin() as connection:
        units = connection.scalar(text("SELECT MAX(units) FROM peer_stock"))
        connection.execute(text("UPDATE peer_stock SET units = :n"), {"n": (units or 0) + 1})


def skip_locked(engine: Engine) -> None:
    """Take the row if it is free, else make a second one to be merged some day."""
    with engine.begin() as connection:
        row = connection.execute(
            text("SELECT id FROM peer_stock LIMIT 1 FOR UPDATE SKIP LOCKED")
        ).first()
        if row is None:
            connection.execute(text("INSERT INTO peer_stock (units) VALUES (1)"))
        else:
            connection.execute(
                text("UPDATE peer_stock SET units = units + 1 WHERE id = :i"), {"i": row[0]}
            )


def race_peers(url: str) -> dict[str, Any]:
    """Operations until the first fault of each way; None = none seen.

    A fault is a sum other than the operations done (absolute value), or more than one
    row for one lot (skip locked), which every reader of a single row then sees wrong.
    """
    if not url.startswith("postgresql"):
        return {"note": "needs PostgreSQL: SQLite has one writer and no SKIP LOCKED"}
    engine = make_engine(url)
    ways: tuple[tuple[str, Write], ...] = (
        ("read, then write absolute value", absolute_value),
        ("SKIP LOCKED, else insert", skip_locked),
    )
    found = {name: _race(engine, way) for name, way in ways}
    engine.dispose()
    return found


def _race(engine: Engine, write: Write) -> int | None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS peer_stock"))
        connection.execute(
            text("CREATE TABLE peer_stock (id serial PRIMARY KEY, units int NOT NULL)")
        )
        connection.execute(text("INSERT INTO peer_stock (units) VALUES (0)"))
    done = 0
    for _ in range(ROUNDS):
        threads = [threading.Thread(target=_quietly, args=(engine, write)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        done += THREADS
        with engine.begin() as connection:
            units, rows = connection.execute(
                text("SELECT SUM(units), COUNT(*) FROM peer_stock")
            ).one()
        if units != done or rows != 1:
            return done
    return None


def _quietly(engine: Engine, write: Write) -> None:
    try:
        write(engine)
    except SQLAlchemyError:
        write(engine)
