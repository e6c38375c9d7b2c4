"""``dispatch audit verify|export``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dispatch.audit.queries import export as export_lines
from dispatch.audit.queries import verify as verify_chain
from dispatch.audit.queries import verify_export
from dispatch.cli.output import print_json
from dispatch.config import Settings
from dispatch.db import make_engine, reading, snapshot_of
from dispatch.files import whole_file


@click.group()
def audit() -> None:
    """The record of who did what."""


@audit.command()
@click.option("--file", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="an export, verified without the database")
@click.option("--json", "as_json", is_flag=True)
def verify(path: Path | None, as_json: bool) -> None:
    """Walk the chain; exit 3 and name the first link that does not hold."""
    if path:
        with path.open(encoding="utf-8", errors="surrogateescape") as lines:
            verdict = verify_export(lines)
    else:
        with reading(snapshot_of(make_engine(Settings.from_env().database_url))) as session:
            verdict = verify_chain(session)
    broken = verdict.broken
    if as_json:
        print_json(verdict.as_dict())
    elif broken:
        click.echo(f"{broken.zh}\n{broken.en}", err=True)
    else:
        click.echo(f"审计记录完整：{verdict.acts:,} 条，链尾 {verdict.chain}\nThe record is whole: {verdict.acts:,} acts, ending in {verdict.chain}")
    if broken:
        sys.exit(3)


@audit.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write the whole record to FILE (one JSON document a line), to be verified anywhere."""
    engine = snapshot_of(make_engine(Settings.from_env().database_url))
    with whole_file(file) as partial, reading(engine) as session, partial.open("w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in export_lines(session))
    click.echo(str(file))
