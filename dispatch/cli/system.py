"""``dispatch init`` and ``dispatch serve``."""

from __future__ import annotations

import logging
import os
import signal
import sys
from dataclasses import replace

import click
import waitress

from dispatch.accounts.store import DEMO_ACCOUNTS, DEMO_PASSWORD
from dispatch.app import create_app, settle
from dispatch.cli.children import keep_worker
from dispatch.cli.output import print_json
from dispatch.config import Settings
from dispatch.db import make_engine
from dispatch.demo_time import clock_of
from dispatch.drills.ground import settings_for
from dispatch.drills.rooms import database_of
from dispatch.flow.durable import make_store
from dispatch.reference.setup import initialise


@click.command()
@click.option("--demo", is_flag=True, help="add demo stock, accounts and the example situation")
@click.option("--json", "as_json", is_flag=True)
def init(demo: bool, as_json: bool) -> None:
    """Make the tables and load the reference data; safe to repeat."""
    settings = Settings.from_env()
    initialise(make_engine(settings.database_url), settings, demo=demo)
    make_store(settings.database_url)
    if as_json:
        print_json({"status": "ready", "demo": demo})
        return
    click.echo("数据库已就绪 · database ready" + ("（演示数据 demo）" if demo else ""))


@click.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--demo", is_flag=True, help="first do what `init --demo` does")
@click.option("--drill", metavar="ROOM", help="serve a live drill's own database to its players")
@click.option("--worker/--no-worker", default=True, show_default=True, help="keep one worker process beside the pages")
def serve(port: int, host: str, demo: bool, drill: str | None, worker: bool) -> None:
    """Serve the pages, with a worker that drafts and watches the clocks."""
    settings = Settings.from_env()
    if drill:
        # the drill's own process drafts and watches
        path, demo, worker = database_of(settings.drills_folder, drill), False, False
        settings = replace(settings, database_url=settings_for(path).database_url)
    engine = make_engine(settings.database_url)
    if demo:
        initialise(engine, settings, demo=True)
    if settings.production:
        logging.basicConfig(level=logging.INFO, format="%(message)s")
    app = create_app(settings, engine, clock_of(engine))
    settle()
    click.echo(f"打开 open http://{host}:{port}/")
    for name, display, role, _place in DEMO_ACCOUNTS if demo else ():
        click.echo(f"  演示账号 demo account: {name} / {DEMO_PASSWORD}  ({role}, {display})")
    stop = keep_worker([sys.executable, sys.argv[0], "work", "--parent", str(os.getpid())]) if worker else None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        waitress.serve(app, host=host, port=port, threads=8)
    finally:
        if stop:
            stop()
