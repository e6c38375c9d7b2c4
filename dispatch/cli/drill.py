"""``dispatch drill run|list|table|season|calendar|lessons``."""

from __future__ import annotations

from pathlib import Path

import click

from dispatch.cli.drill_books import calendar, lessons
from dispatch.cli.output import print_json
from dispatch.cli.season import season
from dispatch.clock import SystemClock, to_local
from dispatch.drills.bands import run_bands
from dispatch.drills.library import load_scenario, load_shipped, shipped_names
from dispatch.drills.run import DrillRoom, Options, Rules, run
from dispatch.drills.shelf import keep_score, read_all
from dispatch.drills.table import write_table
from dispatch.drills.view import as_json, listed, told
from dispatch.errors import InvalidInput


@click.group()
def drill() -> None:
    """Past disasters replayed on a database of their own, and scored."""


@drill.command(name="run")
@click.argument("name", metavar="NAME|FILE.yaml")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1), help="of the searches and the opening stock")
@click.option("--policy", default="then", show_default=True, type=click.Choice([r.value for r in Rules]),
              help="under the rules of the day it happened, or of today")
@click.option("--stock", default=100, show_default=True, type=click.IntRange(1, 1000), help="opening stock in percent")
@click.option("--bands", is_flag=True, help="run again over the rule's seeds and stock levels; takes as many times as long")
@click.option("--json", "as_one_json", is_flag=True)
@click.option("--report", type=click.Path(file_okay=False, path_type=Path), help="folder for the score (CODE.json) and the after-action report (HTML and PDF, Chinese and English); scores that are there are set beside it")
def run_drill(name: str, bands: bool, as_one_json: bool, report: Path | None, **given: int | str) -> None:
    """Replay a scenario at full speed with automatic players; live data is neither read nor changed."""
    options = Options(int(given["seed"]), Rules(str(given["policy"])), int(given["stock"]))
    scenario = load_scenario(name, shipped_names())
    with DrillRoom() as room:
        score = run(scenario, room, options)
        spread = run_bands(scenario, room, options) if bands else None
        names = room.names
    result = as_json(score, spread)
    if report is not None:
        keep_score(report, scenario, (score, spread), (names, to_local(SystemClock().now()).date()))
        for fault in read_all(report)[1]:
            click.echo(f"{fault.message_zh} {fault.message}", err=True)
    if as_one_json:
        print_json(result)
        return
    for line in told(score, names):
        click.echo(line)


@drill.command(name="list")
@click.option("--json", "as_one_json", is_flag=True)
def list_drills(as_one_json: bool) -> None:
    """The scenarios that come with the program."""
    rows = [listed(scenario) for scenario in load_shipped(shipped_names())]
    if as_one_json:
        print_json({"scenarios": rows})
        return
    for row in rows:
        click.echo(f"{row['code']}  {row['title_zh']}  {row['title_en']}  ({row['facts']} 条 facts)")


@drill.command()
@click.argument("page", type=click.Path(dir_okay=False, path_type=Path))
def table(page: Path) -> None:
    """Replay every shipped scenario and write the table of results into a page."""
    scenarios = load_shipped(shipped_names())
    with DrillRoom() as room:
        scores = [run(scenario, room) for scenario in scenarios]
        names = room.names
    _write(page.parent, page.name, write_table(page.read_text("utf-8"), scenarios, scores, names).encode())


for command in (season, calendar, lessons):
    drill.add_command(command)


def _write(folder: Path, name: str, content: bytes) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    except OSError as error:
        raise InvalidInput(
            f"{folder / name} cannot be written: {error.strerror}.", remedy="Give another place.",
            zh=f"无法写入 {folder / name}：{error.strerror}。", remedy_zh="请指定其他位置。",
        ) from error
