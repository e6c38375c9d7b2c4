"""``dispatch backup``, ``dispatch restore`` and ``dispatch db copy``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click
from sqlalchemy import Engine

from dispatch.archive.read import copy as copy_all
from dispatch.archive.read import read_backup
from dispatch.archive.write import write_backup
from dispatch.audit.queries import verify
from dispatch.cli.output import print_json
from dispatch.clock import SystemClock
from dispatch.config import Settings
from dispatch.db import make_engine, reading, snapshot_of
from dispatch.flow.durable import make_store
from dispatch.inventory.proof import find_differences
from dispatch.reference.setup import migrate

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True)
def backup(file: Path, as_json: bool) -> None:
    """Write everything to FILE, as it is now, while others go on working."""
    began, now = time.perf_counter(), SystemClock().now()
    manifest = write_backup(make_engine(Settings.from_env().database_url), file, now)
    rows = sum(t["rows"] for t in manifest["tables"].values())
    told = {"file": str(file), "rows": rows, "bytes": file.stat().st_size, "seconds": round(time.perf_counter() - began, 2), "revision": manifest["revision"]}
    if as_json:
        print_json(told)
    else:
        click.echo(f"已备份 {rows:,} 行 · {rows:,} rows kept in {file} ({told['bytes']:,} bytes, {told['seconds']} s)")


@click.command()
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True)
def restore(file: Path, as_json: bool) -> None:
    """Put FILE into the empty database of DISPATCH_DATABASE_URL, and prove stock and audit record."""
    url = Settings.from_env().database_url
    began, engine = time.perf_counter(), make_engine(url)
    migrate(engine)
    manifest = read_backup(file, engine)
    make_store(url)
    rows = sum(t["rows"] for t in manifest["tables"].values())
    _prove(engine, {"rows": rows, "as_of": manifest["at"], "seconds": round(time.perf_counter() - began, 2)}, as_json)


@click.group()
def db() -> None:
    """The database itself."""


@db.command()
@click.argument("source")
@click.argument("target")
@click.option("--json", "as_json", is_flag=True)
def copy(source: str, target: str, as_json: bool) -> None:
    """Take everything from the database SOURCE into the empty database TARGET, and prove it there."""
    began, there = time.perf_counter(), make_engine(target)
    migrate(there)
    counts = copy_all(make_engine(source), there)
    make_store(target)
    _prove(there, {"rows": sum(counts.values()), "seconds": round(time.perf_counter() - began, 2)}, as_json)


def _prove(engine: Engine, told: dict[str, object], as_json: bool) -> None:
    """Tell what came, with the proof of stock and audit record; exit 3 where one fails."""
    with reading(snapshot_of(engine)) as session:
        stock, audit = find_differences(session), verify(session)
    is_whole = not stock["discrepancies"] and audit.broken is None
    if as_json:
        print_json({**told, "stock": stock, "audit": audit.as_dict()})
    else:
        click.echo(f"已写入 {told['rows']:,} 行 · {told['rows']:,} rows in {told['seconds']} s")
        click.echo("库存与审计核对一致 · stock and audit record proved" if is_whole else "核对不一致 · THE PROOF FAILED: run `dispatch stock verify` and `dispatch audit verify`")
    if not is_whole:
        sys.exit(3)
