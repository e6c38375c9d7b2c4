"""``dispatch alert ingest|poll``; ``write`` stands beside in ``alert_write``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

from dispatch.alerts.fetch import FetchRule
from dispatch.cli.alert_write import write
from dispatch.cli.output import print_json
from dispatch.config import Settings
from dispatch.db import make_engine
from dispatch.demo_time import clock_of
from dispatch.errors import Unavailable
from dispatch.flow.model import Way
from dispatch.flow.poll import poll as poll_once
from dispatch.flow.respond import ingest as take_in
from dispatch.reference.setup import replay as replay_files


@click.group()
def alert() -> None:
    """Warnings (CAP 1.2)."""


alert.add_command(write)


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
        _print_answers(answers)
    if any(answer["status"] == "quarantined" for answer in answers):
        sys.exit(2)


@alert.command()
@click.argument("sources", nargs=-1, required=True, metavar="FOLDER_OR_URL...")
@click.option("--once", is_flag=True, help="one round, then end (exit 2: something was quarantined or refused, 5: unreachable)")
@click.option("--every", default=30, show_default=True, type=click.IntRange(1, 86_400), help="seconds between rounds")
@click.option("--allow-host", multiple=True, envvar="DISPATCH_FEED_HOSTS",
              help="host that may be read; private addresses only when listed themselves (also DISPATCH_FEED_HOSTS, spaces between)")
@click.option("--json", "as_json", is_flag=True)
def poll(sources: tuple[str, ...], once: bool, every: int, allow_host: tuple[str, ...], as_json: bool) -> None:
    """Take in what folders and addresses hold, now and then.

    Files of a folder move to taken/ or quarantined/ beside them; one still being written is left.
    """
    settings = Settings.from_env()
    engine = make_engine(settings.database_url)
    rule = FetchRule(frozenset(host.lower() for host in allow_host))
    way = Way("poll", clock_of(engine), settings)
    while True:
        result = poll_once(engine, sources, way, rule)
        if as_json and (once or any(result.values())):
            print_json(result)
        elif not as_json:
            _print_answers(result["alerts"])
            for problem in result["problems"]:
                click.echo(problem["source"])
                _print_error(problem["error"])
        if once:
            sys.exit(_exit_code(result))
        time.sleep(every)


def _exit_code(result: dict[str, list[dict[str, Any]]]) -> int:
    codes = [problem["error"]["code"] for problem in result["problems"]]
    if Unavailable.code in codes:
        return 5
    return 2 if codes or any(a["status"] == "quarantined" for a in result["alerts"]) else 0


def _print_answers(answers: list[dict[str, Any]]) -> None:
    for answer in answers:
        click.echo(f"{answer['file']}: {answer['status']}  {answer['identifier'] or ''}")
        if answer["error"]:
            _print_error(answer["error"])
        for code in answer["proposals"]:
            click.echo(f"  → {answer['situation']} level {answer['level']}: {code}")


def _print_error(error: dict[str, Any]) -> None:
    click.echo(f"  {error['message_zh']}\n  {error['message']}")
    click.echo(f"  → {error['remedy_zh']}\n  → {error['remedy']}")
