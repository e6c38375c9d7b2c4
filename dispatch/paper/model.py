"""What is on a paper, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its two headings, its share of the width, numbers to the right."""

    zh: str
    en: str
    width: int
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """A small map of a way: named points (longitude, latitude) in the order driven, and the road
    number of each leg between them; ``stops`` are the numbers of the points goods are left at."""

    points: tuple[tuple[str, float, float], ...]
    roads: tuple[str, ...]
    stops: tuple[int, ...]


@dataclass(frozen=True)
class Paper:
    """One form.

    ``fields`` are (Chinese label, English label, value) above the table; ``totals`` is
    the last row; ``signers`` sign at the foot; ``copies`` names each copy (empty = one);
    ``content_hash`` is the SHA-256 of what the system keeps under ``code``; ``link`` is the address
    its QR code opens when that is not the paper itself; ``strip`` is a small map above the signatures.
    """

    title: Pair
    code: str
    content_hash: str
    fields: tuple[tuple[str, str, str], ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[str, ...] = ()
    signers: tuple[Pair, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)
    copies: tuple[Pair, ...] = ()
    link: str = ""
    strip: Strip | None = None
