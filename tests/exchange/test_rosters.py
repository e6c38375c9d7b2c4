"""Roster sheets: faults with their place, one transaction, exact undo, the round trip, forgetting."""

import io
import time
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine, func, select

from dispatch.db import reading, transaction
from dispatch.errors import Conflict, Refused
from dispatch.exchange.export import to_csv, to_xlsx
from dispatch.exchange.roster_rows import COLUMNS, roster_columns, roster_rows
from dispatch.exchange.rosters import forget_uploads
from dispatch.exchange.tables import UploadRow
from dispatch.exchange.uploads import Upload, commit, get_upload, preview, show_upload, undo
from dispatch.teams.gear import Drill, record_drill
from dispatch.teams.model import Certificate, MemberStatus
from dispatch.teams.people import Person, correct, leave
from dispatch.teams.privacy import Viewer, shown_to
from dispatch.teams.proofs import add_certificate
from dispatch.teams.rules import load_team_rule
from dispatch.teams.store import list_rosters
from dispatch.teams.tables import CertificateRow, MemberRow
from tests.exchange.test_uploads import xlsx
from tests.teams.desk import HH, TL, Desk

HEAD = [names[0] for names in COLUMNS.values()]
WANG: list[Any] = [TL, "王小明", "志愿者", "13811110001", "驾驶员、医护", "汉语，蒙古语", "救护员", date(2021, 1, 1), None, "JH-1"]
LI: list[Any] = [TL, "李四", "专职", 13811110002, "队长", "", None, None, None, None]
RULE = load_team_rule()


@pytest.fixture
def desk(bare: Engine) -> Desk:
    return Desk(bare)


def put(desk: Desk, rows: list[list[Any]], actor: str = "tl-plan", head: list[str] | None = None) -> dict[str, Any]:
    return put_raw(desk, xlsx(rows, head or HEAD), actor)


def put_raw(desk: Desk, raw: bytes, actor: str = "tl-plan") -> dict[str, Any]:
    code = preview(desk.engine, Upload("roster", "王小明的名册.xlsx", raw), actor, desk.clock)
    with reading(desk.engine) as session:
        return get_upload(session, code)


def book(desk: Desk, found: dict[str, Any], actor: str = "tl-plan2") -> None:
    assert found["errors"] == []
    commit(desk.engine, found["code"], actor, desk.clock)


def changed(row: list[Any], **cells: Any) -> list[Any]:
    return [cells.get(name, value) for name, value in zip(COLUMNS, row, strict=True)]


def everything(desk: Desk) -> list[tuple[Any, ...]]:
    """All rows of members and certificates, to the last field."""
    with reading(desk.engine) as session:
        return [
            tuple(getattr(row, c.name) for c in kind.__table__.columns)
            for kind, key in ((MemberRow, MemberRow.code), (CertificateRow, CertificateRow.id))
            for row in session.scalars(select(kind).order_by(key))
        ]


def test_preview_writes_nothing_booking_writes_all(desk: Desk) -> None:
    second = changed(WANG, roles="", languages="", skill="driving_b", issued_on="2020年3月1日", expires_on="长期", number="")
    found = put(desk, [WANG, second, LI])
    assert found["status"] == "previewed" and len(found["rows"]) == 3 and desk.roster().members == ()
    with pytest.raises(Refused, match="another|uploaded"):
        commit(desk.engine, found["code"], "tl-plan", desk.clock)
    book(desk, found)
    wang, li = desk.roster().members
    assert (wang.name, wang.phone, wang.roles, wang.languages) == ("王小明", "13811110001", ("driver", "medic"), ("zh", "mn"))
    assert [(c.skill, c.expires_on) for c in wang.certificates] == [("first_aid", date(2024, 1, 1)), ("driving_b", None)]
    assert (li.kind, li.roles, li.languages, li.phone) == ("staff", ("leader",), ("zh",), "13811110002")
    assert {m.status for m in (wang, li)} == {MemberStatus.ACTIVE}
    with pytest.raises(Conflict):
        commit(desk.engine, found["code"], "tl-plan2", desk.clock)
    assert desk.acts(wang.code) == ["member.import"] and "王" not in desk.audit_text()


@pytest.mark.parametrize("row,column,words", [
    (changed(WANG, team="RT-000000"), "救援队", "无法使用"),
    (changed(WANG, team=HH), "救援队", "管辖"),
    (changed(WANG, team=None), "救援队", "不能为空"),
    (changed(WANG, name=""), "姓名", "不能为空"),
    (changed(WANG, name="王*"), "姓名", "脱敏"),
    (changed(WANG, kind="临时"), "类别", "专职"),
    (changed(WANG, phone="138****0001"), "电话", "脱敏"),
    (changed(WANG, phone="=1+1"), "电话", "公式"),
    (changed(WANG, roles="队长、国王"), "职责", "国王"),
    (changed(WANG, languages="火星语"), "语言", "火星语"),
    (changed(WANG, skill="飞行"), "技能", "飞行"),
    (changed(WANG, skill=None), "技能", "证书须有"),
    (changed(WANG, issued_on=None), "发证日期", "证书须有"),
    (changed(WANG, issued_on="去年"), "发证日期", "不是日期"),
    (changed(WANG, issued_on=date(2022, 1, 1)), "发证日期", "今天"),
    (changed(WANG, expires_on=date(2020, 12, 31)), "有效期至", "发证日期"),
    (changed(WANG, expires_on="2024-13-01"), "有效期至", "不是日期"),
    (changed(WANG, number="x" * 61), "证书编号", "60"),
])
def test_faults_with_row_and_column_quarantine_the_sheet(desk: Desk, row: list[Any], column: str, words: str) -> None:
    found = put(desk, [LI, row])
    assert found["status"] == "quarantined" and [r["row"] for r in found["rows"]] == [2]
    (fault,) = found["errors"]
    assert (fault["row"], fault["column"]) == (3, column) and words in fault["zh"] and fault["en"]
    with pytest.raises(Conflict):
        commit(desk.engine, found["code"], "tl-plan2", desk.clock)


def test_missing_columns_and_files_that_cannot_be_read(desk: Desk) -> None:
    assert "电话" in put(desk, [[TL, "王"]], head=["救援队", "姓名"])["errors"][0]["zh"]
    for raw in (b"PK\x03\x04broken", b"", b"\xd0\xcf\x11\xe0old"):
        found = put_raw(desk, raw)
        assert found["status"] == "quarantined" and found["errors"][0]["zh"]


def test_nobody_is_in_two_teams(desk: Desk) -> None:
    found = put(desk, [WANG, changed(WANG, team=HH, skill="radio")], "duty")
    assert [(f["row"], f["column"]) for f in found["errors"]] == [(3, "救援队")] and TL in found["errors"][0]["zh"]
    desk.member(HH, phone="13811110001")
    found = put(desk, [WANG])
    assert [(f["row"], f["column"]) for f in found["errors"]] == [(2, "救援队")] and HH in found["errors"][0]["zh"]


def test_rows_of_one_person_agree(desk: Desk) -> None:
    found = put(desk, [WANG, changed(WANG, skill="radio", name="王大明"), WANG])
    assert [(f["row"], f["column"]) for f in found["errors"]] == [(3, "姓名"), (4, "技能")]
    desk.member(phone="13811110002", name="原来的人")
    assert [f["column"] for f in put(desk, [LI])["errors"]] == ["姓名"]


def test_undo_puts_everybody_back_exactly(desk: Desk) -> None:
    code = desk.member(phone="13811110001", name="王小明", roles=("技术员",), languages=("mn",))
    add_certificate(desk.engine, code, Certificate("first_aid", date(2021, 1, 1), date(2022, 2, 2), "会", "OLD"), "tl-plan", desk.clock)
    before = everything(desk)
    found = put(desk, [WANG, changed(WANG, skill="通信"), LI])
    book(desk, found)
    now = desk.one(code)
    assert len(desk.roster().members) == 2 and now.roles == ("driver", "medic")
    assert [(c.skill, c.number) for c in now.certificates] == [("first_aid", "JH-1"), ("radio", "JH-1")]
    undo(desk.engine, found["code"], "tl-plan", desk.clock)
    assert everything(desk) == before
    with pytest.raises(Conflict):
        undo(desk.engine, found["code"], "tl-plan", desk.clock)
    imported = {m for m in ("TM-000001", "TM-000002", "TM-000003") if "member.import" in desk.acts(m)}
    assert len(imported) == 2 and desk.ask() not in imported


@pytest.mark.parametrize("change", ["correct", "leave", "certificate", "drill"])
def test_undo_is_refused_when_somebody_changed_since(desk: Desk, change: str) -> None:
    found = put(desk, [WANG, LI])
    book(desk, found)
    code = desk.roster().members[0].code
    {
        "correct": lambda: correct(desk.engine, code, Person("王小明", "staff", "13811110001"), "tl-plan", desk.clock),
        "leave": lambda: leave(desk.engine, code, "tl-plan", desk.clock),
        "certificate": lambda: add_certificate(desk.engine, code, Certificate("radio", date(2021, 1, 1), None), "tl-plan", desk.clock),
        "drill": lambda: record_drill(desk.engine, Drill(TL, date(2021, 11, 1), "集结", (code,)), "tl-plan", desk.clock),
    }[change]()
    before = everything(desk)
    with pytest.raises(Conflict, match=code) as caught:
        undo(desk.engine, found["code"], "tl-plan", desk.clock)
    assert caught.value.remedy_zh and everything(desk) == before


def test_who_was_taken_in_elsewhere_between_preview_and_booking(desk: Desk) -> None:
    found = put(desk, [WANG, LI])
    desk.member(HH, phone="13811110001")
    before = everything(desk)
    with pytest.raises(Conflict):
        commit(desk.engine, found["code"], "tl-plan2", desk.clock)
    assert everything(desk) == before


def test_a_roster_is_seen_and_booked_by_planners_of_the_place(desk: Desk) -> None:
    found = put(desk, [WANG])
    for actor in ("store", "viewer", "tl-store", "hh-plan", "horqin"):
        with reading(desk.engine) as session, pytest.raises(Refused):
            show_upload(session, found["code"], actor)
        with pytest.raises(Refused):
            commit(desk.engine, found["code"], actor, desk.clock)
    with reading(desk.engine) as session:
        assert show_upload(session, found["code"], "duty")["rows"] == found["rows"]
    for actor in ("store", "tl-view"):
        with pytest.raises(Refused):
            put(desk, [WANG], actor)


def export(desk: Desk, viewer: Viewer) -> list[dict[str, Any]]:
    with reading(desk.engine) as session:
        return roster_rows(list_rosters(session), RULE, lambda r, m: shown_to(viewer, r.team, m))


@pytest.mark.parametrize("write", [to_xlsx, to_csv])
def test_an_export_reads_back_in_and_changes_nothing(desk: Desk, write: Any) -> None:
    book(desk, put(desk, [WANG, changed(WANG, skill="radio", expires_on="长期"), changed(LI, phone="0475-8212345")]))
    before = everything(desk)
    found = put_raw(desk, write(roster_columns(), export(desk, Viewer("tl-plan", "planner", "150500"))))
    assert len(found["rows"]) == 3
    book(desk, found)
    assert everything(desk) == before


def test_a_masked_export_shows_nobody_and_does_not_read_back(desk: Desk) -> None:
    book(desk, put(desk, [WANG]))
    rows = export(desk, Viewer("v", "viewer", "150000"))
    assert "王小明" not in str(rows) and "13811110001" not in str(rows) and "JH-1" not in str(rows)
    assert put_raw(desk, to_xlsx(roster_columns(), rows))["status"] == "quarantined"


def test_a_sheet_that_is_far_too_long_is_told_soon(desk: Desk) -> None:
    line = f"{TL},王,志愿者,13811110001,,,,,,\n"
    began = time.monotonic()
    found = put_raw(desk, (",".join(HEAD) + "\n" + line * 100_000).encode())
    assert time.monotonic() - began < 10
    assert "20,000" in found["errors"][0]["zh"] and found["rows"] == []


def test_thousands_of_people_are_read_and_booked_in_seconds(desk: Desk) -> None:
    lines = "".join(f"{TL},王{n},志愿者,139{n:08d},,,救护员,2021-01-01,,\n" for n in range(5_000))
    began = time.monotonic()
    book(desk, put_raw(desk, (",".join(HEAD) + "\n" + lines).encode()))
    assert time.monotonic() - began < 60
    with reading(desk.engine) as session:
        assert session.scalar(select(func.count()).select_from(MemberRow)) == 5_000


def test_merged_cells_are_refused_as_in_other_sheets(desk: Desk) -> None:
    book_, out = Workbook(), io.BytesIO()
    assert book_.active
    for row in (HEAD, WANG, WANG):
        book_.active.append(row)
    book_.active.merge_cells("B2:B3")
    book_.save(out)
    assert "合并" in put_raw(desk, out.getvalue())["errors"][0]["zh"]


def test_old_roster_sheets_are_emptied(desk: Desk) -> None:
    kept, old = put(desk, [WANG]), put(desk, [LI])
    book(desk, old)
    with transaction(desk.engine) as session:
        row = session.get(UploadRow, kept["code"])
        assert row
        row.made_at += timedelta(days=1)
        due = desk.clock.now() + timedelta(days=RULE.retention_days)
        assert forget_uploads(session, due - timedelta(seconds=1)) == []
        assert forget_uploads(session, due) == [old["code"]] and forget_uploads(session, due) == []
    with reading(desk.engine) as session:
        row = session.get(UploadRow, old["code"])
        assert row and (row.raw, row.rows, row.errors, row.former, row.file_name) == (b"", "[]", "[]", "[]", "")
    with pytest.raises(Conflict, match="no longer kept"):
        undo(desk.engine, old["code"], "tl-plan", desk.clock)
