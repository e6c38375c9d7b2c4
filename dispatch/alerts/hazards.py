"""Which hazard and colour the words and codes of a warning mean; the words are data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dispatch.alerts.model import Colour

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "hazards.toml"
TYPE_AND_COLOUR = re.compile(r"(\d\d)(\d\d)", re.ASCII)
# the national headline carries its grade in brackets: [Ⅲ级/较重]
GRADE = re.compile(r"[\[［【(（]\s*([ⅠⅡⅢⅣIV]{1,3})\s*级\s*(?:[/／]\s*([^\]］】)）]*))?[\]］】)）]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hazard:
    """A hazard with its names, CAP category and the two-digit type code (empty = none)."""

    code: str
    zh: str
    en: str
    category: str
    type_code: str
    pattern: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Words:
    """The table of hazard and colour words."""

    hazards: dict[str, Hazard]
    colour_names_zh: dict[Colour, str]
    colour_short: dict[str, Colour]
    colour_grades: dict[str, Colour]
    colour_words: dict[str, Colour]
    colour_pattern: re.Pattern[str]
    not_colours: re.Pattern[str]
    severities: dict[str, Colour]


@cache
def load_words(path: Path = FILE) -> Words:
    """The table, compiled once."""
    data = tomllib.loads(path.read_text("utf-8"))
    colours = {Colour(name): entry for name, entry in data["colours"].items()}
    words = _by_word(colours, "words")
    any_colour = "|".join(_pattern(word) for word in words)
    return Words(
        hazards={entry["code"]: _hazard(entry) for entry in data["hazard"]},
        colour_names_zh={colour: entry["zh"] for colour, entry in colours.items()},
        colour_short=words | _by_word(colours, "short"),
        colour_grades=_by_word(colours, "grades"),
        colour_words=words,
        colour_pattern=re.compile(any_colour),
        not_colours=re.compile("|".join(re.escape(words) for words in data["not_colours"])),
        severities={name: Colour(colour) for name, colour in data["severity"].items()},
    )


def _by_word(colours: dict[Colour, Any], key: str) -> dict[str, Colour]:
    return {word: colour for colour, entry in colours.items() for word in entry[key]}


def _hazard(entry: dict[str, Any]) -> Hazard:
    words = [*entry["words_zh"], *entry["words_en"]]
    pattern = re.compile("|".join(_pattern(word) for word in words)) if words else None
    return Hazard(entry["code"], entry["zh"], entry["en"], entry["category"],
                  entry.get("type_code", ""), pattern)


def _pattern(word: str) -> str:
    # whole English words, or Hailar would have hail and "reduced" would be red
    return rf"(?<![a-z]){re.escape(word)}(?:s|ing|ed)?(?![a-z])" if word.isascii() else re.escape(word)


def hazard_of(event: str, headline: str, codes: Sequence[tuple[str, str]]) -> str:
    """Our hazard code: a pair named ``hazard``, else the event's words, else a type code
    (two digits hazard, two digits colour), else the headline's words, else ``other``."""
    words = load_words()
    for name, value in codes:
        if name.lower() == "hazard" and value in words.hazards:
            return value
    by_code = [hazard.code for _, value in codes for hazard in words.hazards.values()
               if hazard.type_code and hazard.type_code == _split(value)[0]]
    return next(iter([*_named(event), *by_code, *_named(headline)]), "other")


def _named(text: str) -> list[str]:
    lower = text.lower()
    return [h.code for h in load_words().hazards.values() if h.pattern and h.pattern.search(lower)]


def _split(value: str) -> tuple[str, str]:
    match = TYPE_AND_COLOUR.fullmatch(value)
    return (match[1], match[2]) if match else ("", "")


def colour_of(
    headline: str, severity: str, codes: Sequence[tuple[str, str]]
) -> Colour | None:
    """The signal colour: a pair named colour (``none`` = expressly none), else the headline's
    word or bracketed grade, else a type code, else the severity."""
    words = load_words()
    named = [value.strip().lower() for name, value in codes if _is_colour_name(name)]
    if "none" in named:
        return None
    found = [words.colour_short.get(value) or _in_text(value) for value in named]
    found += [_in_text(headline), _grade(headline)]
    types = {hazard.type_code for hazard in words.hazards.values()} - {""}
    found += [words.colour_short.get(colour)
              for kind, colour in (_split(value) for _, value in codes) if kind in types]
    found.append(words.severities.get(severity) or words.colour_words.get(severity.lower()))
    return next((colour for colour in found if colour is not None), None)


def _is_colour_name(name: str) -> bool:
    return "colo" in name.lower() or "颜色" in name


def is_own_code(name: str) -> bool:
    """True for pairs that carry our hazard or a colour rather than an event code."""
    return name.lower() == "hazard" or _is_colour_name(name)


def _in_text(text: str) -> Colour | None:
    # "黄色预警升级为橙色" and "orange lowered to yellow": the last word is the one in force
    words = load_words()
    lower = words.not_colours.sub(" ", text.lower())
    found = words.colour_pattern.findall(lower)
    return words.colour_words.get(found[-1]) if found else None


def _grade(headline: str) -> Colour | None:
    match = GRADE.search(headline)
    if match is None:
        return None
    grades = load_words().colour_grades
    return grades.get(match[1].lower()) or grades.get((match[2] or "").strip())


def severity_of(colour: Colour | None) -> str:
    """The CAP severity that goes with a colour, ``Unknown`` for none (an assumption)."""
    words = load_words()
    return next((name for name, c in words.severities.items() if c is colour), "Unknown")
