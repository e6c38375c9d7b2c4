"""``dispatch init``, ``dispatch serve`` and ``dispatch work``."""

from __future__ import annotations

import os
import signal
import sys
import time

import click
import waitress

from dispatch.accounts.store import DEMO_ACCOUNTS, DEMO_PASSWORD
from dispatch.app import create_app
from dispatch.cli.children import keep_worker
from dispatch.cli.output import print_json
from dispatch.config import Settings
from dispatch.db import make_engine
from dispatch.demo_time import clock_of
from dispatch.errors import Unavailable
from dispatch.flow.model import Way
from dispatch.flow.work import work_once
from dispatch.reference.setup import initialise

LOOK_EVERY_S = 60.0


@click.command()
@click.option("--demo", is_flag=True, help="add demo stock, accounts and the example situation")
@click.option("--json", "as_json", is_flag=True)
def init(demo: bool, as_json: bool) -> None:
    """Make the tables and load the reference data; safe to repeat."""
    settings = Settings.from_env()
    initialise(make_engine(settings.database_url), settings, demo=demo)
    if as_json:
        print_json({"status": "ready", "demo": demo})
        return
    click.echo("数据库已就绪 · database ready" + ("（演示数据 demo）" if demo else ""))


@click.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--demo", is_flag=True, help="first do what `init --demo` does")
@click.option("--worker/--no-worker", default=True, show_default=True, help="keep one worker process beside the pages")
def serve(port: int, host: str, demo: bool, worker: bool) -> None:
    """Serve the pages, with a worker that drafts and watches the clocks."""
    settings = Settings.from_env()
    engine = make_engine(settings.database_url)
    if demo:
        initialise(engine, settings, demo=True)
    app = create_app(settings, engine, clock_of(engine))
    click.echo(f"打开 open http://{host}:{port}/")
    for name, display, role in DEMO_ACCOUNTS if demo else ():
        click.echo(f"  演示账号 demo account: {name} / {DEMO_PASSWORD}  ({role}, {display})")
    stop = keep_worker([sys.executable, sys.argv[0], "work", "--parent", str(os.getpid())]) if worker else None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        waitress.serve(app, host=host, port=port, threads=8)
    finally:
        if stop:
            stop()


@click.command()
@click.option("--once", is_flag=True, help="one round, then end")
@click.option("--every", default=2, show_default=True, help="seconds between rounds")
@click.option("--parent", type=int, help="end when this process does")
def work(once: bool, every: int, parent: int | None) -> None:
    """Watch open situations and clocks, make the drafts that wait, send notices."""
    settings = Settings.from_env()
    engine = make_engine(settings.database_url)
    looked_at = 0.0
    while parent is None or os.getppid() == parent:
        way = Way("worker", clock_of(engine), settings)
        look = once or time.monotonic() - looked_at >= LOOK_EVERY_S
        looked_at = time.monotonic() if look else looked_at
        try:
            done = work_once(engine, way, look=look)
        except Unavailable as error:
            click.echo(f"{error.message_zh} {error.message}", err=True)
        else:
            for code in done.drafted:
                click.echo(f"方案 drafted: {code}")
        if once:
            return
        time.sleep(every)
