"""How a Chinese name may be typed: characters, pinyin with or without tones and spaces, initials.  Pure.

Readings come from pypinyin, which knows those of whole words (重庆 is chongqing, not zhongqing).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import lazy_pinyin

NOT_LETTERS = re.compile(r"[^a-z]+")
NOT_SIGNS = re.compile(r"[\s\-_.·'’]+")
MOST_NAMES = 8192
# a length from which a few scattered characters still say something
SHORTEST_ABBREVIATION = 2


@dataclass(frozen=True, slots=True)
class Query:
    """What a person typed, in the forms it is compared in; empty forms match nothing."""

    text: str
    letters: str


def read_query(text: str) -> Query:
    """The query without spaces, dashes, tones and case (``Hū lún-bèi'ěr`` is hulunbeier; ü is v)."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ü", "v")
    # the tones of lǚ stand on the u with its dots
    bare = "".join(c for c in unicodedata.normalize("NFD", re.sub("[ǖǘǚǜ]", "v", folded)) if not unicodedata.combining(c))
    signs = NOT_SIGNS.sub("", bare)
    digits_are_tones = re.fullmatch(r"(?:[a-z]+[1-5]?)+", signs) is not None
    letters = NOT_LETTERS.sub("", signs) if digits_are_tones else ""
    return Query(signs, letters)


@lru_cache(MOST_NAMES)
def spell(name: str) -> tuple[str, ...]:
    """The pinyin syllables of the Chinese in a name, without tones; empty without any."""
    return tuple(s for s in lazy_pinyin(name, errors="ignore", v_to_u=False) if s)


def rank(query: Query, code: str, zh: str, en: str = "") -> int | None:
    """How well a thing fits: 0 its very code or name, up to 5 some of its characters; None not at all."""
    text, letters = query.text, query.letters
    if not text:
        return None
    own = NOT_SIGNS.sub("", f"{zh}").casefold()
    latin = NOT_SIGNS.sub("", en).casefold()
    key = NOT_SIGNS.sub("", code).casefold()
    syllables = spell(zh)
    pinyin, initials = "".join(syllables), "".join(s[0] for s in syllables)
    tries = (
        text in (key, own) or (bool(latin) and text == latin),
        bool(letters) and letters in (pinyin, initials),
        own.startswith(text) or key.startswith(text),
        bool(letters) and (pinyin.startswith(letters) or initials.startswith(letters) or latin.startswith(letters)),
        text in own or text in key or (bool(letters) and (letters in pinyin or letters in latin)),
        _is_abbreviation(text, own) or _is_spoken_abbreviation(letters, syllables),
    )
    return next((n for n, fits in enumerate(tries) if fits), None)


def _is_abbreviation(text: str, name: str) -> bool:
    """科左中旗 for 科尔沁左翼中旗: the first character first, all in their order."""
    if len(text) < SHORTEST_ABBREVIATION or text.isascii() or name[:1] != text[:1]:
        return False
    rest = iter(name)
    return all(c in rest for c in text)


def _is_spoken_abbreviation(letters: str, syllables: tuple[str, ...]) -> bool:
    """kezuozhongqi for ke'erqin zuoyi zhongqi: whole syllables in their order, the first one first."""
    if not letters or not syllables or not letters.startswith(syllables[0]):
        return False
    read = {len(syllables[0])}
    for syllable in syllables[1:]:
        read |= {n + len(syllable) for n in read if letters.startswith(syllable, n)}
    return len(letters) in read
