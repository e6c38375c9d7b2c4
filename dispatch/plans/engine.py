"""The graded response: pure, total, every criterion tried is told."""

from __future__ import annotations

from dispatch.alerts.model import LossCounts, Situation
from dispatch.alerts.timeline import COLOUR_NAMES, HAZARD_NAMES
from dispatch.plans.model import ROMAN, Activation, Criterion
from dispatch.plans.policy import LEVELS, MEASURES, TIERS, LevelActions, Policy
from dispatch.words import Words

MEASURE_NAMES = {
    "dead_missing": ("死亡和失踪人数", "dead and missing"),
    "relocated": ("紧急转移安置人数", "people relocated"),
    "rooms": ("倒塌和严重损坏房间数", "rooms collapsed or severely damaged"),
    "households": ("倒塌和严重损坏户数", "households with collapsed housing"),
    "need_aid": ("需救助人数", "people needing aid"),
}
TIER_NAMES = {
    "region": ("自治区级", "region"), "league": ("盟市级", "league"), "county": ("旗县级", "county"),
}
WATCH = LevelActions("county", "approver", 0, False, (), 0, 0, 0, 0)


def assess(situation: Situation, policy: Policy) -> Activation:
    """Level and stage for a situation under a policy.

    Losses are held against every tier that sees the whole of them (the county's
    table only when one county is hit, the league's only when one league is);
    warnings give a pre-alert level.  The most severe wins.
    """
    tiers = _tiers_that_see(situation)
    losses = [c for tier in tiers for c in loss_criteria(situation.counts, policy, tier)]
    warnings = _warning_criteria(situation, policy)
    criteria = (*losses, *warnings)
    met = [c for c in criteria if c.met]
    level = min((c.level for c in met), default=None)
    responding = any(c.met for c in losses)
    stage = "response" if responding else "pre_alert" if level else "watch"
    actions = policy.levels[level] if level else WATCH
    return Activation(
        level=level,
        stage=stage,
        lead_tier=actions.lead_tier,
        criteria=criteria,
        reasons=_reasons(level, met, criteria),
        policy_version=policy.version,
        is_assumption=policy.is_assumption,
        approver_role=actions.approver_role,
        stock_share_percent=actions.stock_share_percent,
        opens_safety_stock=actions.opens_safety_stock,
        source_tiers=actions.source_tiers,
        first_goods_on_road_h=actions.first_goods_on_road_h,
        first_goods_there_h=actions.first_goods_there_h,
        teams_to_send=actions.teams_to_send,
        muster_h=actions.muster_h,
    )


def _tiers_that_see(situation: Situation) -> tuple[str, ...]:
    leagues = {code[:4] for code in situation.counties}
    seen = {"region": True, "league": len(leagues) == 1, "county": len(situation.counties) == 1}
    return tuple(tier for tier in TIERS if seen[tier])


def loss_criteria(counts: LossCounts, policy: Policy, tier: str) -> list[Criterion]:
    """Every measure of a tier against its bands: what is reached, or the next to reach."""
    criteria = []
    for measure in MEASURES:
        observed = getattr(counts, measure)
        bands = policy.thresholds[tier][measure]
        # the level reached, or else the mildest one, whose threshold is the next to pass
        level = next((n for n, band in zip(LEVELS, bands, strict=True)
                      if observed is not None and observed >= band), None)
        shown = level or LEVELS[-1]
        threshold = bands[shown - 1]
        criteria.append(
            Criterion(
                name=measure,
                tier=tier,
                level=shown,
                observed=observed,
                threshold=threshold,
                met=level is not None,
                source=policy.source,
                words=_loss_words((tier, measure, shown), observed, threshold),
            )
        )
    return criteria


def _loss_words(key: tuple[str, str, int], observed: int | None, threshold: int) -> Words:
    tier, measure, level = key
    (tier_zh, tier_en), (zh, en) = TIER_NAMES[tier], MEASURE_NAMES[measure]
    if observed is None:
        seen_zh, seen_en = "尚无报告", "not known yet"
    else:
        seen_zh, seen_en = f"{observed:,}", f"{observed:,}"
    sign_zh = "达到" if observed is not None and observed >= threshold else "未达到"
    sign_en = "reaches" if sign_zh == "达到" else "does not reach"
    return Words(
        f"loss.{measure}",
        f"{zh}：{seen_zh}，{sign_zh}{tier_zh}{ROMAN[level]}级标准 {threshold:,}",
        f"{en}: {seen_en}; {sign_en} the {tier_en} level {ROMAN[level]} threshold of {threshold:,}",
    )


def _warning_criteria(situation: Situation, policy: Policy) -> list[Criterion]:
    criteria = []
    for hazard, colour in situation.hazards.items():
        level = policy.warnings[colour.value]
        zh, en = HAZARD_NAMES.get(hazard, HAZARD_NAMES["other"])
        words = Words(
            f"warning.{hazard}",
            f"{zh}{COLOUR_NAMES[colour]}预警：" + (f"预响应{ROMAN[level]}级" if level else "仅关注"),
            f"{en} {colour.value} warning: "
            + (f"pre-alert level {ROMAN[level]}" if level else "watch only"),
        )
        criteria.append(
            Criterion(f"warning.{hazard}", "region", level or LEVELS[-1], colour.value,
                      colour.value, level > 0, policy.source, words)
        )
    strong = [hazard for hazard, colour in situation.hazards.items() if colour.rank >= 3]
    best = min((c.level for c in criteria if c.met), default=0)
    if policy.two_orange_lift_one_level and len(strong) >= 2 and best > 1:
        names = "、".join(HAZARD_NAMES.get(hazard, HAZARD_NAMES["other"])[0] for hazard in strong)
        words = Words(
            "warning.combined",
            f"同一区域两种橙色及以上预警（{names}）：提高一级",
            f"two warnings of orange or above in one area ({', '.join(strong)}): one level up",
        )
        criteria.append(Criterion("warning.combined", "region", best - 1, len(strong), 2, True,
                                  policy.source, words))
    return criteria


def _reasons(
    level: int | None, met: list[Criterion], criteria: tuple[Criterion, ...]
) -> tuple[Words, ...]:
    if level is None:
        head = Words("level.none", "没有达到任何启动条件，仅关注。", "No trigger is met; watch only.")
    else:
        head = Words(
            "level.reached",
            f"启动{ROMAN[level]}级：" + "；".join(c.words.zh for c in met if c.level == level) + "。",
            f"Level {ROMAN[level]}: " + "; ".join(c.words.en for c in met if c.level == level) + ".",
        )
    open_counts = [c for c in criteria if not c.met and c.name in MEASURES and c.observed is None]
    if not open_counts:
        return (head,)
    zh = "、".join(dict.fromkeys(MEASURE_NAMES[c.name][0] for c in open_counts))
    en = ", ".join(dict.fromkeys(MEASURE_NAMES[c.name][1] for c in open_counts))
    unknown = Words(
        "level.unknown",
        f"尚无报告的指标：{zh}；收到后可能改变级别。",
        f"Not reported yet: {en}; a report may change the level.",
    )
    return (head, unknown)
