"""What the consignee counts and signs at a stop: checked, kept once, read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.clock import to_local
from dispatch.db import add_once
from dispatch.errors import InvalidInput
from dispatch.proposals.snapshot import canonical, content_hash
from dispatch.waybills.rules import TrackingRule, load_tracking_rule
from dispatch.waybills.tables import PhotoRow, ReceiptRow

MOST_WORDS = 500
MOST_NAME = 80
CLOCK_TOLERANCE = timedelta(minutes=5)
PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"RIFF": "image/webp"}


@dataclass(frozen=True, slots=True)
class Counted:
    """A line that did not arrive as sent: units in good order and units damaged, and why if known."""

    good: int
    damaged: int = 0
    why: str = ""


@dataclass(frozen=True)
class Signed:
    """A receipt as it is handed in.

    ``county`` is the stop (None = every stop still open); ``differences`` names only the lines that
    did not arrive as sent; ``submit_key`` names the receipt so that the same one sent twice is one.
    """

    county: str | None
    signed_by: str
    said_at: datetime
    submit_key: str
    differences: Mapping[str, Counted] = field(default_factory=dict)
    words: str = ""
    photos: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """One stop's receipt as it was kept; ``lines`` carry sent, good, damaged and short of each line."""

    id: int
    waybill: str
    county: str
    signed_by: str
    said_at: datetime
    recorded_at: datetime
    actor: str
    words: str
    lines: tuple[Mapping[str, Any], ...]
    content_hash: str
    photos: int = 0


def check_signed(signed: Signed, now: datetime) -> None:
    """``InvalidInput`` for a receipt without name or key, of an hour that cannot be, with bad photos."""
    rule = load_tracking_rule()
    if not 0 < len(signed.signed_by.strip()) <= MOST_NAME:
        raise InvalidInput("The receipt has no name of who signed.", remedy="Fill in the consignee's name.",
                           zh="未填写签收人姓名。", remedy_zh="请填写签收人姓名。")
    if len(signed.words) > MOST_WORDS or not 0 < len(signed.submit_key) <= 100 or not signed.submit_key.isascii():
        raise InvalidInput(
            f"The receipt needs a key, and at most {MOST_WORDS} characters of words.", remedy="Reload the page and send it again.",
            zh=f"签收缺少提交编号，或说明超过 {MOST_WORDS} 字。", remedy_zh="请刷新页面后重新提交。",
        )
    if not now - rule.most_late <= signed.said_at <= now + CLOCK_TOLERANCE:
        said, hours = f"{to_local(signed.said_at):%Y-%m-%d %H:%M}", rule.most_late // timedelta(hours=1)
        raise InvalidInput(
            f"The receipt says it is of {said}, which is not within the last {hours} hours.",
            remedy="Call the duty desk: they book it with the paper's date.",
            zh=f"签收时间 {said} 不在最近 {hours} 小时之内。", remedy_zh="请致电值班室，按纸质回单补记。",
        )
    _check_photos(signed.photos, rule)


def _check_photos(photos: Sequence[bytes], rule: TrackingRule) -> None:
    if len(photos) > rule.most_photos or any(len(p) > rule.photo_most_bytes for p in photos):
        raise InvalidInput(
            f"At most {rule.most_photos} photos of {rule.photo_most_bytes // 1000} kB each.",
            remedy="Leave some out, or send them smaller.",
            zh=f"最多 {rule.most_photos} 张照片，每张不超过 {rule.photo_most_bytes // 1000} kB。", remedy_zh="请减少或缩小照片。",
        )
    if any(_media_type(p) is None for p in photos):
        raise InvalidInput("A photo is not a JPEG, PNG or WebP picture.", remedy="Send the photo as the camera took it.",
                           zh="照片不是 JPEG、PNG 或 WebP 格式。", remedy_zh="请直接发送拍摄的照片。")


def _media_type(content: bytes) -> str | None:
    return next((kind for mark, kind in PICTURES.items() if content.startswith(mark)), None)


def counted(code: str, lines: Iterable[Mapping[str, Any]], differences: Mapping[str, Counted]) -> list[dict[str, Any]]:
    """Every line with its good, damaged and short units; one left out of ``differences`` came whole.

    ``InvalidInput`` for a line that is not among them, or more units than were sent.
    """
    lines = list(lines)
    strange = sorted(set(differences) - {line["id"] for line in lines})
    if strange:
        raise InvalidInput(
            f"Waybill {code} has no line {', '.join(strange)} to be received here.", remedy="Reload the page and count again.",
            zh=f"运单 {code} 在此站没有第 {'、'.join(strange)} 行待收。", remedy_zh="请刷新页面后重新清点。",
        )
    found = []
    for line in lines:
        sent, given = line["quantity"], differences.get(line["id"], Counted(line["quantity"]))
        if given.good < 0 or given.damaged < 0 or given.good + given.damaged > sent:
            raise InvalidInput(
                f"Line {line['id']} of {code}: {given.good} received, {given.damaged} damaged, but {sent} were sent.",
                remedy="Count again; surplus goods are booked in as a receipt of their own.",
                zh=f"运单 {code} 第 {line['id']} 行：完好 {given.good}、破损 {given.damaged}，但只发出 {sent}。",
                remedy_zh="请重新清点；多出的物资应另行办理入库。",
            )
        found.append({
            "id": line["id"], "item": line["item"], "lot": line["lot"], "sent": sent, "good": given.good,
            "damaged": given.damaged, "short": sent - given.good - given.damaged, "why": given.why.strip()[:MOST_WORDS],
        })
    return found


def add_receipt(
    session: Session, code: str, signed: Signed, lines: Sequence[Mapping[str, Any]], who: tuple[str, datetime]
) -> Receipt | None:
    """Keep the receipt of one stop with its photos; None when one of its key or stop was kept before."""
    actor, now = who
    body = {"lines": list(lines), "words": signed.words.strip(), "signed_by": signed.signed_by.strip()}
    is_new = add_once(
        session, ReceiptRow, waybill=code, county=signed.county, signed_by=signed.signed_by.strip(),
        said_at=signed.said_at, recorded_at=now, actor=actor, body=canonical(body), content_hash=content_hash(body),
        submit_key=f"{code}:{signed.county}:{signed.submit_key}",
    )
    if not is_new:
        return None
    receipt = get_receipt(session, code, str(signed.county))
    assert receipt is not None
    for content in signed.photos:
        add_once(session, PhotoRow, receipt=receipt.id, media_type=_media_type(content), content=content,
                 sha256=hashlib.sha256(content).hexdigest())
    return receipt


def get_receipt(session: Session, code: str, county: str) -> Receipt | None:
    """The receipt of one stop, or None when it has not signed."""
    return next((r for r in list_receipts(session, code) if r.county == county), None)


def list_receipts(session: Session, code: str) -> list[Receipt]:
    """The receipts of a waybill, in the order they were signed."""
    rows = session.scalars(select(ReceiptRow).where(ReceiptRow.waybill == code).order_by(ReceiptRow.said_at, ReceiptRow.id))
    return [_value(row, session) for row in rows]


def _value(row: ReceiptRow, session: Session) -> Receipt:
    body = json.loads(row.body)
    photos = len(session.scalars(select(PhotoRow.id).where(PhotoRow.receipt == row.id)).all())
    return Receipt(row.id, row.waybill, row.county, row.signed_by, row.said_at, row.recorded_at, row.actor,
                   body["words"], tuple(body["lines"]), row.content_hash, photos)


def find_photo(session: Session, receipt: int, number: int) -> tuple[str, bytes] | None:
    """Media type and bytes of a receipt's photo, counted from 1; None when there is none."""
    query = select(PhotoRow).where(PhotoRow.receipt == receipt).order_by(PhotoRow.id).offset(number - 1).limit(1)
    row = session.scalars(query).first()
    return (row.media_type, row.content) if row else None


def stops_signed(session: Session, codes: Iterable[str]) -> set[tuple[str, str]]:
    """(waybill, county) of every stop that has signed."""
    rows = session.execute(select(ReceiptRow.waybill, ReceiptRow.county).where(ReceiptRow.waybill.in_(list(codes))))
    return {(waybill, county) for waybill, county in rows}
