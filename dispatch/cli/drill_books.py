"""``dispatch drill calendar|lessons``: what is planned and what is still to be mended."""

from __future__ import annotations

from datetime import date

import click
from sqlalchemy import Engine

from dispatch.cli.output import print_json
from dispatch.clock import to_local
from dispatch.config import Settings
from dispatch.db import make_engine, reading
from dispatch.demo_time import clock_of
from dispatch.exercises.calendar import list_planned
from dispatch.exercises.lessons import list_lessons


@click.command()
@click.option("--json", "as_json", is_flag=True)
def calendar(as_json: bool) -> None:
    """Drills planned, held and called off."""
    engine = make_engine(Settings.from_env().database_url)
    with reading(engine) as session:
        planned, day = list_planned(session), _today(engine)
    if as_json:
        print_json({"drills": [
            {"code": p.code, "title": p.plan.title, "on": p.plan.on.isoformat(), "held_on": p.held_on.isoformat() if p.held_on else None,
             "status": p.status, "is_overdue": p.is_overdue(day), "place": p.plan.place, "leader": p.plan.leader, "scenario": p.plan.scenario,
             "teams": [{"team": a.team, "standing": a.standing, "present": a.present, "absent": a.absent, "excused": a.excused} for a in p.asked],
             "people": [{"name": person.name, "standing": person.standing} for person in p.people]}
            for p in planned
        ]})
        return
    for p in planned:
        late = "  ✘ 已过日期 its day has gone by" if p.is_overdue(day) else ""
        click.echo(f"{p.held_on or p.plan.on}  {p.code}  {p.plan.title}  {p.status}{late}")


@click.command()
@click.option("--open", "only_open", is_flag=True, help="leave out those that are closed")
@click.option("--json", "as_json", is_flag=True)
def lessons(only_open: bool, as_json: bool) -> None:
    """What drills taught: owner, day, and what closed it."""
    engine = make_engine(Settings.from_env().database_url)
    with reading(engine) as session:
        rows, day = list_lessons(session), _today(engine)
    shown = [r for r in rows if not (only_open and r.closed_at)]
    if as_json:
        print_json({
            "open": sum(r.closed_at is None for r in rows), "overdue": sum(r.is_overdue(day) for r in rows),
            "lessons": [
                {"id": r.id, "source": r.source, "zh": r.zh, "en": r.en, "owner": r.owner, "due_on": r.due_on.isoformat(),
                 "is_overdue": r.is_overdue(day), "evidence": r.evidence, "closed_by": r.closed_by,
                 "closed_at": r.closed_at.isoformat() if r.closed_at else None}
                for r in shown
            ],
        })
        return
    for r in shown:
        state = f"已关闭 closed: {r.evidence}" if r.closed_at else "✘ 逾期 overdue" if r.is_overdue(day) else "未关闭 open"
        click.echo(f"{r.id}  {r.due_on}  {r.zh}  {r.en}  {r.owner}  {state}")


def _today(engine: Engine) -> date:
    return to_local(clock_of(engine).now()).date()
