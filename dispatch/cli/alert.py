"""``dispatch alert ingest``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dispatch.cli.output import print_json
from dispatch.config import Settings
from dispatch.db import make_engine
from dispatch.demo_time import clock_of
from dispatch.flow.model import Way
from dispatch.flow.respond import ingest as take_in
from dispatch.reference.setup import replay as replay_files


@click.group()
def alert() -> None:
    """Warnings (CAP 1.2)."""


@alert.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@click.option("--replay", is_flag=True, help="judge each document at the time it was sent")
def ingest(files: tuple[Path, ...], as_json: bool, replay: bool) -> None:
    """Take CAP documents in; a bad one is quarantined with its reason (exit 2)."""
    settings = Settings.from_env()
    engine = make_engine(settings.database_url)
    if replay:
        answers = replay_files(engine, list(files), "cli", settings)
    else:
        documents = [(path.name, path.read_bytes()) for path in files]
        answers = take_in(engine, documents, Way("cli", clock_of(engine), settings))
    if as_json:
        print_json({"alerts": answers})
    else:
        for answer in answers:
            click.echo(f"{answer['file']}: {answer['status']}  {answer['identifier'] or ''}")
            if answer["error"]:
                click.echo(f"  {answer['error']['message_zh']}\n  {answer['error']['message']}")
                click.echo(f"  → {answer['error']['remedy_zh']}\n  → {answer['error']['remedy']}")
            for code in answer["proposals"]:
                click.echo(f"  → {answer['situation']} level {answer['level']}: {code}")
    if any(answer["status"] == "quarantined" for answer in answers):
        sys.exit(2)
