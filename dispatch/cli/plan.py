"""``dispatch plan assess|show|propose|approve``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from dispatch.alerts.model import LossCounts
from dispatch.alerts.timeline import HAZARD_NAMES
from dispatch.cli.output import print_json
from dispatch.clock import LOCAL_ZONE, SystemClock, to_local
from dispatch.config import Settings
from dispatch.db import make_engine, reading
from dispatch.errors import InvalidInput, NotFound
from dispatch.flow import policies as flow
from dispatch.flow.editions import list_editions
from dispatch.flow.gather import read_ground
from dispatch.plans.losses import MEASURE_NAMES, TIER_NAMES, Table
from dispatch.plans.model import ROMAN
from dispatch.plans.policy import TIERS
from dispatch.plans.store import policy_at
from dispatch.plans.tiers import assess_tier

COUNT = click.IntRange(0, 30_000_000)


@click.group()
def plan() -> None:
    """The graded response plan."""


@plan.command()
@click.option("--tier", type=click.Choice(TIERS), required=True)
@click.option("--place", required=True, help="adcode of the region, league or county")
@click.option("--hazard", type=click.Choice(sorted(HAZARD_NAMES)), required=True)
@click.option("--at", default="", help="moment the policy of which is asked, for example 2024-07-01T08:00+08:00")
@click.option("--dead", "dead_missing", type=COUNT, help="dead and missing")
@click.option("--relocated", type=COUNT)
@click.option("--rooms", type=COUNT, help="rooms collapsed or severely damaged")
@click.option("--households", type=COUNT)
@click.option("--need-aid", type=COUNT)
@click.option("--lowered", multiple=True, help="reason code under which lower thresholds apply: border, minority, poor, sensitive_time")
@click.option("--json", "as_json", is_flag=True)
def assess(
    tier: str, place: str, hazard: str, at: str, lowered: tuple[str, ...], as_json: bool, **counts: int | None
) -> None:
    """The level a tier's table gives for counts, and what the next level would take."""
    with reading(make_engine(Settings.from_env().database_url)) as session:
        ground = read_ground(session)
        policy = policy_at(session, to_local(_moment(at)).date())
    names = dict(ground.names)
    _check_place(tier, place, names)
    table = Table(policy, hazard, tier, place, ground.population[place])
    answer = assess_tier(table, LossCounts(**counts), lowered)
    body = {
        "tier": tier,
        "place": place,
        "hazard": hazard,
        "level": answer.level,
        "criteria": [
            {"name": c.name, "observed": c.observed, "threshold": c.threshold, "met": c.met,
             "level": c.level, "basis": c.basis, "source": c.source, "is_assumption": c.is_assumption,
             "zh": c.words.zh, "en": c.words.en}
            for c in answer.criteria
        ],
        "next_up": {"level": answer.next_level, "needs": [
            {"name": s.name, "observed": s.observed, "threshold": s.threshold, "missing": s.missing,
             "zh": s.words.zh, "en": s.words.en} for s in answer.next_up
        ]} if answer.next_level else None,
        "policy": {"version": policy.version, "is_assumption": policy.is_assumption, "source": policy.source},
    }
    if as_json:
        print_json(body)
        return
    click.echo(f"{names[place][0]}  {ROMAN.get(answer.level or 0, '—')}")
    for criterion in answer.criteria:
        click.echo(f"  {'✔' if criterion.met else '·'} {criterion.words.zh}")


@plan.command()
@click.option("--at", default="", help="day the plan of which is asked, for example 2024-07-01; today if not said")
@click.option("--json", "as_json", is_flag=True)
def show(at: str, as_json: bool) -> None:
    """The edition in force on a day and every edition there is."""
    day = flow.read_day(at, to_local(SystemClock().now()).date())
    with reading(make_engine(Settings.from_env().database_url)) as session:
        policy = policy_at(session, day)
        editions = list_editions(session, day)
    if as_json:
        print_json({
            "at": day.isoformat(), "version": policy.version, "title_zh": policy.title_zh, "title_en": policy.title_en,
            "is_assumption": policy.is_assumption, "source": policy.source,
            "thresholds": {tier: {m: list(b.edges) for m, b in rows.items()} for tier, rows in policy.thresholds.items()},
            "editions": [
                {"version": e.version, "valid_from": e.valid_from.isoformat(), "status": e.status,
                 "base": e.base_version, "reason": e.reason, "proposed_by": e.proposed_by,
                 "decided_by": e.decided_by, "comment": e.comment, "in_force": e.is_in_force} for e in editions
            ],
        })
        return
    click.echo(f"{policy.version}  {policy.title_zh}{'（假设）' if policy.is_assumption else ''}")
    for tier, rows in policy.thresholds.items():
        click.echo(f"{TIER_NAMES[tier][0]}")
        for name, bands in rows.items():
            click.echo("  " + MEASURE_NAMES[name][0] + "：" + "  ".join(
                f"{ROMAN[level]} ≥ {edge:,}" for level, edge in enumerate(bands.edges, 1)))
    for e in editions:
        click.echo(f"{'*' if e.is_in_force else ' '} {e.version}  {e.valid_from}  {e.status}  {e.reason}")


@plan.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "actor", required=True, help="account that proposes")
@click.option("--reason", required=True, help="why the plan is to change")
@click.option("--base", default=None, help="edition the text was made from; the one it replaces if not said")
@click.option("--may-predate", is_flag=True, help="it may take effect before the edition it replaces did")
@click.option("--json", "as_json", is_flag=True)
def propose(file: Path, actor: str, reason: str, base: str | None, may_predate: bool, as_json: bool) -> None:
    """Propose an edition from a TOML file; shows what it would have changed."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read: {error}.", remedy="Give a TOML file in UTF-8.",
                           zh=f"无法读取 {file}：{error}。", remedy_zh="请提供 UTF-8 编码的 TOML 文件。") from error
    engine = make_engine(Settings.from_env().database_url)
    terms = flow.Terms(base, may_predate)
    version = flow.propose_policy(engine, text, reason, actor, SystemClock(), terms)
    with reading(engine) as session:
        changed = [o for o in flow.preview(session, flow.read_text(text), SystemClock()) if o.is_changed]
    if as_json:
        print_json({"version": version, "status": "proposed", "changed": [
            {"code": o.code, "before": o.before, "after": o.after,
             "decisive": [{"side": side, "zh": w.zh, "en": w.en} for side, w in o.decisive]} for o in changed]})
        return
    click.echo(f"{version}: proposed")
    for o in changed:
        click.echo(f"  {o.title.zh}  {ROMAN.get(o.before or 0, '—')} → {ROMAN.get(o.after or 0, '—')}")


@plan.command()
@click.argument("version")
@click.option("--as", "actor", required=True, help="account that decides (not the proposer)")
@click.option("--comment", default="", help="needed with --reject")
@click.option("--reject", is_flag=True)
@click.option("--json", "as_json", is_flag=True)
def approve(version: str, actor: str, comment: str, reject: bool, as_json: bool) -> None:
    """Approve (or reject) a proposed edition as a second person."""
    engine = make_engine(Settings.from_env().database_url)
    status = flow.decide_policy(engine, version, not reject, comment, actor, SystemClock())
    if as_json:
        print_json({"version": version, "status": status})
        return
    click.echo(f"{version}: {status}")


def _check_place(tier: str, place: str, names: dict[str, tuple[str, str]]) -> None:
    shape = {"region": place.endswith("0000"), "league": place.endswith("00") and not place.endswith("0000"),
             "county": not place.endswith("00")}
    if place not in names:
        raise NotFound(f"There is no place {place}.", remedy="Give an adcode of the region, a league or a county.",
                       zh=f"没有区划代码 {place}。", remedy_zh="请填写自治区、盟市或旗县的区划代码。")
    if not shape[tier]:
        raise InvalidInput(f"{place} is not a {tier}.", remedy="Let --tier and --place agree.",
                           zh=f"{place} 不属于 {tier} 一级。", remedy_zh="请使 --tier 与 --place 一致。")


def _moment(text: str) -> datetime:
    if not text:
        return SystemClock().now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is not a time.", remedy="Write for example 2024-07-01T08:00+08:00.",
                           zh=f"{text!r} 不是时间。", remedy_zh="例如 2024-07-01T08:00+08:00。") from error
    return at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE)
