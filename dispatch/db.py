"""The database kernel: naming, engine manners, and the one place that commits.

SQLite runs in WAL with foreign keys on; writers take their lock at BEGIN
(``BEGIN IMMEDIATE``), because a plain BEGIN lets two readers both try to become
the writer and fail with "database is locked".
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import wraps
from pathlib import Path
from threading import RLock
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import DateTime, Engine, MetaData, create_engine, event, inspect
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Connection, Dialect, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    InternalError,
    OperationalError,
)
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from dispatch.clock import as_utc
from dispatch.errors import InvalidInput, Unavailable

READ_ONLY = "25006"
T = TypeVar("T")
P = ParamSpec("P")
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Parent of every table; carries the constraint naming convention."""

    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite drops the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: a time without a zone is a mistake waiting."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise InvalidInput(f"The time {value} has no time zone.", remedy="Pass aware times.")
        return as_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand out aware UTC on both databases."""
        return None if value is None else as_utc(value)


def make_engine(url: str) -> Engine:
    """An engine for ``url`` with the right manners for its database.

    Raises ``InvalidInput`` when the address cannot be read.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InvalidInput(
            "DISPATCH_DATABASE_URL is not a database address.",
            remedy="Use for example sqlite:////path/file.sqlite or postgresql+psycopg://user@host/name.",
            zh="DISPATCH_DATABASE_URL 不是有效的数据库地址。",
            remedy_zh="例如 sqlite:////路径/文件.sqlite 或 postgresql+psycopg://用户@主机/库名。",
        ) from error
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
    event.listen(engine, "connect", _sqlite_manners)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_manners(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=15000")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("write", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session whose work is kept whole or not at all; the only commit there is.

    On SQLite the writers of one process queue here: waiting on the file's own lock is done by
    sleeping, and the unlucky sleep long.
    """
    with _turn(engine):
        yield from _transaction(engine)


def _turn(engine: Engine) -> Any:
    if engine.dialect.name != "sqlite":
        return nullcontext()
    with _TURNS_LOCK:
        return _TURNS.setdefault(engine.pool, RLock())


def _transaction(engine: Engine) -> Iterator[Session]:
    session = Session(engine, expire_on_commit=False)
    try:
        yield session
        for step in session.info.get(LAST, {}).values():
            step(session)
        session.commit()
    except DBAPIError as error:
        session.rollback()
        if not _is_away(error):
            raise
        raise _unavailable(error) from error
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


def at_the_end(session: Session, name: str, step: Callable[[Session], None]) -> None:
    """Have ``step`` done once, as the last thing before this transaction is kept.

    For what all writers must do in turn: so late, nobody waits long for the lock it takes.
    """
    session.info.setdefault(LAST, {}).setdefault(name, step)


LAST = "at the end"
_TURNS: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
_TURNS_LOCK = RLock()
ATTEMPTS = 6
MOST_REMEMBERED = 50_000
RETRY_SQLSTATES = ("40001", "40P01", "55P03", "23505")


def retried(step: Callable[P, T]) -> Callable[P, T]:
    """Make a step that opens its own transaction be tried again after a lost race.

    A deadlock, a lock or a twin's unique key undoes the whole step before the next
    attempt; after six attempts the last error is raised.
    """
    @wraps(step)
    def tried(*arguments: P.args, **more: P.kwargs) -> T:
        for attempt in range(1, ATTEMPTS):
            try:
                return step(*arguments, **more)
            except (Unavailable, IntegrityError) as error:
                if not _is_race(error.__cause__ if isinstance(error, Unavailable) else error):
                    raise
                time.sleep(0.01 * 2**attempt * (0.5 + random.random()))
        return step(*arguments, **more)

    return tried


@retried
def run_in_transaction(engine: Engine, work: Callable[[Session], T]) -> T:
    """Run ``work`` in a transaction, again after a lost race; it must be safe to repeat."""
    with transaction(engine) as session:
        return work(session)


def add_once(session: Session, row: type[Base], **values: Any) -> bool:
    """Insert a row unless its key is taken; True when it was inserted.

    A twin that inserts at the same moment is waited for and then left alone, without
    breaking the caller's transaction.
    """
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    # the key comes back for an inserted row only; PostgreSQL's driver does not count such rows
    asked = insert(row).values(**values).on_conflict_do_nothing()
    return session.execute(asked.returning(*inspect(row).primary_key)).first() is not None


_REMEMBERED: WeakKeyDictionary[Any, dict[str, tuple[float, Any]]] = WeakKeyDictionary()
FOREVER = float("inf")


def remembered(session: Session, name: str, seconds: float, read: Callable[[], T]) -> T:
    """What ``read`` gave for a database lately (in this process), else what it gives now.

    For facts that do not change (``FOREVER``) or seldom do; empty answers are not kept.
    """
    bind = session.get_bind()
    known = _REMEMBERED.setdefault(bind.engine.pool, {})
    until, value = known.get(name, (0.0, None))
    if time.monotonic() < until:
        return value  # type: ignore[no-any-return]
    fresh = read()
    if fresh:
        if len(known) >= MOST_REMEMBERED:
            known.clear()
        known[name] = (time.monotonic() + seconds, fresh)
    return fresh


def _is_race(error: BaseException | None) -> bool:
    origin = getattr(error, "orig", None)
    state = getattr(origin, "sqlstate", None)
    if state is not None:
        return state in RETRY_SQLSTATES
    text = str(origin)
    return "locked" in text or "busy" in text or "UNIQUE constraint" in text


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session for looking only; whatever was changed in it is thrown away."""
    session = Session(engine.execution_options(write=False))
    try:
        yield session
    except DBAPIError as error:
        if not _is_away(error):
            raise
        raise _unavailable(error) from error
    finally:
        session.rollback()
        session.close()


def snapshot_of(engine: Engine) -> Engine:
    """The engine for looking at one moment through many questions, for ``reading`` or a connection."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(write=False)
    return engine.execution_options(isolation_level="REPEATABLE READ")


def _is_away(error: DBAPIError) -> bool:
    """Whether it is the database that could not, not the question that was wrong."""
    is_read_only = isinstance(error, InternalError) and getattr(error.orig, "sqlstate", "") == READ_ONLY
    return isinstance(error, OperationalError) or error.connection_invalidated or is_read_only


def _unavailable(error: DBAPIError) -> Unavailable:
    return Unavailable(
        f"The database did not do its work: {error.orig}. Nothing was changed.",
        remedy="Check that it is running, writable, has room, and was set up with `dispatch init`.",
        zh=f"数据库未能完成操作：{error.orig}。没有任何改动。",
        remedy_zh="请检查数据库是否运行、可写、有空间，并已用 `dispatch init` 初始化。",
    )
