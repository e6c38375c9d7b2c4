"""People in need per county, and from them what they need: pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from dispatch.alerts.model import Situation
from dispatch.clock import to_local
from dispatch.needs.model import NeedLine
from dispatch.needs.standards import WINTER_MONTHS, Rule, Standards
from dispatch.places import County
from dispatch.plans.model import Activation
from dispatch.words import Words

PER_NAMES = {
    "person": ("人", "people"), "shelterless": ("缺住所的人", "people without shelter"),
    "household": ("户", "households"),
}


def estimate(
    situation: Situation,
    activation: Activation,
    counties: Mapping[str, County],
    standards: Standards,
) -> tuple[NeedLine, ...]:
    """Need lines for every affected county; none at all while only watching."""
    if activation.level is None:
        return ()
    people = people_in_need(situation, counties, standards)
    month = to_local(situation.as_of).month
    season = "winter" if month in WINTER_MONTHS else "summer"
    due = situation.as_of + timedelta(hours=activation.first_goods_there_h)
    lines = []
    for county, (heads, how) in sorted(people.items()):
        for rule in standards.rules:
            if rule.season not in ("all", season):
                continue
            quantity, words = _count(rule, heads, how, (standards, situation.temperature_c))
            late = timedelta(hours=standards.local_lead_h if rule.priority >= 3 else 0)
            if quantity:
                lines.append(
                    NeedLine(county, rule.item, quantity, due + late, rule.priority, words)
                )
    return tuple(lines)


def people_in_need(
    situation: Situation, counties: Mapping[str, County], standards: Standards
) -> dict[str, tuple[int, Words]]:
    """Adcode → (people in need, how that came about): reports first, exposure else."""
    counts = situation.counts
    if counts.need_aid is not None:
        total, zh, en = counts.need_aid, "报告的需救助人数", "reported as needing aid"
    elif counts.relocated is not None:
        total, zh, en = counts.relocated, "报告的紧急转移安置人数", "reported as relocated"
    elif counts.affected is not None:
        share = standards.affected_share_percent
        total = -(-counts.affected * share // 100)
        zh = f"报告受灾 {counts.affected:,} 人的 {share}%（假设）"
        en = f"{share} % of {counts.affected:,} reported affected (assumption)"
    else:
        return _exposed(situation, counties, standards)
    weights = {
        code: counties[code].population * colour.rank for code, colour in situation.counties.items()
    }
    words_of = Words("people.reported", f"{zh}共 {total:,} 人，按人口和预警颜色分到各旗县",
                     f"{total:,} people {en}, spread by population and warning colour")
    return {code: (n, words_of) for code, n in spread(total, weights).items()}


def _exposed(
    situation: Situation, counties: Mapping[str, County], standards: Standards
) -> dict[str, tuple[int, Words]]:
    found = {}
    for code, colour in situation.counties.items():
        rate = standards.exposure_per_10000[colour.value]
        heads = counties[code].population * rate // 10_000
        words = Words(
            "people.exposed",
            f"尚无报告：按 {colour.value} 预警每万人 {rate} 人估计（假设），人口 {counties[code].population:,}",
            f"no report yet: {rate} in 10,000 under a {colour.value} warning (assumption), "
            f"population {counties[code].population:,}",
        )
        found[code] = (heads, words)
    return found


def spread(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Whole numbers that sum to ``total`` in proportion to weights (largest remainder)."""
    whole = sum(weights.values())
    if whole == 0:
        return dict.fromkeys(weights, 0)
    shares = {code: total * weight // whole for code, weight in weights.items()}
    rest = total - sum(shares.values())
    order = sorted(weights, key=lambda code: (-(total * weights[code] % whole), code))
    for code in order[:rest]:
        shares[code] += 1
    return shares


def _count(
    rule: Rule, heads: int, how: Words, basis: tuple[Standards, int | None]
) -> tuple[int, Words]:
    standards, temperature_c = basis
    number = {
        "person": heads,
        "shelterless": -(-heads * standards.shelterless_percent // 100),
        "household": -(-heads * 10 // standards.household_tenths),
    }[rule.per]
    is_bitter = (
        rule.double_below_c is not None
        and temperature_c is not None
        and temperature_c < rule.double_below_c
    )
    units = rule.units * 2 if is_bitter else rule.units
    quantity = -(-number * units // rule.of)
    zh, en = PER_NAMES[rule.per]
    cold_zh = f"（气温 {temperature_c}℃，加倍）" if is_bitter else ""
    cold_en = f" (doubled at {temperature_c} C)" if is_bitter else ""
    words = Words(
        f"need.{rule.per}",
        f"{number:,} {zh} × {units}/{rule.of}{cold_zh}；{how.zh}；标准：{rule.source}",
        f"{number:,} {en} x {units}/{rule.of}{cold_en}; {how.en}; standard: {rule.source}",
    )
    return quantity, words
