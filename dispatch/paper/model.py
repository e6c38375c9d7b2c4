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


@dataclass(frozen=True)
class Paper:
    """One form.

    ``fields`` are (Chinese label, English label, value) above the table; ``totals`` is
    the last row; ``signers`` sign at the foot; ``copies`` names each copy (empty = one);
    ``content_hash`` is the SHA-256 of what the system keeps under ``code``; ``opens`` is the folder of
    the page that its QR code opens.
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
    opens: str = "w"
