"""What would have to change for another level, upwards and downwards.  Pure."""

from __future__ import annotations

from dispatch.alerts.model import Colour, LossCounts, Situation
from dispatch.alerts.timeline import COLOUR_NAMES
from dispatch.plans.losses import MEASURE_NAMES, TIER_NAMES, Table, share_of
from dispatch.plans.model import ROMAN, Criterion, PlaceLevel, Step
from dispatch.plans.policy import Policy
from dispatch.words import Words

SHOWN = 8
COUNTED = ("reported", "forecast", "lowered", "linked")


def steps_up(
    known: tuple[Situation, Policy, tuple[PlaceLevel, ...]], level: int
) -> tuple[Step, ...]:
    """The nearest ways to a level, the relatively smallest first."""
    situation, policy, places = known
    found: list[tuple[float, Step]] = []
    for place in places:
        table = Table(policy, situation.hazard, place.tier, place.place)
        seen = {c.name: c.observed for c in place.criteria if c.basis == "reported"}
        found += [(step.missing / max(1, int(step.threshold)), step)
                  for step in measure_steps(table, seen, level, situation.lowered)]
    ordered = [step for _, step in sorted(found, key=lambda f: (f[0], f[1].place, f[1].name))]
    colour = next((c for c in Colour if policy.warnings[c.value] == level), None)
    if colour is None or not situation.hazards:
        return tuple(ordered[:SHOWN])
    words = Words("step.warning", f"{COLOUR_NAMES[colour]}预警即达{ROMAN[level]}级",
                  f"a {colour.value} warning would make level {ROMAN[level]}")
    now = max(situation.hazards.values(), key=lambda c: c.rank).value
    return (*ordered[:SHOWN], Step("warning", "region", "150000", now, colour.value, 0, words))


def measure_steps(
    table: Table, seen: dict[str, int | float | str | None], level: int, lowered: tuple[str, ...] = ()
) -> list[Step]:
    """For each measure of a table, how many more reach a level: by the general row or the
    hazard's own, whichever asks less, lowered under a reason code the policy knows."""
    policy = table.policy
    percent = policy.lowered_percent if set(lowered) & set(policy.lowered_codes) else 100
    steps = []
    for measure in table.measures:
        observed = seen.get(measure)
        have = observed if isinstance(observed, int) else 0
        edge = share_of(min(bands.edges[level - 1] for _, bands in table.bands(measure)), percent)
        zh, en = MEASURE_NAMES[measure]
        tier_zh, tier_en = TIER_NAMES[table.tier]
        words = Words(
            f"step.{measure}",
            f"{zh}再增加 {edge - have:,} 即达{tier_zh}{ROMAN[level]}级（{edge:,}）",
            f"{edge - have:,} more {en} reach the {tier_en} level {ROMAN[level]} ({edge:,})",
        )
        if edge > have:
            steps.append(Step(measure, table.tier, table.place, observed, edge, edge - have, words))
    return steps


def steps_down(level: int, met: list[Criterion], policy: Policy) -> tuple[Step, ...]:
    """Everything that holds the level up now; all of it must go before a step down."""
    hold = int(policy.hold.total_seconds()) // 3600
    steps = []
    for criterion in (c for c in met if c.level == level):
        observed, threshold = criterion.observed, criterion.threshold
        excess = 0
        if criterion.basis in COUNTED and isinstance(observed, int) and isinstance(threshold, int):
            excess = observed - threshold + 1
        zh, en = _hold_words(criterion, excess)
        words = Words(
            f"step_down.{criterion.name}",
            f"{zh}；持续 {hold} 小时后可由人工降级", f"{en}; then after {hold} h a person may step down",
        )
        steps.append(Step(criterion.name, criterion.tier, criterion.place, observed, threshold,
                          excess, words))
    return tuple(steps)


def _hold_words(criterion: Criterion, excess: int) -> tuple[str, str]:
    if criterion.basis == "government":
        return "政府响应终止或降级", "the government ends or lowers its response"
    if not excess:
        return (f"不再满足：{criterion.words.zh}", f"no longer holds: {criterion.words.en}")
    return (f"更正后低于 {criterion.threshold:,}（现为 {criterion.observed:,}）",
            f"corrected to below {criterion.threshold:,} (now {criterion.observed:,})")


def only(counts: LossCounts, table: Table) -> dict[str, int | float | str | None]:
    """The figures of one place as ``measure_steps`` takes them."""
    return {m: table.observed(m, counts) for m in table.measures}
