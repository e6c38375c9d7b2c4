"""The table beside the map: the same things, in rows that can be narrowed and ordered.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from maps.scene import Item, Marker, Scene, Track

PAGE = 200
SORTS = ("rank", "layer", "name", "state", "place", "as_of")
NEVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing of the map; ``where`` is (lon, lat) of a point, None for areas and lines."""

    layer: str
    layer_title: str
    kind: str
    code: str
    name: str
    state: str
    place: str
    text: str
    as_of: datetime | None
    is_old: bool
    href: str
    rank: int
    where: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What of the table is wanted: a layer, words, an order, a page (from 1)."""

    layer: str = ""
    words: str = ""
    sort: str = "rank"
    is_down: bool = False
    page: int = 1


def rows_of(scene: Scene) -> tuple[Row, ...]:
    """Every thing of every layer."""
    return tuple(_row(layer.key, layer.title, item) for layer in scene.layers for item in layer.items)


def _row(key: str, title: str, item: Item) -> Row:
    about = item.about
    where = (item.lon, item.lat) if isinstance(item, Marker) else None
    text = "" if item.text == about.name else item.text
    if isinstance(item, Track) and not about.name:
        return Row(key, title, item.kind, about.code, item.text, about.state, about.place_name, "", about.as_of,
                   about.is_old, about.href, about.rank, where)
    return Row(key, title, item.kind, about.code, about.name, about.state, about.place_name, text, about.as_of,
               about.is_old, about.href, about.rank, where)


def chosen(rows: Iterable[Row], choice: Choice) -> tuple[Row, ...]:
    """The rows wanted, in the order wanted (the gravest first unless said otherwise)."""
    words = choice.words.casefold().split()
    found = [row for row in rows if (not choice.layer or row.layer == choice.layer) and _has(row, words)]
    return tuple(sorted(found, key=lambda row: _key(row, choice.sort), reverse=choice.is_down))


def _has(row: Row, words: Sequence[str]) -> bool:
    said = " ".join((row.code, row.name, row.state, row.place, row.text)).casefold()
    return all(word in said for word in words)


def _key(row: Row, sort: str) -> tuple[object, ...]:
    if sort == "as_of":
        return (row.as_of or NEVER, row.rank, row.code)
    if sort in ("name", "state", "place"):
        return (getattr(row, sort), row.rank, row.code)
    return (row.layer, row.rank, row.code) if sort == "layer" else (row.rank, row.layer, row.code)


def page_of(rows: Sequence[Row], number: int) -> tuple[Sequence[Row], int]:
    """The rows of a page and how many pages there are."""
    pages = max(1, -(-len(rows) // PAGE))
    number = min(max(1, number), pages)
    return rows[(number - 1) * PAGE : number * PAGE], pages
