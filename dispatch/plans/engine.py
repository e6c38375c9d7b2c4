"""The graded response: pure, total, every criterion tried is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from dispatch.alerts.model import LossCounts, Situation
from dispatch.plans.grades import hazard_criteria
from dispatch.plans.ground import Ground
from dispatch.plans.losses import (
    MEASURE_NAMES,
    Table,
    linked_level,
    loss_criteria,
    lowered_criteria,
    reached,
    share_of,
)
from dispatch.plans.model import ROMAN, Activation, Criterion, PlaceLevel
from dispatch.plans.policy import TIERS, Policy
from dispatch.plans.signals import extent, government_criteria, tier_of, warning_criteria, wholes
from dispatch.plans.steps import steps_down, steps_up
from dispatch.words import Words

NOTHING_KNOWN = LossCounts()
KINDS = {1: "dispatch", 2: "dispatch", 3: "preposition", 4: "standby"}


def assess(situation: Situation, policy: Policy, at: datetime, ground: Ground | None = None) -> Activation:
    """Level, stage and reasons for a situation under a policy at a moment.

    All three tiers are evaluated: each place with figures by its own tier's table, reported
    counts first, then counts judged likely, lowered thresholds and neighbours linked in;
    measures of the hazard and government levels beside them; warnings give a pre-alert
    level.  Any one criterion suffices and the most severe wins.
    """
    ground = ground or Ground()
    places = _places(situation, policy, ground)
    signs = (
        *_graded(situation, ground),
        *government_criteria(situation, policy, ground),
    )
    warnings = tuple(warning_criteria(situation, policy, ground))
    criteria = (*(c for place in places for c in place.criteria), *signs, *warnings)
    return conclude(situation, policy, places, criteria)


def conclude(
    situation: Situation, policy: Policy, places: tuple[PlaceLevel, ...], criteria: tuple[Criterion, ...]
) -> Activation:
    """The activation that a set of tried criteria amounts to."""
    met = [c for c in criteria if c.met]
    level = min((c.level for c in met), default=None)
    responding = any(_is_response(c) for c in met)
    stage = "response" if responding else "pre_alert" if level else "watch"
    kind = "watch" if level is None else "dispatch" if responding else KINDS[level]
    lead = lead_tier(policy, level, met, situation)
    up_level = 4 if level is None else level - 1
    shared = (situation, policy, places)
    return build(
        policy, (level, stage, kind, lead), criteria=criteria, places=places,
        reasons=_reasons(level, met, criteria),
        next_up_level=up_level or None,
        next_up=steps_up(shared, up_level) if up_level else (),
        next_down=steps_down(level, met, policy) if level else (),
    )


def build(policy: Policy, head: tuple[int | None, str, str, str], **told: object) -> Activation:
    """An activation with the actions its level and tier have in the policy.

    ``head`` is (level, stage, kind, lead tier); ``told`` the fields that explain it.
    """
    level, stage, kind, lead = head
    actions = policy.levels[level or 4]
    reach = policy.tiers[lead]
    active = level is not None
    return Activation(
        level=level, stage=stage, kind=kind, lead_tier=lead,
        policy_version=policy.version, is_assumption=policy.is_assumption,
        approver_role=actions.approver_role,
        approved_by=Words("level.approved_by", actions.approved_by_zh, actions.approved_by_en),
        proposed_by=Words("level.proposed_by", actions.proposed_by_zh, actions.proposed_by_en),
        duty=Words("level.duty", actions.duty_zh, actions.duty_en),
        stock_share_percent=actions.stock_share_percent if active else 0,
        opens_safety_stock=actions.opens_safety_stock if active else False,
        source_tiers=tuple(t for t in actions.source_tiers if t in reach.source_tiers) if active else (),
        first_goods_on_road_h=actions.first_goods_on_road_h,
        first_goods_there_h=actions.first_goods_there_h,
        teams_to_send=min(actions.teams_to_send, reach.teams_max) if active else 0,
        muster_h=actions.muster_h,
        **told,  # type: ignore[arg-type]
    )


def lead_tier(policy: Policy, level: int | None, met: list[Criterion], situation: Situation) -> str:
    """The wider of the tier the level names and the widest tier whose table is met."""
    if level is None:
        return extent(situation)[0]
    tiers = {policy.levels[level].lead_tier, *(c.tier for c in met)}
    return next(tier for tier in TIERS if tier in tiers)


def _graded(situation: Situation, ground: Ground) -> tuple[Criterion, ...]:
    if ground.grades is None:
        return ()
    density = {code: ground.density.get(code) for code in situation.counties}
    found = hazard_criteria(situation.hazard, situation.observations, ground.grades, density)
    return tuple(replace(c, basis="grade") for c in found)


def _is_response(criterion: Criterion) -> bool:
    return criterion.basis != "warning" and criterion.name != "grade.fire_danger"


def seen_places(situation: Situation) -> dict[str, LossCounts]:
    """The figures of every place the tables are held against, region first.

    Where the situation lies in one league (one county), the whole is that league's (county's)
    too; of two figures for one place the higher is held against its table.
    """
    found = dict.fromkeys(wholes(situation), situation.counts)
    for place, counts in situation.places.items():
        found[place] = found.get(place, NOTHING_KNOWN).at_least(counts)
    return found


def _places(situation: Situation, policy: Policy, ground: Ground) -> tuple[PlaceLevel, ...]:
    seen = seen_places(situation)
    whole = wholes(situation)
    found: dict[str, list[Criterion]] = {}
    for place, counts in seen.items():
        table = Table(policy, situation.hazard, tier_of(place), place, ground.population.get(place))
        criteria = loss_criteria(table, counts)
        if situation.forecast and policy.counts_forecast and place in whole:
            criteria += _beyond(loss_criteria(table, situation.forecast, "forecast"), criteria)
        criteria += lowered_criteria(table, counts, situation.lowered)
        found[place] = criteria
    own = {place: min((c.level for c in cs if c.met), default=None) for place, cs in found.items()}
    for place, counts in seen.items():
        found[place] += _linked(place, counts, own, (situation, policy, ground))
    return tuple(
        PlaceLevel(tier_of(place), place, min((c.level for c in cs if c.met), default=None), tuple(cs))
        for place, cs in found.items()
    )


def _beyond(likely: list[Criterion], reported: list[Criterion]) -> list[Criterion]:
    """Criteria judged likely that reach as much as the reported figures, or more."""
    has = {c.name: c.level if c.met else 5 for c in reported}
    return [c for c in likely if c.met and c.level <= has.get(c.name, 5)]


def _linked(
    place: str, counts: LossCounts, own: dict[str, int | None],
    known: tuple[Situation, Policy, Ground],
) -> list[Criterion]:
    situation, policy, ground = known
    near = [n for n in ground.neighbours.get(place, ()) if own.get(n) is not None]
    table = Table(policy, situation.hazard, tier_of(place), place)
    found = []
    for measure in policy.linked_measures if near else ():
        edges = policy.thresholds[table.tier][measure].edges
        observed = table.observed(measure, counts)
        levels = {n: reached(table.observed(measure, seen_places(situation)[n]), edges) for n in near}
        strongest = min((lv, n) for n, lv in levels.items() if lv) if any(levels.values()) else None
        level = strongest and linked_level(observed, own[place], strongest[0], edges, policy.linked_percent)
        if not strongest or not level:
            continue
        zh, en = ground.name(strongest[1])
        name_zh, name_en = MEASURE_NAMES[measure]
        edge = edges[level - 1]
        words = Words(
            f"linked.{measure}",
            f"{name_zh}：{observed:,}，达到{ROMAN[level]}级标准 {edge:,} 的 {policy.linked_percent}%，与相邻的{zh}联动启动",
            f"{name_en}: {observed:,}, {policy.linked_percent} % of the level {ROMAN[level]} threshold "
            f"of {edge:,}: activated together with its neighbour {en}",
        )
        found.append(Criterion(measure, table.tier, level, observed, share_of(edge, policy.linked_percent),
                               True, policy.sources["linked"], words, place, "linked", False))
    return found


def _reasons(
    level: int | None, met: list[Criterion], criteria: tuple[Criterion, ...]
) -> tuple[Words, ...]:
    if level is None:
        head = Words("level.none", "没有达到任何启动条件，仅关注。", "No trigger is met; watch only.")
    else:
        told = [c for c in met if c.level == level]
        more_zh = f"；另有 {len(told) - 4} 项" if len(told) > 4 else ""
        more_en = f"; {len(told) - 4} more" if len(told) > 4 else ""
        head = Words(
            "level.reached",
            f"启动{ROMAN[level]}级：" + "；".join(c.words.zh for c in told[:4]) + more_zh + "。",
            f"Level {ROMAN[level]}: " + "; ".join(c.words.en for c in told[:4]) + more_en + ".",
        )
    unknown = [c.name for c in criteria if not c.met and c.observed is None
               and c.tier == "region" and c.name in MEASURE_NAMES]
    if not unknown:
        return (head,)
    zh = "、".join(dict.fromkeys(MEASURE_NAMES[name][0] for name in unknown))
    en = ", ".join(dict.fromkeys(MEASURE_NAMES[name][1] for name in unknown))
    return (head, Words(
        "level.unknown",
        f"尚无报告的指标：{zh}；收到后可能改变级别。",
        f"Not reported yet: {en}; a report may change the level.",
    ))
