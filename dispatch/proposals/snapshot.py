"""Canonical JSON and its SHA-256: what a person signs is exactly this."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping


def canonical(body: Mapping[str, object]) -> str:
    """One text for one body: sorted keys, no spaces, no escapes for Chinese."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_hash(body: Mapping[str, object]) -> str:
    """SHA-256 of the canonical text, in hexadecimal."""
    return text_hash(canonical(body))


def text_hash(text: str) -> str:
    """SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
