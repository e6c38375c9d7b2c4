"""Who is told what when something happens: notices in the same transaction as their cause."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.alerts.model import Situation
from dispatch.notices.model import Audience, Kind, Notice, Subject, Urgency
from dispatch.notices.store import post
from dispatch.places import REGION_ADCODE
from dispatch.plans.clocks import NAMES, tier_above
from dispatch.plans.escalation import Change
from dispatch.plans.losses import TIER_NAMES
from dispatch.plans.model import ROMAN
from dispatch.plans.signals import extent
from dispatch.plans.tables import DeadlineRow
from dispatch.words import Words

CHANGES = {
    "raised": (Kind.LEVEL, Urgency.NOW, "启动{level}", "{level} in force"),
    "milder": (Kind.STAND_DOWN, Urgency.SOON, "条件已缓和，{level}保持，观察期后请人工决定",
               "milder now; {level} stays, a person decides after the hold"),
    "again": (Kind.LEVEL, Urgency.SOON, "条件再次达到，{level}保持", "criteria met again; {level} stays"),
    "lowered": (Kind.STAND_DOWN, Urgency.SOON, "已降为{level}", "stepped down to {level}"),
    "special": (Kind.LEVEL, Urgency.NOW, "启动特殊应急响应", "special response in force"),
    "ended": (Kind.STAND_DOWN, Urgency.SOON, "响应终止", "the response has ended"),
}


def _subject(code: str) -> Subject:
    return Subject(code, f"/situations/{code}")


def tell_change(session: Session, situation: Situation, change: Change, at: datetime) -> None:
    """A change of the level in force, for the people of the place it concerns and above."""
    kind, urgency, zh, en = CHANGES[change.kind]
    level = change.standing.level
    level_zh, level_en = f"{ROMAN.get(level or 0, '—')}级", f"level {ROMAN.get(level or 0, '—')}"
    words = Words(f"notice.{change.kind}", f"{situation.title_zh}：" + zh.format(level=level_zh),
                  f"{situation.title_en}: " + en.format(level=level_en))
    key = f"level:{situation.code}:{change.kind}:{level}:{at.isoformat()}"
    post(session, Notice(Audience(extent(situation)[1], "county"), kind, _subject(situation.code), words, urgency, key), at)


def tell_proposal(session: Session, place: str, code: str, headline: Words, at: datetime) -> None:
    """A draft is ready to be read, for the place (adcode) its situation is about and above."""
    audience = Audience(place, "county", "planner")
    subject = Subject(code, f"/proposals/{code}")
    post(session, Notice(audience, Kind.PROPOSAL, subject, headline, Urgency.NOW, f"proposal:{code}"), at)


def tell_failed_draft(session: Session, code: str, error: str, at: datetime) -> None:
    """A draft could not be made."""
    words = Words("notice.draft_failed", f"{code} 的方案生成失败：{error}", f"The draft for {code} failed: {error}")
    audience = Audience(REGION_ADCODE, "region", "planner")
    post(session, Notice(audience, Kind.WORK, _subject(code), words, Urgency.NOW, f"draft-failed:{code}:{at.isoformat()}"), at)


def tell_interrupted(session: Session, code: str, note: Words, key: str, at: datetime) -> None:
    """The work on a draft was cut off; ``note`` says what stands and what happens next."""
    words = Words("notice.draft_interrupted", f"{code}：{note.zh}", f"{code}: {note.en}")
    audience = Audience(REGION_ADCODE, "region", "planner")
    post(session, Notice(audience, Kind.WORK, _subject(code), words, Urgency.SOON, f"draft-interrupted:{key}"), at)


def tell_missed(session: Session, row: DeadlineRow, situation: Situation, at: datetime) -> None:
    """A deadline passed unmet: the tier above is told."""
    zh, en = NAMES[row.name]
    above = tier_above(row.tier)
    tier_zh, tier_en = TIER_NAMES[row.tier]
    words = Words(
        "notice.missed",
        f"{situation.title_zh}：{tier_zh}“{zh}”已逾期，请上级督办",
        f"{situation.title_en}: {en}, owed by the {tier_en}, is overdue; the tier above takes it up",
    )
    tier = above if above in TIER_NAMES else "region"
    place = extent(situation)[1]
    where = REGION_ADCODE if tier == "region" else place[:4] + "00"
    post(session, Notice(Audience(where, tier, "planner"), Kind.ESCALATION, _subject(situation.code), words,
                         Urgency.NOW, f"missed:{row.id}"), at)


def tell_conflict(session: Session, situation: str, place: tuple[str, str, str], words: Words, at: datetime) -> None:
    """Two reporters disagree on a place (adcode, zh, en)."""
    code, zh, en = place
    told = Words("notice.conflict", f"{zh}数据冲突：{words.zh}", f"Figures of {en} disagree: {words.en}")
    audience = Audience(code, "county", "planner")
    post(session, Notice(audience, Kind.REPORT_CONFLICT, _subject(situation), told, Urgency.SOON,
                         f"conflict:{situation}:{code}:{words.zh}"), at)


def tell_unknown_reference(session: Session, identifier: str, situation: str, at: datetime) -> None:
    """An update arrived whose earlier message never did."""
    words = Words("notice.unknown_reference", f"{identifier} 引用的预警尚未收到，请核对是否漏收",
                  f"{identifier} refers to a warning that has not arrived; check whether one was missed")
    audience = Audience(REGION_ADCODE, "region", "planner")
    post(session, Notice(audience, Kind.ALERT, _subject(situation), words, Urgency.SOON,
                         f"unknown-reference:{identifier}"), at)
