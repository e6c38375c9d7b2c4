"""Identifiers of messages: the national form with and without its last digit.

The national form is 14 digits of issuer, ``_``, 14 digits of time and ``_N``, the serial
within that second; some issuers leave ``_N`` away.  Two messages of one second differ in N
only, so N is never dropped or guessed: without N stays without N.  A *reference* without N
means every message of that issuer and second, because it cannot mean fewer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

NATIONAL = re.compile(r"(\d{14}_\d{14})(?:_(\d))?", re.ASCII)
# what begins like the national form and must then be it
CLAIM = re.compile(r"\d{11,}_\d", re.ASCII)


@lru_cache(maxsize=65_536)
def canonical_identifier(text: str) -> str:
    """The one spelling under which a message is kept: trimmed, digits and ``_`` half-width."""
    trimmed = text.strip()
    half = unicodedata.normalize("NFKC", trimmed)
    return half if NATIONAL.fullmatch(half) else trimmed


@lru_cache(maxsize=65_536)
def stem(identifier: str) -> str:
    """Issuer and second of a national identifier; any other identifier whole."""
    canonical = canonical_identifier(identifier)
    match = NATIONAL.fullmatch(canonical)
    return match[1] if match else canonical


def same_message(a: str, b: str) -> bool:
    """True when the two spellings may mean one message: equal, or equal but for a missing N."""
    one, other = canonical_identifier(a), canonical_identifier(b)
    if one == other:
        return True
    return stem(one) == stem(other) and (stem(one) == one or stem(other) == other)


def is_among(identifier: str, references: Iterable[str]) -> bool:
    """True when one of the references means this message."""
    return any(same_message(identifier, reference) for reference in references)


def spellings(identifier: str) -> tuple[str, ...]:
    """Every spelling that may mean the same message, for look-ups; the own one first."""
    own = canonical_identifier(identifier)
    if not NATIONAL.fullmatch(own):
        return (own,)
    base = stem(own)
    return (own, base) if own != base else (base, *(f"{base}_{n}" for n in range(10)))
