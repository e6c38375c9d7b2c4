"""``dispatch drill season``."""

from __future__ import annotations

import re
import sys
import tempfile
import time
from pathlib import Path

import click

from dispatch.cli.output import print_json
from dispatch.config import Settings
from dispatch.db import make_engine, reading
from dispatch.demo_time import clock_of
from dispatch.drills import season_words
from dispatch.drills.season_draw import Nature
from dispatch.drills.season_figures import SeasonTally, figures
from dispatch.drills.season_ground import read_base, with_extra
from dispatch.drills.season_record import load_record
from dispatch.drills.season_rules import load_season
from dispatch.drills.season_run import Task, begun_at, check_task, read_years, run_season
from dispatch.errors import InvalidInput

EXTRA = re.compile(r"([\w-]+):([\w-]+)=(\d{1,8})")


@click.command()
@click.option("--years", default=200, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--workers", default=2, show_default=True, help="processes")
@click.option("--resume", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="keep every year here; begun anew or gone on with")
@click.option("--extra", multiple=True, metavar="WAREHOUSE:ITEM=UNITS", help="as if so much more lay there")
@click.option("--json", "as_json", is_flag=True)
def season(years: int, seed: int, workers: int, resume: Path | None, extra: tuple[str, ...], as_json: bool) -> None:
    """Many years of disasters as the record has them: how stock, trucks and teams hold up."""
    began, rules = time.perf_counter(), load_season()
    more, engine = _extra(extra), make_engine(Settings.from_env().database_url)
    with tempfile.TemporaryDirectory(prefix="season-") as spare:
        at = (begun_at(resume) if resume else None) or clock_of(engine).now()
        task = Task(years, seed, workers, resume or Path(spare) / "season", at)
        check_task(task, rules.most_years)
        with reading(engine) as session:
            base = with_extra(read_base(session, at, rules.starts_month), more)
        nature = Nature(base, rules, load_record(rules))
        run_season(nature, task, _Progress(began))
        tally = SeasonTally()
        for year in read_years(task.folder, years):
            tally.add(year)
    found = figures(tally, nature)
    if as_json:
        print_json({"seed": seed, **found, "assumptions": season_words.assumptions(rules),
                    "runtime_s": round(time.perf_counter() - began, 1)})
        return
    for line in season_words.lines(found):
        click.echo(line)
    click.echo("假设 assumptions")
    for one in season_words.assumptions(rules):
        click.echo(f"  · {one['zh']}\n    {one['en']}")


def _extra(given: tuple[str, ...]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for text in given:
        match = EXTRA.fullmatch(text)
        if match is None:
            raise InvalidInput(
                f"--extra {text!r} is not WAREHOUSE:ITEM=UNITS.", remedy="Write for example WH-150500:QUILT=500.",
                zh=f"--extra {text!r} 的格式应为 仓库:物资=数量。", remedy_zh="例如 WH-150500:QUILT=500。",
            )
        place, item, units = match.groups()
        found[place, item] = found.get((place, item), 0) + int(units)
    return found


class _Progress:
    """Years done and about how long the rest takes, on one line of the error output."""

    def __init__(self, began: float) -> None:
        self.began = began
        self.already: int | None = None

    def __call__(self, done: int, of: int) -> None:
        if self.already is None:
            self.already = done
        fresh = done - self.already
        left = (time.perf_counter() - self.began) / fresh * (of - done) if fresh else None
        rest = "" if left is None else f"，约剩 left {left:.0f} s"
        is_screen = sys.stderr.isatty()
        if is_screen or done in (self.already, of) or done % max(1, of // 20) == 0:
            click.echo(f"{chr(13) if is_screen else ''}已完成 done {done}/{of} 年 years{rest}   ", err=True, nl=not is_screen or done == of)
