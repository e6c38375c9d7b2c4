"""Rosters through their pages: who sees what, forms, sheets, both languages."""

import io
import re
from collections.abc import Callable

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, select

from dispatch.accounts.tables import AccountRow
from dispatch.audit.tables import AuditRow
from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.exchange.roster_rows import COLUMNS
from dispatch.scenes import proposal_scene
from dispatch.teams.model import MemberStatus
from dispatch.teams.tables import MemberRow
from tests.conftest import NOW
from tests.exchange.test_uploads import xlsx
from tests.web.conftest import Person

LogIn = Callable[[str], Person]
TEAM = "RT-150500"
PAGE = f"/teams/{TEAM}"
PHONE = "13812349876"
PAGES = ("/teams/", "/teams/?league=150500&speciality=relief", PAGE, f"{PAGE}/apply", "/teams/calendar",
         "/teams/waiting", "/teams/new", "/uploads/")


@pytest.fixture
def hands(demo: Engine) -> Engine:
    """The demo with people of leagues beside those of the region; all share the demo's password."""
    with transaction(demo) as session:
        duty = session.get(AccountRow, "duty")
        assert duty
        session.add_all(AccountRow(name=n, display_zh=n, role=r, place=p, password_hash=duty.password_hash, is_demo=False)
                        for n, r, p in (("tl", "planner", "150500"), ("hh", "planner", "150100")))
    return demo


def join(person: Person, **fields: str) -> str:
    """Apply for somebody; the new member's code."""
    base = {"name": "王小明", "kind": "volunteer", "phone": PHONE, "roles": "driver", "languages": "zh"}
    answer = person.post(f"{PAGE}/apply", f"{PAGE}/apply", **{**base, **fields})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    found = re.search(r"TM-\d{6}", re.findall(r'<p class="flash.*?</p>', person.get(PAGE))[0])
    assert found
    return found.group()


@pytest.mark.parametrize("path", PAGES)
def test_pages_load_nothing_from_elsewhere_and_have_no_bare_scripts(log_in: LogIn, path: str) -> None:
    page = log_in("duty").get(path)
    assert not re.findall(r"(?:src|href)=[\"'](?:https?:)?//", page) and "<script>" not in page
    assert 'href="/teams/"' in page


def test_english_pages_have_no_chinese_words_of_ours(log_in: LogIn) -> None:
    person = log_in("duty")
    person.get("/?lang=en")
    for path in (*PAGES, "/teams/members/TM-000041"):
        page = re.sub(r"<script.*?</script>|<option.*?</option>", "", person.get(path), flags=re.S)
        own = re.sub(r"值班员（演示）|中文|演示队员\d+|演示：?|冬季集结和发放训练|蒙A演\d+|[（）、]", "", re.sub(r"<[^>]+>", " ", page))
        assert not re.findall(r"[一-鿿]+", own), path


def test_the_board_filters_and_shows_demo_figures(log_in: LogIn) -> None:
    viewer = log_in("viewer")
    page = viewer.get("/teams/")
    assert page.count("#readiness") == 15 and "10 / 10" in page and "8 / 10" in page
    assert viewer.get("/teams/?speciality=water").count("#readiness") == 1
    assert "没有符合条件" in viewer.get("/teams/?league=150300&speciality=water")
    assert "待审核申请" not in page and "待审核" not in page


def test_names_and_telephones_by_right(log_in: LogIn, hands: Engine) -> None:
    for name in ("tl", "duty"):
        page = log_in(name).get(PAGE)
        assert "演示队员01" in page and re.search(r"1000000\d{4}", page)
    for name in ("viewer", "store", "hh"):
        person = log_in(name)
        for path in (PAGE, f"/teams/calendar?team={TEAM}", "/teams/members/TM-000041"):
            page = person.get(path)
            assert "演示队员" not in page and not re.search(r"1000000\d{4}", page), (name, path)
        assert "演*" in person.get(PAGE) and "100****" in person.get(PAGE)
        answer = person.client.get(f"/teams/export?team={TEAM}")
        sheet = load_workbook(io.BytesIO(answer.data)).active
        assert sheet and {row[1] for row in sheet.iter_rows(min_row=3, values_only=True)} == {"演*"}


def test_the_calendar_opens_the_months_that_need_work(log_in: LogIn) -> None:
    page = log_in("duty").get("/teams/calendar")
    months = re.findall(r"<details( open)?><summary><strong>(\d{4}-\d{2})</strong>", page)
    assert [m for _, m in months] == sorted(m for _, m in months)
    assert {m for is_open, m in months if is_open} == {"2021-12"} and "2021-10" in {m for _, m in months}
    assert 'class="near"' in page.split("2021-12</strong>")[1].split("</details>")[0]


def test_comrades_see_each_other_and_export_masked(log_in: LogIn, demo: Engine) -> None:
    with transaction(demo) as session:
        member = session.scalars(select(MemberRow).where(MemberRow.team_code == TEAM, MemberRow.status == MemberStatus.ACTIVE)).first()
        assert member
        member.account = "viewer"
    viewer = log_in("viewer")
    assert "演示队员01" in viewer.get(PAGE) and "演示队员" not in viewer.get("/teams/RT-150100")
    assert "演示队员" not in viewer.client.get(f"/teams/export?download=csv&team={TEAM}").get_data(as_text=True)
    with reading(demo) as session:
        assert [(a.actor, a.subject) for a in session.scalars(select(AuditRow).where(AuditRow.action == "team.export"))] == [("viewer", TEAM)]


def test_from_application_to_certificate(log_in: LogIn) -> None:
    duty, approver, viewer = log_in("duty"), log_in("approver"), log_in("viewer")
    code = join(duty)
    assert "须由另一人审核" in duty.get("/teams/waiting")
    act = f"/teams/members/{code}"
    assert duty.post("/teams/waiting", f"{act}/review", answer="accept").status_code == 403
    assert viewer.client.get("/teams/waiting").status_code == 403
    assert approver.post("/teams/waiting", f"{act}/review", answer="maybe").status_code == 400
    assert approver.post("/teams/waiting", f"{act}/review", answer="refuse").status_code == 400
    assert approver.post("/teams/waiting", f"{act}/review", answer="accept").status_code == 302
    assert viewer.post(PAGE, f"{act}/certificates", skill="first_aid", issued_on="2021-01-01").status_code == 403
    assert duty.post(act, f"{act}/certificates", skill="first_aid", issued_on="").status_code == 400
    assert duty.post(act, f"{act}/certificates", skill="first_aid", issued_on="2021-01-01", number="A1").status_code == 302
    assert "2024-01-01" in duty.get(act) and "A1" in duty.get(act) and "A1<" not in viewer.get(act)
    number = re.search(r"/teams/certificates/(\d+)/remove", duty.get(act))
    assert number
    assert duty.post(act, number.group()).status_code == 302 and "2024-01-01" not in duty.get(act)
    assert duty.post(act, f"{act}/pause").status_code == 302 and duty.post(act, f"{act}/resume").status_code == 302
    assert duty.post(act, f"{act}/correct", name="王明", kind="staff", phone=PHONE, roles="medic").status_code == 302
    assert duty.post(act, f"{act}/move", to="RT-150100").status_code == 302 and "王明" in duty.get("/teams/RT-150100")
    assert duty.post(act, f"{act}/explode").status_code == 404
    assert duty.post(act, f"{act}/leave").status_code == 302 and duty.client.get(act).status_code == 404


def test_whom_a_planner_paused_sees_whom_to_ask(log_in: LogIn) -> None:
    viewer, duty, approver = log_in("viewer"), log_in("duty"), log_in("approver")
    code = join(viewer, is_self="1")
    act = f"/teams/members/{code}"
    assert approver.post("/teams/waiting", f"{act}/review", answer="accept").status_code == 302
    assert viewer.post(act, f"{act}/pause").status_code == 302 and f"{act}/resume" in viewer.get(act)
    assert viewer.post(act, f"{act}/resume").status_code == 302
    assert duty.post(act, f"{act}/pause").status_code == 302
    page = viewer.get(act)
    assert f"{act}/resume" not in page and "由他人暂停" in page
    assert viewer.post(act, f"{act}/resume").status_code == 403
    assert f"{act}/resume" in duty.get(act) and "由他人暂停" not in duty.get(act)
    assert duty.post(act, f"{act}/resume").status_code == 302 and f"{act}/pause" in viewer.get(act)


def test_what_was_typed_stays_when_something_is_wrong(log_in: LogIn) -> None:
    duty = log_in("duty")
    answer = duty.post(f"{PAGE}/apply", f"{PAGE}/apply", name="王某某", kind="staff", phone="123", roles="medic")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400 and 'value="王某某"' in page and re.search(r'value="medic" checked', page)
    answer = duty.post("/teams/new", "/teams/new", code="X1-TEAM", name_zh="蓝天救援队", staff="三", volunteers="1",
                       speciality="relief", home_county="150502")
    assert answer.status_code == 400 and 'value="蓝天救援队"' in answer.get_data(as_text=True)


def test_a_person_of_another_team_is_told_by_the_team(log_in: LogIn) -> None:
    duty = log_in("duty")
    join(duty)
    other = "/teams/RT-150100/apply"
    answer = duty.post(other, other, name="别名", kind="staff", phone=f"+86{PHONE}")
    assert answer.status_code == 400 and TEAM in answer.get_data(as_text=True) and "王小明" not in answer.get_data(as_text=True)


def test_the_next_of_kin_is_shown_once_and_recorded(log_in: LogIn, demo: Engine) -> None:
    duty = log_in("duty")
    act = f"/teams/members/{join(duty)}"
    assert duty.post(act, f"{act}/kin", kin_name="王大", relation="父亲", kin_phone="13700001111").status_code == 302
    assert "13700001111" not in duty.get(act)
    shown = duty.post(act, f"{act}/kin/read")
    assert shown.status_code == 200 and "13700001111" in shown.get_data(as_text=True) and "13700001111" not in duty.get(act)
    assert log_in("viewer").post(PAGE, f"{act}/kin/read").status_code == 403
    assert log_in("store").post(PAGE, f"{act}/kin/read").status_code == 403
    with reading(demo) as session:
        assert list(session.scalars(select(AuditRow.actor).where(AuditRow.action == "member.kin_read"))) == ["duty"]


def test_kit_vehicles_and_drills(log_in: LogIn, demo: Engine) -> None:
    store, viewer = log_in("store"), log_in("viewer")
    with reading(demo) as session:
        member = session.scalars(select(MemberRow.code).where(MemberRow.team_code == TEAM, MemberRow.status == "active")).first()
    good = {
        "kit": {"have-tent": "7", "have-radio": "", "checked_on": "2021-11-08"},
        "vehicles": {"plate": "蒙G·12345", "kind": "van", "seats": "", "checked_on": "2021-11-08", "is_fit": "1"},
        "drills": {"held_on": "2021-11-07", "title": "夜间集结", "members": str(member)},
    }
    bad = {"kit": {"have-tent": "-1"}, "vehicles": {"checked_on": "2021-11-31"}, "drills": {"members": "TM-999999"}}
    for what, fields in good.items():
        assert viewer.post(PAGE, f"{PAGE}/{what}", **fields).status_code == 403
        assert store.post(PAGE, f"{PAGE}/{what}", **{**fields, **bad[what]}).status_code == 400
        assert store.post(PAGE, f"{PAGE}/{what}", **fields).status_code == 302
    page = store.get(PAGE)
    assert '<td class="n">7</td>' in page and "蒙G12345" in page and '<td class="n">15</td>' in page and "夜间集结" in page
    assert "have-tent" not in viewer.get(PAGE)
    assert store.post(PAGE, f"{PAGE}/vehicles/remove", plate="蒙G12345").status_code == 302 and "蒙G12345" not in store.get(PAGE)


def test_an_outside_team_is_taken_in(log_in: LogIn) -> None:
    fields = {"code": "BLUE-1", "name_zh": "蓝天救援队", "organisation": "蓝天救援中心", "speciality": "search_rescue",
              "home_county": "150502", "staff": "2", "volunteers": "20"}
    assert log_in("viewer").post("/teams/new", "/teams/new", **fields).status_code == 403
    duty = log_in("duty")
    assert duty.post("/teams/new", "/teams/new", **fields).headers["Location"] == "/teams/BLUE-1"
    page = duty.get("/teams/BLUE-1")
    assert "还没有队员" in page and "还没有登记车辆" in page and "还没有训练记录" in page and "蓝天救援中心" in duty.get("/teams/")


def test_a_roster_sheet_through_the_uploads(log_in: LogIn, clock: FixedClock) -> None:
    duty, approver, viewer = log_in("duty"), log_in("approver"), log_in("viewer")
    raw = xlsx([[TEAM, "赵名册", "志愿者", "13811112222"]], [COLUMNS[c][0] for c in ("team", "name", "kind", "phone")])

    def send(person: Person):  # type: ignore[no-untyped-def]
        return person.post("/uploads/", "/uploads/", kind="roster", file=(io.BytesIO(raw), "名册.xlsx"))  # type: ignore[arg-type]

    assert duty.client.get("/uploads/template/roster.xlsx").status_code == 200
    assert send(viewer).status_code == 403 and send(log_in("store")).status_code == 403
    path = send(duty).headers["Location"]
    assert "名册.xlsx" not in viewer.get("/uploads/")
    assert "赵名册" in approver.get(path) and viewer.client.get(path).status_code == 403
    assert duty.post(path, f"{path}/commit").status_code == 403
    assert approver.post(path, f"{path}/commit").status_code == 302 and "赵名册" in duty.get(PAGE)
    assert duty.post(path, f"{path}/undo").status_code == 302 and "赵名册" not in duty.get(PAGE)


@pytest.mark.parametrize("path", ["/teams/NO-TEAM", "/teams/NO-TEAM/apply", "/teams/members/TM-999999"])
def test_what_is_not_there_is_told(log_in: LogIn, path: str) -> None:
    answer = log_in("duty").client.get(path)
    assert answer.status_code == 404 and "→" in answer.get_data(as_text=True)


def test_readiness_is_told_with_its_reasons_on_the_board_and_the_team(log_in: LogIn) -> None:
    viewer = log_in("viewer")
    board = viewer.get("/teams/")
    assert "各盟市备勤" in board and "支就绪" in board
    page = viewer.get("/teams/RT-150500")
    assert "最能提高备勤的事" in page and page.count("<meter") == 6 and "备勤 = 六项相乘" in page


def test_the_map_tells_the_readiness_of_teams_and_leagues(hands: Engine) -> None:
    with reading(hands) as session:
        layers = {layer.title: layer.items for layer in proposal_scene(session, None, "zh", NOW.date()).layers}
    said = {mark.text for mark in layers["盟市备勤"]}
    assert len(said) == 12 and any(text.startswith("通辽市 1/1 支就绪") for text in said)
    assert any(mark.text.startswith("通辽市红十字赈济救援队 备勤 85：") for mark in layers["救援队"])
