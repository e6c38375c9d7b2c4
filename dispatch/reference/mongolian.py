"""Words in traditional Mongolian, as far as a source gives them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent / "data" / "mongolian.toml"


@dataclass(frozen=True)
class Mongolian:
    """``places``: adcode → name; ``sources``: what they rest on; ``is_reviewed`` by a native reader."""

    as_of: date
    is_reviewed: bool
    script: str
    places: Mapping[str, str]
    sources: Mapping[str, str]


@cache
def load_mongolian() -> Mongolian:
    """The words in the data file."""
    told = tomllib.loads(FILE.read_text("utf-8"))
    places = {code: name["text"] for code, name in told["places"].items()}
    return Mongolian(told["as_of"], told["is_reviewed"], told["words"]["script"]["text"], places, told["source"])
