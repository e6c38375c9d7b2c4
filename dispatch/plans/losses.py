"""Loss figures against a tier's table: every measure tried, each with its words.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dispatch.alerts.model import LossCounts
from dispatch.plans.model import ROMAN, Criterion
from dispatch.plans.policy import LEVELS, Bands, Policy
from dispatch.words import Words

MEASURE_NAMES = {
    "dead_missing": ("死亡和失踪人数", "dead and missing"),
    "relocated": ("紧急转移安置和需紧急生活救助人数", "people relocated or in urgent need of relief"),
    "rooms": ("倒塌和严重损坏房屋间数", "rooms collapsed or severely damaged"),
    "households": ("倒塌和严重损坏房屋户数", "households with collapsed or severely damaged housing"),
    "need_aid": ("因旱需救助人数", "people needing aid in a drought"),
    "need_aid_percent": ("因旱需救助人口占农牧业人口比例（%）",
                         "share of the farming and herding population needing aid in a drought (%)"),
}
TIER_NAMES = {
    "region": ("自治区级", "region"), "league": ("盟市级", "league"), "county": ("旗县级", "county"),
}
LOWERED_NAMES = {
    "border": ("边境地区", "border area"), "minority": ("民族地区", "minority area"),
    "poor": ("欠发达地区", "poor area"), "sensitive_time": ("敏感时段", "sensitive time"),
}
GENERAL = ("dead_missing", "relocated", "rooms", "households")
DROUGHT = ("need_aid", "need_aid_percent")
BASIS_WORDS = {
    "reported": ("", ""), "forecast": ("（会商研判）", " (judged likely)"),
}


@dataclass(frozen=True, slots=True)
class Table:
    """A tier's table as it applies to one place: policy, hazard, people living there."""

    policy: Policy
    hazard: str
    tier: str
    place: str
    population: int | None = None

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures this table has for the hazard."""
        is_drought = self.hazard in self.policy.drought_hazards
        return (*GENERAL, *DROUGHT) if is_drought else GENERAL

    def observed(self, measure: str, counts: LossCounts) -> int | None:
        """The figure held against a measure's bands; None = not known.

        People relocated and people needing urgent relief are separate groups in the reporting
        scheme and count together, except that a drought has rows of its own for those in need.
        """
        if measure == "need_aid_percent":
            return self._share(counts.need_aid)
        if measure == "relocated" and self.hazard not in self.policy.drought_hazards:
            known = [n for n in (counts.relocated, counts.need_aid) if n is not None]
            return sum(known) if known else None
        found: int | None = getattr(counts, measure)
        return found

    def _share(self, people: int | None) -> int | None:
        base = (self.population or 0) * self.policy.farming_herding_percent // 100
        return None if people is None or not base else people * 100 // base

    def bands(self, measure: str) -> list[tuple[str, Bands]]:
        """(suffix, bands) that apply: the general row, and the hazard's own where there is one."""
        found = [("", self.policy.thresholds[self.tier][measure])]
        own = self.policy.hazard_rows.get((self.hazard, self.tier, measure))
        return [*found, (f".{self.hazard}", own)] if own else found


def reached(observed: int | None, edges: Iterable[int], percent: int = 100) -> int | None:
    """The most severe level whose edge (taken at ``percent``) the figure reaches."""
    if observed is None:
        return None
    return next((n for n, edge in zip(LEVELS, edges, strict=True)
                 if observed * 100 >= edge * percent), None)


def share_of(edge: int, percent: int) -> int:
    """The smallest whole figure that is ``percent`` of an edge."""
    return -(-edge * percent // 100)


def loss_criteria(table: Table, counts: LossCounts, basis: str = "reported") -> list[Criterion]:
    """Every measure against its bands: the level reached, or the next threshold to pass."""
    found = []
    for measure in table.measures:
        observed = table.observed(measure, counts)
        for suffix, bands in table.bands(measure):
            level = reached(observed, bands.edges)
            shown = level or LEVELS[-1]
            threshold = bands.edges[shown - 1]
            words = _words(table, measure, (shown, observed, threshold), basis)
            found.append(Criterion(
                measure + suffix, table.tier, shown, observed, threshold, level is not None,
                bands.article, words, table.place, basis, bands.is_assumption,
            ))
    return found


def _words(
    table: Table, measure: str, figures: tuple[int, int | None, int], basis: str
) -> Words:
    level, observed, threshold = figures
    (tier_zh, tier_en), (zh, en) = TIER_NAMES[table.tier], MEASURE_NAMES[measure]
    if observed is None:
        seen_zh, seen_en = "尚无报告", "not known yet"
    else:
        seen_zh = seen_en = f"{observed:,}"
    is_met = observed is not None and observed >= threshold
    tail_zh, tail_en = BASIS_WORDS[basis]
    return Words(
        f"loss.{measure}",
        f"{zh}：{seen_zh}{tail_zh}，{'达到' if is_met else '未达到'}{tier_zh}{ROMAN[level]}级标准 {threshold:,}",
        f"{en}: {seen_en}{tail_en}; {'reaches' if is_met else 'does not reach'} "
        f"the {tier_en} level {ROMAN[level]} threshold of {threshold:,}",
    )


def lowered_criteria(table: Table, counts: LossCounts, codes: tuple[str, ...]) -> list[Criterion]:
    """What lowered thresholds reach, as much as the full ones or more, under reason codes the policy knows."""
    policy = table.policy
    valid = [code for code in codes if code in policy.lowered_codes]
    found = []
    for measure in table.measures if valid else ():
        observed = table.observed(measure, counts)
        for suffix, bands in table.bands(measure):
            full = reached(observed, bands.edges) or 5
            level = reached(observed, bands.edges, policy.lowered_percent)
            if level is None or level > full:
                continue
            edge = bands.edges[level - 1]
            zh = "、".join(LOWERED_NAMES.get(c, (c, c))[0] for c in valid)
            en = ", ".join(LOWERED_NAMES.get(c, (c, c))[1] for c in valid)
            name_zh, name_en = MEASURE_NAMES[measure]
            words = Words(
                f"lowered.{measure}",
                f"{name_zh}：{observed:,}，因{zh}按{ROMAN[level]}级标准 {edge:,} 的 {policy.lowered_percent}% 从低启动",
                f"{name_en}: {observed:,}; lowered for {en} to {policy.lowered_percent} % "
                f"of the level {ROMAN[level]} threshold of {edge:,}",
            )
            found.append(Criterion(
                measure + suffix, table.tier, level, observed, share_of(edge, policy.lowered_percent),
                True, policy.sources["lowered"], words, table.place, "lowered",
            ))
    return found


def linked_level(observed: int | None, own: int | None, neighbour: int, edges: tuple[int, ...], percent: int) -> int | None:
    """The most severe level not above a neighbour's that ``percent`` of its edge reaches here.

    None when nothing beyond the place's own level is linked.
    """
    found = next((n for n in LEVELS if n >= neighbour and observed is not None
                  and observed * 100 >= edges[n - 1] * percent), None)
    return found if found is not None and found < (own or 5) else None
