"""Calling members: each gets a link of their own by message; only the digest of its key is kept."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.audit.store import Act, record
from dispatch.clock import to_local
from dispatch.errors import Conflict, DispatchError, InvalidInput, Unavailable
from dispatch.geography.store import list_names
from dispatch.notices.model import Channel, Kind, OutMessage, Urgency
from dispatch.teams.deployment import CALLING, STATE_NAMES
from dispatch.teams.deployment_store import get_row
from dispatch.teams.logbook import Entry, clean_key, is_written, write
from dispatch.teams.model import DeploymentState, LogKind, MemberStatus, Muster
from dispatch.teams.operations import check_desk, get_team, set_state
from dispatch.teams.tables import DeploymentRow, MemberRow, MusterRow
from dispatch.words import Words

KEY_BYTES = 24
SETTLED = (Muster.MUSTERED, Muster.BACK)


@dataclass(frozen=True, slots=True)
class Call:
    """Whom to call: the members named, or all active ones that were not called yet."""

    deployment: str
    submit_key: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summons:
    """A message for one member; the key is nowhere else."""

    deployment: str
    member: str
    phone: str | None
    key: str = field(repr=False)
    words: Words


def digest_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def call_members(session: Session, call: Call, actor: str, at: datetime) -> tuple[Summons, ...]:
    """Give each member a new key and note that they are called; nothing when the form comes twice.

    Calling again makes the former link of a member void.  The first call begins the mustering.
    """
    row = get_row(session, call.deployment, lock=True)
    team = get_team(session, row.team_code)
    check_desk(session, actor, team)
    submit_key = f"call:{row.code}:{clean_key(call.submit_key)}"
    if is_written(session, submit_key):
        return ()
    if DeploymentState(row.state) not in CALLING:
        zh, en = STATE_NAMES[DeploymentState(row.state)]
        raise Conflict(f"{row.code} is {en}; nobody is called any more.", remedy="Send another team.",
                       zh=f"{row.code} 当前{zh}，不再召集队员。", remedy_zh="请派出其他队伍。")
    people = _chosen(session, row, call.members)
    write(session, Entry(row.code, LogKind.CALL, at, actor, submit_key, {"members": [m.code for m in people]}), at)
    words = _words(session, row)
    summons = tuple(_summon(session, row.code, member, words, at) for member in people)
    if row.state == DeploymentState.ALERTED:
        set_state(session, row, team, DeploymentState.MUSTERING, at)
        write(session, Entry(row.code, LogKind.STATE, at, actor, f"state:{row.code}:{row.version}", {"state": row.state}), at)
    record(session, Act(actor, "deployment.call", row.code, f"{len(summons)} members"), at)
    return summons


def _chosen(session: Session, row: DeploymentRow, named: Sequence[str]) -> list[MemberRow]:
    # held, so that nobody is called who moves to another team or pauses at this moment
    active = {
        m.code: m for m in session.scalars(
            select(MemberRow).where(MemberRow.team_code == row.team_code, MemberRow.status == MemberStatus.ACTIVE.value)
            .order_by(MemberRow.code).with_for_update()
        )
    }
    said = dict(session.execute(select(MusterRow.member, MusterRow.muster).where(MusterRow.deployment == row.code)).all())
    unknown = sorted(set(named) - set(active))
    if unknown:
        raise InvalidInput(
            f"{', '.join(unknown)}: no active member of {row.team_code}.", remedy="Choose from the list.",
            zh=f"{'、'.join(unknown)} 不是 {row.team_code} 的在册队员。", remedy_zh="请从名单中选择。",
        )
    wanted = [m for m in named if said.get(m) not in SETTLED] if named else [m for m in active if m not in said]
    if not wanted:
        raise Conflict(
            f"There is nobody left to call for {row.code}.", remedy="Name those to be called again, or fill the roster.",
            zh=f"{row.code} 没有可召集的队员。", remedy_zh="请选择需再次召集的队员，或先补充名册。",
        )
    return [active[code] for code in sorted(set(wanted))]


def _summon(session: Session, deployment: str, member: MemberRow, words: Words, at: datetime) -> Summons:
    key = secrets.token_urlsafe(KEY_BYTES)
    row = session.get(MusterRow, (deployment, member.code))
    if row is None:
        session.add(MusterRow(deployment=deployment, member=member.code, muster=Muster.CALLED.value,
                              key_sha256=digest_of(key), called_at=at))
    else:
        row.key_sha256, row.called_at = digest_of(key), at
    session.flush()
    return Summons(deployment, member.code, member.phone, key, words)


def _words(session: Session, row: DeploymentRow) -> Words:
    zh, en = list_names(session)[row.county]
    by = f"{to_local(row.muster_by):%m-%d %H:%M}"
    return Words(
        "deployment.call", f"救援队集结：前往{zh}，请于 {by} 前到集结点，并点开链接回复能否参加。",
        f"Relief team called: to {en}, muster by {by}; open the link and say whether you come.",
    )


def send_summons(
    channels: Sequence[Channel], summons: Sequence[Summons], base_url: str, at: datetime
) -> tuple[tuple[str, ...], str]:
    """Send each link to its member's telephone by the channel to other systems (a gateway for
    short messages); answers who was reached, and what went wrong last.

    Not by the outbox: what waits there is kept word for word, and a key must not be.
    """
    way = next((c for c in channels if c.name == "webhook"), None)
    sent: list[str] = []
    trouble = ""
    for one in summons if way else ():
        if not one.phone:
            continue
        try:
            way.send([_message(one, base_url, at)])  # type: ignore[union-attr]
        except Unavailable as error:
            # the far side does not work: the others would only wait for nothing
            return tuple(sent), error.message_zh
        except DispatchError as error:
            trouble = error.message_zh
            continue
        sent.append(one.member)
    return tuple(sent), trouble


def _message(one: Summons, base_url: str, at: datetime) -> OutMessage:
    return OutMessage(
        address=one.phone or "", kind=Kind.WORK.value, words=one.words, subject=one.deployment,
        link=f"{base_url}/my/{one.key}", urgency=Urgency.NOW, dedupe_key=f"call:{digest_of(one.key)[:32]}",
        is_exercise=False, posted_at=at,
    )


def note_sent(session: Session, deployment: str, sent: Sequence[str], summons: Sequence[Summons], at: datetime) -> None:
    """Write into the book who was reached by message and who has to be called by voice."""
    unsent = [s.member for s in summons if s.member not in sent]
    detail = {"sent": list(sent), "unsent": unsent}
    write(session, Entry(deployment, LogKind.CALL, at, "system", f"sent:{deployment}:{uuid.uuid4().hex}", detail), at)
