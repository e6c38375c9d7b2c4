"""The question of a what-if: read from a form, and the situation it supposes.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, time

from dispatch.alerts.model import Colour, LossCounts, Situation
from dispatch.alerts.timeline import HAZARD_NAMES
from dispatch.clock import LOCAL_ZONE, as_utc, to_local
from dispatch.errors import InvalidInput
from dispatch.places import REGION_ADCODE, County
from dispatch.plans.losses import MEASURE_NAMES
from dispatch.plans.signals import extent, tier_of

COUNTS = ("dead_missing", "relocated", "rooms", "households", "need_aid", "affected")
MOST = 30_000_000
COLDEST, WARMEST = -60, 50
FIELD_NAMES = {
    **MEASURE_NAMES, "affected": ("受灾人数", "people affected"), "temperature": ("气温", "temperature"),
    "hazard": ("灾种", "hazard"), "colour": ("预警颜色", "warning colour"),
}


@dataclass(frozen=True)
class Question:
    """Figures supposed for a place; None = not known.

    ``situation`` is a real one that the figures are laid over: what else is known of it stays.
    """

    place: str = REGION_ADCODE
    hazard: str = "blizzard"
    colour: Colour | None = None
    temperature_c: int | None = None
    counts: LossCounts = field(default_factory=LossCounts)
    situation: str = ""


def suppose(
    question: Question, counties: Mapping[str, County], at: datetime, base: Situation | None = None
) -> Situation:
    """The situation a question describes, laid over a real one where there is one.  Pure."""
    inside = [c for c in counties if _lies_in(c, question.place)]
    blank = Situation(
        code="what-if", hazard=question.hazard, title_zh="", title_en="", started_at=at, as_of=at, colour=None,
        hazards={}, counties={}, counts=LossCounts(), counts_at=at, roads=(), alert_identifiers=(),
    )
    real = base or blank
    shown = inside if base is None or not set(base.counties) & set(inside) else [c for c in inside if c in base.counties]
    by_county = {c: {**real.county_hazards.get(c, {})} for c in {*real.counties, *shown}}
    for code in shown:
        by_county[code].pop(question.hazard, None)
        if question.colour:
            by_county[code][question.hazard] = question.colour
    hazards: dict[str, Colour] = {}
    for here in by_county.values():
        for hazard, colour in here.items():
            hazards[hazard] = max(colour, hazards.get(hazard, colour), key=lambda c: c.rank)
    colours = {c: max(here.values(), key=lambda x: x.rank, default=Colour.BLUE) for c, here in sorted(by_county.items())}
    whole = base is None or question.place in (extent(real)[1], REGION_ADCODE)
    return replace(
        real, hazard=question.hazard, as_of=at, hazards=dict(sorted(hazards.items())), counties=colours,
        county_hazards=by_county, colour=max(hazards.values(), key=lambda c: c.rank, default=None),
        counts=question.counts if whole else _at_least(real.counts, question.counts),
        places={**{p: c for p, c in real.places.items() if p != REGION_ADCODE},
                **({question.place: question.counts} if base is not None and question.place != REGION_ADCODE else {})},
        temperature_c=question.temperature_c,
    )


def _lies_in(county: str, place: str) -> bool:
    return tier_of(place) == "region" or county == place or (tier_of(place) == "league" and county[:4] == place[:4])


def _at_least(whole: LossCounts, part: LossCounts) -> LossCounts:
    """The whole is never less than one of its parts."""
    pairs = ((f.name, getattr(whole, f.name), getattr(part, f.name)) for f in fields(LossCounts))
    return LossCounts(**{name: max((n for n in (a, b) if n is not None), default=None) for name, a, b in pairs})


def question_of(situation: Situation) -> Question:
    """The question that a real situation answers as it stands."""
    place = extent(situation)[1]
    counts = situation.counts.later(situation.places.get(place, LossCounts()))
    return Question(place, situation.hazard, situation.hazards.get(situation.hazard), situation.temperature_c,
                    counts, situation.code)


def read_question(given: Mapping[str, str]) -> Question:
    """A question from the fields of a form; ``InvalidInput`` names every field that is wrong."""
    faults: list[tuple[str, str, str]] = []
    counts = {name: _whole(given, name, (0, MOST), faults) for name in COUNTS}
    temperature = _whole(given, "temperature", (COLDEST, WARMEST), faults)
    hazard = given.get("hazard", "").strip() or "blizzard"
    if hazard not in HAZARD_NAMES:
        faults.append(("hazard", f"没有灾种 {hazard[:30]!r}", f"there is no hazard {hazard[:30]!r}"))
    colour = given.get("colour", "").strip()
    if colour and colour not in [c.value for c in Colour]:
        faults.append(("colour", f"没有预警颜色 {colour[:30]!r}", f"there is no warning colour {colour[:30]!r}"))
    if faults:
        raise InvalidInput(
            "; ".join(f"{FIELD_NAMES[name][1]}: {en}" for name, _, en in faults), remedy="Mend the fields named; leave a field empty when a figure is not known.",
            zh="；".join(f"{FIELD_NAMES[name][0]}：{zh}" for name, zh, _ in faults), remedy_zh="请修改所列字段；不知道的数字请留空。",
            facts={"fields": [name for name, _, _ in faults]})
    return Question(
        given.get("place", "").strip() or REGION_ADCODE, hazard, Colour(colour) if colour else None,
        temperature, LossCounts(**counts), given.get("situation", "").strip()[:60],
    )


def _whole(given: Mapping[str, str], name: str, limits: tuple[int, int], faults: list[tuple[str, str, str]]) -> int | None:
    text = given.get(name, "").strip().replace(",", "").replace("，", "").replace("−", "-")
    if not text:
        return None
    low, high = limits
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) < 12 and low <= int(text) <= high:
        return int(text)
    faults.append((name, f"{text[:30]!r} 不是 {low:,} 到 {high:,} 的整数", f"{text[:30]!r} is not a whole number from {low:,} to {high:,}"))
    return None


def moment_of(text: str, now: datetime) -> datetime:
    """The moment a question is asked for: noon of a day, or now when it is empty or today."""
    if not text.strip():
        return now
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput(f"{text[:40]!r} is not a day.", remedy="Write for example 2024-06-12.",
                           zh=f"{text[:40]!r} 不是日期。", remedy_zh="请写作 2024-06-12 的形式。") from error
    return now if day == to_local(now).date() else as_utc(datetime.combine(day, time(12), LOCAL_ZONE))
