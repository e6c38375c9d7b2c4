"""Everything a database holds into one file, as it was at one moment, while others go on working."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, select

from dispatch.archive.codec import encode
from dispatch.db import snapshot_of
from dispatch.files import whole_file
from dispatch.tables import metadata

FORMAT = "dispatch-backup-1"
MANIFEST = "manifest.json"
BATCH = 2_000


def write_backup(engine: Engine, path: Path, at: datetime) -> dict[str, Any]:
    """Write the backup and return its manifest; the file appears only when it is whole.

    Raises ``InvalidInput`` where the path cannot be written, ``Unavailable`` where room ran out.
    """
    with (
        whole_file(path) as partial, snapshot_of(engine).connect() as connection,
        zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        return _write(connection, archive, at)


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
