"""A backup into a fresh database, all of it or nothing."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, Integer, Table, func, insert, select, text
from sqlalchemy.orm import Session

from dispatch.archive.codec import decode, parents_first
from dispatch.archive.write import BATCH, FORMAT, MANIFEST, lines_of, revision_of
from dispatch.db import snapshot_of, transaction
from dispatch.errors import InvalidInput, Refused
from dispatch.tables import metadata

Row = Mapping[str, Any]


def read_backup(path: Path, engine: Engine) -> dict[str, Any]:
    """Put a backup into ``engine``'s database, whose tables are there and hold nothing.

    Every file of it is checked against the manifest before the first row is written.  Raises
    ``InvalidInput`` for a file that is no backup or is damaged, ``Refused`` for a database that
    holds something or is of another revision.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _checked(archive)
            with transaction(engine) as session:
                _refuse_unfit(session.connection(), str(manifest["revision"]))
                _fill(session, ((t, _rows(_lines(archive, t), t)) for t in metadata.sorted_tables))
            return manifest
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{path} is not a whole backup ({error}). Nothing was written.", remedy="Give the file that `dispatch backup` wrote, or an older one.",
            zh=f"{path} 不是完整的备份文件（{error}）。没有写入任何内容。", remedy_zh="请提供 `dispatch backup` 写出的文件，或更早的备份。",
        ) from error


def copy(source: Engine, target: Engine) -> dict[str, int]:
    """Everything from one database into another that holds nothing; rows per table.

    Raises ``Refused`` like ``read_backup``.
    """
    counts: dict[str, int] = {}

    def counted(table: Table, connection: Connection) -> Iterator[Row]:
        counts[table.name] = 0
        for row in _rows(lines_of(connection, table), table):
            counts[table.name] += 1
            yield row

    with snapshot_of(source).connect() as connection, transaction(target) as session:
        _refuse_unfit(session.connection(), revision_of(connection))
        _fill(session, ((t, counted(t, connection)) for t in metadata.sorted_tables))
    return counts


def _checked(archive: zipfile.ZipFile) -> dict[str, Any]:
    manifest = json.loads(archive.read(MANIFEST))
    if manifest["format"] != FORMAT:
        raise ValueError(f"its format is {manifest['format']!r}")
    for table in metadata.sorted_tables:
        told = manifest["tables"][table.name]
        if told["columns"] != [c.name for c in table.columns]:
            raise ValueError(f"the columns of {table.name} are others")
        digest = hashlib.sha256()
        with archive.open(f"{table.name}.jsonl") as source:
            while piece := source.read(1 << 20):
                digest.update(piece)
        if digest.hexdigest() != told["sha256"]:
            raise ValueError(f"{table.name} was changed or cut")
    return dict(manifest)


def _refuse_unfit(connection: Connection, revision: str) -> None:
    here = revision_of(connection)
    if here != revision:
        raise Refused(
            f"The tables here are of revision {here or 'none'}, those of the data of {revision or 'none'}.",
            remedy="Use the release that wrote the data, then upgrade with `dispatch init`.",
            zh=f"本库的表结构版本为 {here or '无'}，数据的版本为 {revision or '无'}。", remedy_zh="请先用写出数据的版本恢复，再用 `dispatch init` 升级。",
        )
    for table in metadata.sorted_tables:
        if table.name != "audit_head" and connection.scalar(select(func.count()).select_from(table)):
            raise Refused(
                f"The database already holds something (table {table.name}). Nothing was written.",
                remedy="Restore into a new, empty database; then point DISPATCH_DATABASE_URL at it.",
                zh=f"目标数据库已有数据（表 {table.name}）。没有写入任何内容。", remedy_zh="请恢复到新建的空数据库，再把 DISPATCH_DATABASE_URL 指向它。",
            )


def _fill(session: Session, tables: Iterable[tuple[Table, Iterator[Row]]]) -> None:
    session.execute(text("DELETE FROM audit_head"))
    for table, rows in tables:
        own = [fk.parent.name for fk in table.foreign_keys if fk.column.table is table]
        if own:
            (key,) = table.primary_key.columns
            rows = iter(parents_first(rows, key.name, own[0]))
        batch: list[Row] = []
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                session.execute(insert(table), batch)
                batch = []
        if batch:
            session.execute(insert(table), batch)
        _count_on(session, table)


def _count_on(session: Session, table: Table) -> None:
    """PostgreSQL gives the next numbers after those that came along."""
    key = list(table.primary_key.columns)
    counts = len(key) == 1 and isinstance(key[0].type, (Integer, BigInteger)) and key[0].autoincrement is True
    if counts and session.get_bind().dialect.name == "postgresql":
        last = session.scalar(select(func.max(key[0])))
        name = func.pg_get_serial_sequence(table.name, key[0].name)
        session.execute(select(func.setval(name, last or 1, last is not None)))


def _lines(archive: zipfile.ZipFile, table: Table) -> Iterator[str]:
    with archive.open(f"{table.name}.jsonl") as raw:
        yield from io.TextIOWrapper(raw, encoding="utf-8", newline="\n")


def _rows(lines: Iterable[str], table: Table) -> Iterator[Row]:
    names = [c.name for c in table.columns]
    for line in lines:
        yield dict(zip(names, decode(line), strict=True))
