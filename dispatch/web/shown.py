"""How values are shown: times on local clocks, grouped numbers, words of another language, names in their order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Flask
from markupsafe import Markup, escape
from pypinyin import Style, lazy_pinyin

from dispatch.clock import to_local
from dispatch.web.state import language

HAN = re.compile(r"[\u3400-\u9fff]")
PHRASE = re.compile(r"[A-Za-z]{2,}\W+[A-Za-z]{2,}")


def register_filters(app: Flask) -> None:
    """The filters of the templates."""
    app.add_template_filter(local_time, "local_time")
    app.add_template_filter(lambda n: f"{n:,}", "number")
    app.add_template_filter(own, "own")
    app.add_template_filter(by_name, "by_name")


def local_time(text: str | None) -> str:
    """An ISO time on the wall clocks of Inner Mongolia, month-day hour:minute."""
    return f"{to_local(datetime.fromisoformat(text)):%Y-%m-%d %H:%M}" if text else "—"


def own(text: object) -> Markup:
    """Words that somebody wrote (a name, a source, a remark), marked when they are not in the page's language,
    so that they are read aloud as what they are."""
    words = "" if text is None else str(text)
    lang = "zh-CN" if HAN.search(words) else "en" if PHRASE.search(words) else ""
    is_foreign = lang and lang[:2] != language()
    return Markup('<span lang="{}">{}</span>').format(lang, words) if is_foreign else escape(words)


def by_name(things: Iterable[Any], name: Callable[[Any], str] | None = None) -> list[Any]:
    """Things in the order of their names in the person's language: Chinese by pinyin, English by letters.

    Without ``name`` the names are ``name_zh`` and ``name_en``.
    """
    attribute = f"name_{language()}"
    told = name or (lambda thing: getattr(thing, attribute))
    return sorted(things, key=lambda thing: order_of(told(thing)))


@lru_cache(maxsize=4096)
def order_of(text: str) -> tuple[str, ...]:
    """What a name is sorted by: its syllables in pinyin with tones as the second thought, letters in small."""
    plain = lazy_pinyin(text.casefold(), style=Style.NORMAL)
    return (" ".join(plain), " ".join(lazy_pinyin(text, style=Style.TONE3)))
