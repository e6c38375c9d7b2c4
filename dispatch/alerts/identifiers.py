"""The national warning identifier, with and without its trailing digit.  Pure."""

from __future__ import annotations

import re

NATIONAL = re.compile(r"(\d{14}_\d{14})(?:_(\d))?")


def stem_of(identifier: str) -> str:
    """The identifier without the trailing serial; others are their own stem."""
    found = NATIONAL.fullmatch(identifier)
    return found.group(1) if found else identifier


def same_message(a: str, b: str) -> bool:
    """True when two spellings can mean one message: equal, or one of them left the serial out."""
    if a == b:
        return True
    first, second = NATIONAL.fullmatch(a), NATIONAL.fullmatch(b)
    if not first or not second or first.group(1) != second.group(1):
        return False
    return first.group(2) is None or second.group(2) is None
