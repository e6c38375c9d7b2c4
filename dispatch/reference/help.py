"""What the help says: the steps of a night, keys and terms, from one dated file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent / "data" / "help.toml"


@dataclass(frozen=True)
class Step:
    """One step of the tour: the page it stands on, what it points at (CSS), and its words by language."""

    page: str
    at: str
    title: Mapping[str, str]
    text: Mapping[str, str]


@dataclass(frozen=True)
class Key:
    """A key or two pressed one after the other, the page it leads to (if any), and what it does."""

    press: str
    to: str
    text: Mapping[str, str]


@dataclass(frozen=True)
class Term:
    """A word of the field and what it means here."""

    code: str
    name: Mapping[str, str]
    means: Mapping[str, str]


@dataclass(frozen=True)
class Help:
    """Everything the help says, and what it rests on."""

    as_of: date
    source: Mapping[str, str]
    steps: tuple[Step, ...]
    keys: tuple[Key, ...]
    terms: Mapping[str, Term]


def _both(told: Mapping[str, str], stem: str = "") -> dict[str, str]:
    return {lang: told[f"{stem}{lang}"] for lang in ("zh", "en")}


@cache
def load_help() -> Help:
    """The help as the data file has it."""
    told = tomllib.loads(FILE.read_text("utf-8"))
    return Help(
        told["as_of"], _both(told, "source_"),
        tuple(Step(s["page"], s["at"], _both(s, "title_"), _both(s)) for s in told["steps"]),
        tuple(Key(k["press"], k.get("to", ""), _both(k)) for k in told["keys"]),
        {t["code"]: Term(t["code"], _both(t), _both(t, "means_")) for t in told["terms"]},
    )
