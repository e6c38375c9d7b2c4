"""What is wrong with a warning table, each fault by hazard, colour and line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from itertools import combinations
from math import isfinite
from typing import Any

from dispatch.alerts.model import Colour

MARKS = {
    "official": ("原文", "official text"), "quoted": ("转引", "quoted"), "assumption": ("假设", "assumption"),
}
HAZARD_KEYS = {"zh", "en", "code", "source", "mark", "criterion_zh", "criterion_en"}
COLOUR_KEYS = {"source", "mark", "criterion_zh", "criterion_en"}
PLACEHOLDER = re.compile(r"\{(\w+)\}")
# the values CAP 1.2 allows, without Unknown and Past, which no signal means
CAP_WORDS = {
    "urgency": ("Immediate", "Expected", "Future"),
    "severity": ("Extreme", "Severe", "Moderate", "Minor"),
    "certainty": ("Observed", "Likely", "Possible"),
}


def faults_of(fields: dict[str, Any], text: str) -> list[str]:
    """Every fault of a table read from ``text``; KeyError, TypeError or AttributeError where it
    is not even of the right shape."""
    return [*_table_faults(fields), *_group_faults(fields), *_hazard_faults(fields, text)]


def thresholds_of(row: dict[str, Any]) -> dict[str, Any]:
    """The figures of a colour, without its texts."""
    return {key: value for key, value in row.items() if key not in COLOUR_KEYS}


def _table_faults(fields: dict[str, Any]) -> Iterator[str]:
    meanings = fields["colours"]
    if not isinstance(fields["from"], date) or isinstance(fields["from"], datetime):
        yield "from is not a date: write it plain, as 2007-06-12"
    if set(meanings) != set(Colour):
        yield "colours must be exactly blue, yellow, orange and red"
        return
    if "other" not in fields["hazards"]:
        yield "hazards.other is missing"
    for colour in Colour:
        for name, allowed in CAP_WORDS.items():
            if meanings[colour][name] not in allowed:
                yield f"colours.{colour.value}.{name} is not one of {', '.join(allowed)}"
    if [meanings[c]["level"] for c in Colour] != [4, 3, 2, 1]:
        yield "colours: level must be 4, 3, 2, 1 from blue to red"
    if [meanings[c]["severity"] for c in Colour] != list(reversed(CAP_WORDS["severity"])):
        yield "colours: severity must rise from Minor (blue) to Extreme (red)"
    ranks = [5 - (meanings[c]["pre_alert"] or 5) for c in Colour]
    if any(r not in range(5) for r in ranks) or ranks != sorted(ranks):
        yield "colours: pre_alert must be 0 or a level 4 to 1 and never grow milder towards red"


def _group_faults(fields: dict[str, Any]) -> Iterator[str]:
    joined = [name for group in fields["groups"] for name in group]
    for name in joined:
        if name not in fields["hazards"]:
            yield f"groups names {name}, which is not a hazard of the table"
        elif joined.count(name) > 1:
            yield f"groups has {name} twice"


def _hazard_faults(fields: dict[str, Any], text: str) -> Iterator[str]:
    for name, hazard in fields["hazards"].items():
        where = f"hazards.{name}"
        colours = {key: value for key, value in hazard.items() if key not in HAZARD_KEYS}
        for key in sorted(colours.keys() - set(Colour)):
            yield f"{where}.{key} (line {_line(text, name, key)}) is neither a colour nor a known field"
        for colour, fault in _colour_faults(fields, hazard, colours):
            yield f"{where}.{colour.value} (line {_line(text, name, colour)}) {fault}"


def _colour_faults(
    fields: dict[str, Any], hazard: dict[str, Any], colours: dict[str, Any]
) -> Iterator[tuple[Colour, str]]:
    sound = []
    for colour in (c for c in Colour if c in colours):
        faults = list(_row_faults(fields, hazard, colours[colour]))
        yield from ((colour, fault) for fault in faults)
        if not faults:
            sound.append(colour)
    for milder, colour in combinations(sound, 2):
        for fault in _order_faults(fields["fields"], colours[milder], colours[colour]):
            yield colour, f"{fault} {milder.value}"


def _line(text: str, hazard: str, key: str) -> int:
    """Line of a key of a hazard; TOML itself keeps none."""
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if line.startswith((f"[hazards.{hazard}]", f"[hazards.{hazard}."))), 0)
    return 1 + next((n for n in range(start, len(lines)) if re.match(rf"{key}\b|\[hazards\.{hazard}\.{key}\]", lines[n])), start)


def _row_faults(fields: dict[str, Any], hazard: dict[str, Any], row: dict[str, Any]) -> Iterator[str]:
    thresholds = thresholds_of(row)
    if (row.get("source") or hazard.get("source")) not in fields["sources"]:
        yield "has no source, or one not listed under sources"
    if (row.get("mark") or hazard.get("mark")) not in MARKS:
        yield "has no mark: write official, quoted or assumption"
    if not thresholds:
        yield "has no threshold"
    for key, value in thresholds.items():
        scale = fields["fields"].get(key, {}).get("scale_zh")
        if key not in fields["fields"]:
            yield f"has {key}, which is not listed under fields"
        elif isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            yield f"has {key} = {value!r}, which is not a number"
        elif scale and value not in range(1, len(scale) + 1):
            yield f"has {key} = {value}, which is no place in its scale of {len(scale)}"
    for key in ("criterion_zh", "criterion_en"):
        said = set(PLACEHOLDER.findall(row.get(key) or hazard.get(key) or ""))
        if said != set(thresholds):
            yield f"has a {key} that does not say exactly its figures: {', '.join(sorted(said ^ set(thresholds)))}"


def _order_faults(
    known: dict[str, Any], milder: dict[str, Any], row: dict[str, Any]
) -> Iterator[str]:
    rises = []
    for key in sorted(thresholds_of(milder).keys() & thresholds_of(row).keys() & known.keys()):
        sign = {"higher": 1, "lower": -1}[known[key]["worse"]]
        rises.append(sign * (row[key] - milder[key]))
        if rises[-1] < 0:
            yield f"is milder in {key} than"
    if not any(rise > 0 for rise in rises):
        yield "does not rise above"
