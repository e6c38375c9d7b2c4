"""People in need per county, and from them what they need: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from shapely.geometry.base import BaseGeometry

from dispatch.alerts.model import Colour, LossCounts, Situation
from dispatch.clock import to_local
from dispatch.needs.exposure import PlaceEstimate, first_estimate
from dispatch.needs.exposure_table import ExposureTable
from dispatch.needs.model import Covered, NeedLine
from dispatch.needs.snow import herders
from dispatch.needs.standards import WINTER_MONTHS, Rule, Standards
from dispatch.places import REGION_ADCODE, County
from dispatch.plans.model import Activation
from dispatch.words import Words

PER_NAMES = {
    "person": ("人", "people"), "shelterless": ("缺住所的人", "people without shelter"),
    "household": ("户", "households"), "herder_household": ("户牧户", "herder households"),
}


@dataclass(frozen=True)
class Setting:
    """What the estimate rests on beside the situation: places (with their shapes where known),
    standards, exposure before any report, what is covered, kit versions."""

    counties: Mapping[str, County]
    standards: Standards
    exposure: ExposureTable
    shapes: Mapping[str, BaseGeometry] | None = None
    covered: Mapping[tuple[str, str], Covered] = field(default_factory=dict)
    kit_versions: Mapping[str, str] = field(default_factory=dict)


def estimate(situation: Situation, activation: Activation, setting: Setting) -> tuple[NeedLine, ...]:
    """Need lines for every affected county, net of what is covered; none at all while only watching."""
    if activation.kind == "watch":
        return ()
    standards = setting.standards
    estimates = first_estimate(situation, setting.counties, setting.shapes, setting.exposure)
    people = people_in_need(situation, setting, estimates)
    grazing = {e.county: e.p50 for e in estimates if e.measure == "herder_households"}
    month = to_local(situation.as_of).month
    season = "winter" if month in WINTER_MONTHS else "summer"
    due = situation.as_of + timedelta(hours=activation.first_goods_there_h)
    lines = []
    for county, (heads, how) in sorted(people.items()):
        for rule in standards.rules:
            if rule.season not in ("all", season) or (rule.hazards and situation.hazard not in rule.hazards):
                continue
            herds = _herders(setting, county, heads)
            if how.code == "people.exposed" and county in grazing:
                herds = min(grazing[county], -(-heads * 10 // standards.household_tenths))
            gross, words = _count(rule, (heads, herds), how, (standards, situation.temperature_c))
            late = timedelta(hours=standards.local_lead_h if rule.priority >= 3 else 0)
            line = NeedLine(county, rule.item, gross, due + late, rule.priority, words, gross,
                            kit_version=setting.kit_versions.get(rule.item, ""))
            net = _net(line, setting.covered.get((county, rule.item), Covered()))
            if net.quantity:
                lines.append(net)
    return tuple(lines)


def _net(line: NeedLine, covered: Covered) -> NeedLine:
    """The line less what is covered, with a sentence of how much that was."""
    taken = min(line.gross, covered.dispatched + covered.local)
    version_zh = f"；包的内容按版本 {line.kit_version}" if line.kit_version else ""
    version_en = f"; kit contents of version {line.kit_version}" if line.kit_version else ""
    if not taken:
        words = Words(line.basis.code, line.basis.zh + version_zh, line.basis.en + version_en)
        return replace(line, basis=words)
    words = Words(
        line.basis.code,
        f"{line.basis.zh}{version_zh}；共需 {line.gross:,}，已批准发运 {covered.dispatched:,}、"
        f"当地已发放 {covered.local:,}，净需 {line.gross - taken:,}",
        f"{line.basis.en}{version_en}; {line.gross:,} in all, less {covered.dispatched:,} dispatched and "
        f"{covered.local:,} given out locally: {line.gross - taken:,}",
    )
    return replace(line, quantity=line.gross - taken, basis=words,
                   dispatched=covered.dispatched, local=covered.local)


def _herders(setting: Setting, county: str, heads: int) -> int:
    """Herder households among people in need, by the share of herders living in the county."""
    place = setting.counties[county]
    grazing = herders(place, setting.exposure.snow)
    return -(-heads * grazing * 10 // (max(1, place.population) * setting.standards.household_tenths))


def people_in_need(
    situation: Situation, setting: Setting, estimates: Sequence[PlaceEstimate] = ()
) -> dict[str, tuple[int, Words]]:
    """Adcode → (people in need, how that came about).

    The county's own report first; then what its league, and then the region, state beyond
    that; exposure under the warning where nobody said anything.  Nobody stated is lost: when
    every county has reported, what the league or region has more is added to theirs.
    """
    counties, standards = setting.counties, setting.standards
    found: dict[str, tuple[int, Words]] = {}
    for code in situation.counties:
        own = _from_counts(situation.places.get(code), standards)
        if own:
            zh, en = own[1]
            found[code] = (own[0], Words("people.own", f"本旗县{zh} {own[0]:,} 人", f"{own[0]:,} people {en} in this county"))
    leagues = {code[:4] + "00" for code in situation.counties} & set(situation.places)
    for area, counts in [*((lg, situation.places[lg]) for lg in sorted(leagues)), (REGION_ADCODE, situation.counts)]:
        inside = [c for c in situation.counties if area == REGION_ADCODE or c[:4] == area[:4]]
        found |= _remainder(inside, _from_counts(counts, standards), found, (situation, counties))
    quiet = {code for code in situation.heard if code not in situation.places}
    silent = {code: colour for code, colour in situation.counties.items() if code not in found}
    nothing = Words("people.none", "本旗县报告无变化", "this county reported no change")
    return (found | {code: (0, nothing) for code in silent if code in quiet}
            | _exposed(_unreported(situation, silent, quiet, setting), estimates))


def _remainder(
    inside: Sequence[str], stated: tuple[int, tuple[str, str]] | None,
    found: Mapping[str, tuple[int, Words]], known: tuple[Situation, Mapping[str, County]],
) -> dict[str, tuple[int, Words]]:
    """What an area states beyond what its counties have, spread over those without a figure."""
    situation, counties = known
    if stated is None:
        return {}
    total, (zh, en) = stated
    left = total - sum(found[c][0] for c in inside if c in found)
    if left <= 0:
        return {}
    open_counties = [c for c in inside if c not in found] or list(inside)
    weights = {c: counties[c].population * situation.counties[c].rank for c in open_counties}
    words = Words("people.reported", f"{zh}共 {total:,} 人，其余按人口和预警颜色分到各旗县",
                  f"{total:,} people {en}, the rest spread by population and warning colour")
    return {c: (n + (found[c][0] if c in found else 0), words) for c, n in spread(left, weights).items()}


def _from_counts(counts: LossCounts | None, standards: Standards) -> tuple[int, tuple[str, str]] | None:
    """(people in need, words) from reported figures; relocated and urgent need count together."""
    if counts is None:
        return None
    stated = [n for n in (counts.need_aid, counts.relocated) if n is not None]
    if stated:
        return sum(stated), ("报告的紧急转移安置和需救助人数", "reported as relocated or needing aid")
    if counts.affected is not None:
        share = standards.affected_share_percent
        return -(-counts.affected * share // 100), (
            f"报告受灾 {counts.affected:,} 人的 {share}%（假设）",
            f"as {share} % of {counts.affected:,} reported affected (assumption)",
        )
    return None


def _unreported(
    situation: Situation, silent: Mapping[str, Colour], quiet: set[str], setting: Setting
) -> set[str]:
    """Counties the first estimate speaks for: silent ones, and while nothing at all is reported
    also those beyond the counties named, which a quake may reach."""
    asked = {code for code in silent if code not in quiet}
    if _from_counts(situation.counts, setting.standards) is None and not situation.places:
        asked |= set(setting.counties) - set(situation.counties)
    return asked


def _exposed(asked: set[str], estimates: Sequence[PlaceEstimate]) -> dict[str, tuple[int, Words]]:
    """The middle of the first estimate, with its band."""
    found = {}
    for e in estimates:
        if e.measure != "need_aid" or e.county not in asked:
            continue
        words = Words(
            "people.exposed",
            f"尚无报告，初步估计 {e.p50:,} 人（P10 {e.p10:,}，P90 {e.p90:,}）：{e.words.zh}",
            f"no report yet; first estimate {e.p50:,} (P10 {e.p10:,}, P90 {e.p90:,}): {e.words.en}",
        )
        found[e.county] = (e.p50, words)
    return found


def spread(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Whole numbers that sum to ``total`` in proportion to weights (largest remainder).

    Evenly when no weight is above zero.
    """
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    whole = sum(weights.values())
    shares = {code: total * weight // whole for code, weight in weights.items()}
    rest = total - sum(shares.values())
    order = sorted(weights, key=lambda code: (-(total * weights[code] % whole), code))
    for code in order[:rest]:
        shares[code] += 1
    return shares


def _count(
    rule: Rule, counted: tuple[int, int], how: Words, basis: tuple[Standards, int | None]
) -> tuple[int, Words]:
    """Units a rule asks for; ``counted`` is (people in need, herder households)."""
    (heads, herds), (standards, temperature_c) = counted, basis
    number = {
        "person": heads,
        "shelterless": -(-heads * standards.shelterless_percent // 100),
        "household": -(-heads * 10 // standards.household_tenths),
        "herder_household": herds,
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
        f"{number:,} {zh} × {units}/{rule.of}{cold_zh}；{how.zh}；标准：{rule.source_zh}",
        f"{number:,} {en} x {units}/{rule.of}{cold_en}; {how.en}; standard: {rule.source}",
    )
    return quantity, words
