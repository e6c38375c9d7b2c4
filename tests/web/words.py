"""What a person reads on a page, and in which language each piece says it is."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

READ_ALOUD = ("title", "aria-label", "placeholder", "alt", "label")
UNREAD = {"script", "style", "template"}
VOID = {"input", "br", "img", "link", "meta", "hr", "wbr", "col", "source", "area", "base", "embed", "track"}


@dataclass(frozen=True)
class Piece:
    """A text or a spoken attribute, the language it stands in, and the elements around it."""

    text: str
    lang: str
    around: tuple[str, ...]


class Reader(HTMLParser):
    """Collects the pieces of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = [("", "")]
        self.pieces: list[Piece] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        lang = given.get("lang") or self.open[-1][1]
        for name in READ_ALOUD:
            if given.get(name):
                self._keep(str(given[name]), lang, tag)
        if tag == "input" and given.get("type") in ("submit", "button"):
            self._keep(str(given.get("value")), lang, tag)
        if tag not in VOID:
            self.open.append((f"{tag}.paper" if "paper" in (given.get("class") or "").split() else tag, lang))

    def handle_endtag(self, tag: str) -> None:
        while len(self.open) > 1:
            closed, _ = self.open.pop()
            if closed.partition(".")[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and not UNREAD & {tag for tag, _ in self.open}:
            self._keep(data.strip(), self.open[-1][1], "")

    def _keep(self, text: str, lang: str, tag: str) -> None:
        self.pieces.append(Piece(text, lang, tuple(t for t, _ in self.open[1:]) + ((tag,) if tag else ())))


def read(page: str) -> list[Piece]:
    """The pieces of a page in their order."""
    reader = Reader()
    reader.feed(page)
    return reader.pieces
