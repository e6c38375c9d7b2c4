"""Faults of a document, each with the place where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dispatch.errors import InvalidInput


def bad(en: str, remedy: str, zh: str, remedy_zh: str) -> InvalidInput:
    """A fault in both languages."""
    return InvalidInput(en, remedy=remedy, zh=zh, remedy_zh=remedy_zh)


def missing(name: str) -> InvalidInput:
    """A required element that is not there or says nothing."""
    return bad(
        f"The element <{name}> is missing or empty.",
        f"Add <{name}> as CAP 1.2 asks.",
        f"缺少元素 <{name}> 或其内容为空。",
        f"请按 CAP 1.2 补充 <{name}>。",
    )


@contextmanager
def at(place: str) -> Iterator[None]:
    """Faults raised inside are told with their place, for example ``alert/info[2]/area[1]``."""
    try:
        yield
    except InvalidInput as error:
        if "place" in error.facts:
            raise
        raise InvalidInput(
            f"{place}: {error.message}",
            remedy=error.remedy,
            zh=f"{place}：{error.message_zh}",
            remedy_zh=error.remedy_zh,
            facts={**error.facts, "place": place},
        ) from error
