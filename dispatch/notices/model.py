"""Notices as values: who is told what about which subject, how urgently.  Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dispatch.errors import InvalidInput
from dispatch.places import REGION_ADCODE
from dispatch.words import Words

ROLES = ("viewer", "storekeeper", "planner", "approver", "administrator")
"""The roles of accounts, least first."""
TIERS = ("region", "league", "county")
CHANNELS = ("email", "webhook")
EXERCISE_ZH = "【演练】"
EXERCISE_EN = "[EXERCISE] "
_ADCODE = re.compile(r"15[0-9]{4}")
_PATH = re.compile(r"/(?![/\\])[!-~]*")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class Urgency(StrEnum):
    """``NOW`` goes out at once; ``SOON`` and ``DIGEST`` wait to be gathered."""

    NOW = "now"
    SOON = "soon"
    DIGEST = "digest"

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return list(Urgency).index(self)


class Kind(StrEnum):
    """What a notice is about."""

    ALERT = "alert"
    LEVEL = "level"
    PROPOSAL = "proposal"
    DEADLINE = "deadline"
    ESCALATION = "escalation"
    STAND_DOWN = "stand_down"
    REPORT_CONFLICT = "report_conflict"
    POLICY = "policy"
    WORK = "work"


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a notice is for: the people of a place and of the places above it.

    ``place`` is an adcode.  ``tier`` is the lowest tier told: a county's notice with tier
    ``league`` passes the county by; the region's notice with tier ``county`` reaches every
    county.  ``min_role`` is the least role told, in the order of ``ROLES``.
    """

    place: str
    tier: str
    min_role: str = ROLES[0]

    def __post_init__(self) -> None:
        if not _ADCODE.fullmatch(self.place):
            raise _bad("place", self.place, "an adcode of Inner Mongolia such as 150500")
        if self.tier not in TIERS:
            raise _bad("tier", self.tier, " | ".join(TIERS))
        if self.min_role not in ROLES:
            raise _bad("role", self.min_role, " | ".join(ROLES))

    def reaches(self, place: str, role: str) -> bool:
        """True when an account of that place and role is told."""
        sight = Sight.of(place, role)
        return (
            (self.place in sight.above or self.place.startswith(sight.prefix))
            and self.tier in sight.tiers
            and self.min_role in sight.roles
        )


@dataclass(frozen=True, slots=True)
class Sight:
    """What an account may see: places at or above its own, those below it, tiers and roles."""

    above: tuple[str, ...]
    prefix: str
    tiers: tuple[str, ...]
    roles: tuple[str, ...]

    @classmethod
    def of(cls, place: str, role: str) -> Sight:
        """The sight of an account; adcodes of counties begin with their league's four digits."""
        rank = _tier_rank(place)
        league = place[:4] + "00"
        return cls(
            above=(REGION_ADCODE, league, place)[: rank + 1],
            prefix=("15", place[:4], place)[rank],
            tiers=TIERS[rank:],
            # who leads exercises or audits is told what a viewer is told
            roles=ROLES[: ROLES.index(role) + 1] if role in ROLES else ROLES[:1],
        )


def _tier_rank(place: str) -> int:
    if place == REGION_ADCODE:
        return 0
    return 1 if place.endswith("00") else 2


@dataclass(frozen=True, slots=True)
class Subject:
    """What to look at: a code people know and the path of its page (``/proposals/P-1``)."""

    code: str
    path: str

    def __post_init__(self) -> None:
        if not _PATH.fullmatch(self.path) or len(self.path) > 300:
            raise _bad("path", self.path, "a path of this site beginning with one /")
        if not 0 < len(self.code) <= 80 or self.code != one_line(self.code):
            raise _bad("subject", self.code, "one line of 1 to 80 characters")


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell; ``dedupe_key`` names the fact, so that it is told once."""

    audience: Audience
    kind: Kind
    subject: Subject
    words: Words
    urgency: Urgency
    dedupe_key: str
    is_exercise: bool = False

    def __post_init__(self) -> None:
        if not 0 < len(self.dedupe_key) <= 160:
            raise _bad("dedupe key", self.dedupe_key, "1 to 160 characters")
        if not (one_line(self.words.zh) and one_line(self.words.en)):
            raise _bad("words", self.words.code, "a sentence in Chinese and one in English")


@dataclass(frozen=True, slots=True)
class Subscription:
    """An account's wish to be told outside, from an urgency upwards.

    ``address`` is a mail address, or for the webhook the name of a receiver (a group, a
    desk) that the other side knows; never a URL.
    """

    account: str
    channel: str
    address: str
    min_urgency: Urgency = Urgency.SOON

    def __post_init__(self) -> None:
        if self.channel not in CHANNELS:
            raise _bad("channel", self.channel, " | ".join(CHANNELS))
        is_mail = self.channel == "email"
        if not 0 < len(self.address) <= 200 or self.address != one_line(self.address):
            raise _bad("address", self.address, "one line of at most 200 characters")
        if is_mail and not _MAIL.fullmatch(self.address):
            raise _bad("address", self.address, "one mail address such as duty@example.org")


@dataclass(frozen=True, slots=True)
class OutMessage:
    """A notice on its way to one address; ``link`` is absolute where a base URL is set."""

    address: str
    kind: str
    words: Words
    subject: str
    link: str
    urgency: Urgency
    dedupe_key: str
    is_exercise: bool
    posted_at: datetime


class Channel(Protocol):
    """A way out of the system."""

    @property
    def name(self) -> str:
        """The name subscriptions use: ``email``, ``webhook``."""
        ...

    def send(self, batch: Sequence[OutMessage]) -> None:
        """Send the notices of one address as one message.

        Raises ``Unavailable`` when the far side cannot be reached or does not work, and
        ``Refused`` when it does not take this message; in both cases nothing was sent.
        """
        ...


def marked(words: Words, is_exercise: bool) -> Words:
    """The words on one line each, marked as an exercise where they are one."""
    zh, en = one_line(words.zh), one_line(words.en)
    if is_exercise:
        zh = EXERCISE_ZH + zh.removeprefix(EXERCISE_ZH)
        en = EXERCISE_EN + en.removeprefix(EXERCISE_EN)
    return Words(words.code, zh, en)


def one_line(text: str) -> str:
    """The text without line breaks, control or direction marks, so that it cannot forge another line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _bad(what: str, value: str, wanted: str) -> InvalidInput:
    return InvalidInput(
        f"The {what} {value!r} of a notice or subscription is not usable.",
        remedy=f"Give {wanted}.",
        zh=f"通知或订阅的 {what} 值 {value!r} 无法使用。",
        remedy_zh=f"应为：{wanted}。",
    )
