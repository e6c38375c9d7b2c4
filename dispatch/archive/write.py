"""Everything a database holds into one file, as it was at one moment, while others go on working."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, select

from dispatch.archive.codec import encode
from dispatch.errors import InvalidInput, Unavailable
from dispatch.tables import metadata

FORMAT = "dispatch-backup-1"
MANIFEST = "manifest.json"
BATCH = 2_000


def snapshot_of(engine: Engine) -> Engine:
    """The engine for looking at one moment through many questions."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(write=False)
    return engine.execution_options(isolation_level="REPEATABLE READ")


def write_backup(engine: Engine, path: Path, at: datetime) -> dict[str, Any]:
    """Write the backup and return its manifest; the file appears only when it is whole.

    Raises ``InvalidInput`` where the path cannot be written, ``Unavailable`` where room ran out.
    """
    partial = path.with_name(path.name + ".part")
    try:
        with snapshot_of(engine).connect() as connection, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            manifest = _write(connection, archive, at)
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise InvalidInput(
            f"The backup cannot be written to {path}: {error.strerror}.", remedy="Name a file in a folder that is there and may be written.",
            zh=f"无法写入备份文件 {path}：{error.strerror}。", remedy_zh="请指定一个存在且可写的文件夹中的文件。",
        ) from error
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise Unavailable(
            f"The backup was not finished: {error.strerror}. An older file of that name is untouched.",
            remedy="Make room on the disk or name another one, then start again.",
            zh=f"备份未完成：{error.strerror}。原有同名文件未受影响。", remedy_zh="请腾出磁盘空间或换一个位置后重试。",
        ) from error
    return manifest


def revision_of(connection: Connection) -> str:
    """The revision of the tables; empty where there are none."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def _write(connection: Connection, archive: zipfile.ZipFile, at: datetime) -> dict[str, Any]:
    tables = {}
    for table in metadata.sorted_tables:
        digest, rows = hashlib.sha256(), 0
        with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as out:
            for line in lines_of(connection, table):
                raw = line.encode("utf-8") + b"\n"
                digest.update(raw)
                out.write(raw)
                rows += 1
        tables[table.name] = {"columns": [c.name for c in table.columns], "rows": rows, "sha256": digest.hexdigest()}
    manifest = {
        "format": FORMAT, "revision": revision_of(connection), "at": at.isoformat(), "database": connection.dialect.name, "tables": tables,
    }
    archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    return manifest


def lines_of(connection: Connection, table: Table) -> Iterator[str]:
    """The rows of a table in order of their key, a line each; memory does not grow with them."""
    query = select(table).order_by(*table.primary_key.columns)
    with connection.execution_options(yield_per=BATCH, stream_results=True).execute(query) as rows:
        for row in rows:
            yield encode(row)
