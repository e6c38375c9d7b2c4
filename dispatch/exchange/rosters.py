"""A roster sheet into the rosters in one piece, back out of them exactly, and forgotten in time."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from dispatch.accounts.store import get_account, get_person
from dispatch.audit.store import Act, record
from dispatch.clock import Clock, to_local
from dispatch.errors import Conflict, Refused
from dispatch.exchange.roster_rows import KIND, Here, read_roster
from dispatch.exchange.rows import Fault
from dispatch.exchange.sheets import Sheet
from dispatch.exchange.tables import UploadRow
from dispatch.teams.access import HERE, check_manages, code_of, get_team, next_number, viewer_of
from dispatch.teams.model import MemberStatus
from dispatch.teams.privacy import PLANNERS, is_at_or_below
from dispatch.teams.rules import load_team_rule
from dispatch.teams.store import list_teams
from dispatch.teams.tables import (
    AttendanceRow,
    CertificateRow,
    MemberRow,
    MusterRow,
    NextOfKinRow,
)

ACTOR = "retention"
MOST_NAMED = 10
MEMBER_FIELDS = ("team_code", "name", "kind", "status", "phone", "roles", "languages", "account")
PROOF_FIELDS = ("id", "skill", "issued_on", "expires_on", "issuer", "number")
State = dict[str, Any]
"""A member with certificates as JSON keeps them."""


def check_may_see(session: Session, made_by: str, actor: str) -> None:
    """``Refused`` unless a planner or above, at or above the place of who uploaded the sheet."""
    account, maker = get_account(session, actor), get_person(session, made_by)
    if account["role"] not in PLANNERS or not is_at_or_below(maker["place"], account["place"]):
        raise Refused(f"The role {account['role']} at {account['place']} may not see this roster.",
                      remedy="Ask a planner of the league or of the region.",
                      zh=f"{account['place']} 的角色 {account['role']} 不能查看这份名册。",
                      remedy_zh="请由该盟市或自治区的计划员、审批人或管理员操作。")


def read_for(session: Session, sheet: Sheet, actor: str, clock: Clock) -> tuple[list[dict[str, Any]], list[Fault]]:
    """The records and faults of a roster sheet, held against the rosters as they are now."""
    viewer, teams = viewer_of(session, actor), list_teams(session)
    people = select(MemberRow.phone, MemberRow.team_code, MemberRow.name).where(MemberRow.status.in_(HERE))
    return read_roster(sheet, Here(
        load_team_rule(), to_local(clock.now()).date(), {t.code: (t.name_zh, t.name_en) for t in teams},
        frozenset(t.code for t in teams if viewer.manages(t)),
        {phone: (team, name) for phone, team, name in session.execute(people) if phone},
    ))


def book(session: Session, upload: UploadRow, actor: str, clock: Clock) -> list[dict[str, Any]]:
    """Write a sheet's members and certificates; returns what was before and after, for undoing.

    A sheet makes people active at once, so a person other than the uploader books it.  What the
    sheet does not name stays as it is.
    """
    check_may_see(session, upload.made_by, actor)
    if upload.made_by == actor:
        raise Refused(f"{actor} uploaded the roster and cannot book it as well.", remedy="Another person has to.",
                      zh=f"{actor} 是名册的上传人，不能自己入账。", remedy_zh="请由另一人入账。")
    records = json.loads(upload.rows)
    viewer = viewer_of(session, actor)
    for code in sorted({r["team"] for r in records}):
        check_manages(viewer, get_team(session, code))
    people: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in records:
        people[one["phone"]].append(one)
    known = {m.phone: m for m in session.scalars(
        select(MemberRow).where(MemberRow.status.in_(HERE)).with_for_update()) if m.phone in people}
    proofs = _proofs_of(session, [m.code for m in known.values()])
    before = {m.code: _state(m, proofs[m.code]) for m in known.values()}
    members = _write_members(session, upload, (people, known), actor, clock)
    for member, rows in members:
        _write_proofs(session, member, rows, proofs[member.code])
    session.flush()
    for member, _ in members:
        record(session, Act(actor, "member.import", member.code, member.team_code), clock.now())
    return [{"code": m.code, "before": before.get(m.code), "after": _state(m, proofs[m.code])} for m, _ in members]


def _write_members(
    session: Session, upload: UploadRow, people: tuple[Mapping[str, list[dict[str, Any]]], Mapping[str, MemberRow]],
    actor: str, clock: Clock,
) -> list[tuple[MemberRow, list[dict[str, Any]]]]:
    found = []
    number = next_number(session)
    for phone, rows in people[0].items():
        first, member = rows[0], people[1].get(phone)
        if member is None:
            member = MemberRow(
                code=code_of(number), team_code=first["team"], name=first["name"], kind=first["kind"],
                status=MemberStatus.ACTIVE.value, phone=phone, roles=first["roles"] or "member",
                languages=first["languages"] or "zh", applied_at=upload.made_at, applied_by=upload.made_by,
                reviewed_at=clock.now(), reviewed_by=actor, review_note=upload.code,
            )
            number += 1
            session.add(member)
        elif (member.team_code, member.name) != (first["team"], first["name"]):
            raise _moved_on(upload.code, [member.code])
        else:
            member.kind = first["kind"]
            member.roles, member.languages = first["roles"] or member.roles, first["languages"] or member.languages
        found.append((member, rows))
    session.flush()
    return found


def _write_proofs(session: Session, member: MemberRow, rows: Iterable[dict[str, Any]], known: list[CertificateRow]) -> None:
    for one in rows:
        if not one.get("skill"):
            continue
        issued = date.fromisoformat(one["issued_on"])
        row = next((c for c in known if (c.skill, c.issued_on) == (one["skill"], issued)), None)
        if row is None:
            row = CertificateRow(member=member.code, skill=one["skill"], issued_on=issued, issuer="", number="")
            session.add(row)
            known.append(row)
        row.expires_on = date.fromisoformat(one["expires_on"]) if one["expires_on"] else None
        row.number = one["number"] or row.number


def undo_booking(session: Session, upload: UploadRow, actor: str, clock: Clock) -> None:
    """Put every member back as they were before the sheet; refused whole when one changed since."""
    check_may_see(session, upload.made_by, actor)
    if not upload.raw:
        raise Conflict(f"What {upload.code} held is no longer kept.", remedy="Change the members one by one.",
                       zh=f"{upload.code} 的内容已过保存期限，不再保存。", remedy_zh="请逐人更改。")
    steps = json.loads(upload.former)
    teams = {s["after"]["team_code"] for s in steps}
    members = {m.code: m for m in session.scalars(
        select(MemberRow).where(MemberRow.team_code.in_(teams)).with_for_update())}
    proofs = _proofs_of(session, [s["code"] for s in steps])
    busy = _referred(session)
    changed = [
        s["code"] for s in steps
        if s["code"] not in members or _state(members[s["code"]], proofs[s["code"]]) != s["after"]
        or (s["before"] is None and s["code"] in busy)
    ]
    if changed:
        raise _moved_on(upload.code, changed)
    viewer = viewer_of(session, actor)
    for code in sorted(teams):
        check_manages(viewer, get_team(session, code))
    for step in steps:
        _restore(session, members[step["code"]], proofs[step["code"]], step["before"])
        record(session, Act(actor, "member.import_undone", step["code"], upload.code), clock.now())
    session.flush()


def _referred(session: Session) -> set[str]:
    """Members whom drills, deployments or next of kin hang on."""
    return {code for column in (AttendanceRow.member, MusterRow.member, NextOfKinRow.member)
            for code in session.scalars(select(column).distinct())}


def _restore(session: Session, member: MemberRow, proofs: list[CertificateRow], before: State | None) -> None:
    former = {} if before is None else {c["id"]: c for c in before["certificates"]}
    for proof in proofs:
        if proof.id not in former:
            session.execute(delete(CertificateRow).where(CertificateRow.id == proof.id))
        else:
            ends = former[proof.id]["expires_on"]
            proof.expires_on, proof.number = date.fromisoformat(ends) if ends else None, former[proof.id]["number"]
    if before is None:
        session.delete(member)
    else:
        member.kind, member.roles, member.languages = before["kind"], before["roles"], before["languages"]


def forget_uploads(session: Session, now: datetime) -> list[str]:
    """Empty the roster sheets older than the rule keeps personal data; returns their codes."""
    limit = now - timedelta(days=load_team_rule().retention_days)
    rows = list(session.scalars(select(UploadRow).where(
        UploadRow.kind == KIND, UploadRow.made_at <= limit, UploadRow.raw != b"").order_by(UploadRow.code)))
    for row in rows:
        row.raw, row.rows, row.errors, row.former, row.file_name = b"", "[]", "[]", "[]", ""
        if row.status == "previewed":
            row.status = "quarantined"
        record(session, Act(ACTOR, "upload.erase", row.code), now)
    session.flush()
    return [row.code for row in rows]


def _proofs_of(session: Session, codes: Iterable[str]) -> dict[str, list[CertificateRow]]:
    wanted = set(codes)
    found: dict[str, list[CertificateRow]] = defaultdict(list)
    for row in session.scalars(select(CertificateRow).order_by(CertificateRow.id)):
        if row.member in wanted:
            found[row.member].append(row)
    return found


def _state(member: MemberRow, proofs: Iterable[CertificateRow]) -> State:
    told = {name: getattr(member, name) for name in MEMBER_FIELDS}
    listed = [{name: getattr(p, name) for name in PROOF_FIELDS} for p in proofs]
    state: State = json.loads(json.dumps({**told, "certificates": listed}, default=str))
    return state


def _moved_on(code: str, members: list[str]) -> Conflict:
    listed = ", ".join(members[:MOST_NAMED]) + (" …" if len(members) > MOST_NAMED else "")
    return Conflict(
        f"{code}: these members were changed since: {listed}. Nothing was touched.", remedy="Change the members one by one.",
        zh=f"{code}：以下队员此后有过改动：{listed}。没有任何改动。", remedy_zh="请在队伍页面逐人处理。")
