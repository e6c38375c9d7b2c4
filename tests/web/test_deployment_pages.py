"""Deployments through their pages: the desk's and the members' own."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from dispatch.clock import FixedClock
from dispatch.db import reading, run_in_transaction, transaction
from dispatch.teams.alarm import raise_overdue
from dispatch.teams.logbook import read_log
from tests.teams.conftest import make_member
from tests.web.conftest import TOKEN, Person

LogIn = Callable[[str], Person]
KEY = re.compile(r'name="key" value="(\w+)"')
FORM_KEY = re.compile(r'name="form_key" value="(\w+)"')
VERSION = re.compile(r'name="version" value="(\d+)"')
LINK = re.compile(r"/my/([\w-]+)")
BOARD = "/deployments/"


@pytest.fixture(autouse=True)
def people(demo: Engine) -> None:
    run_in_transaction(demo, lambda session: session.add_all([
        make_member("M-0001", roles="leader driver"), make_member("M-0002", account="viewer"), make_member("M-0003"),
    ]))


def field(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    assert found, page
    return found.group(1)


def send(person: Person, **fields: str):  # type: ignore[no-untyped-def]
    base = {"key": field(KEY, person.get(BOARD)), "team": "RT-150500", "county": "150522", "muster_h": "2", "travel_h": "3"}
    return person.post(BOARD, BOARD, **{**base, **fields})


def opened(person: Person) -> str:
    """The path of a deployment just opened."""
    return str(send(person).headers["Location"])


def called(person: Person, path: str, **fields: str) -> dict[str, str]:
    """Member → path of their page, in the order of their codes."""
    answer = person.post(path, f"{path}/call", key=field(KEY, person.get(path)), **fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store", page
    return {f"M-{n:04}": f"/my/{key}" for n, key in enumerate(dict.fromkeys(LINK.findall(page)), 1)}


def step(person: Person, path: str, target: str, note: str = ""):  # type: ignore[no-untyped-def]
    version = field(VERSION, person.get(path))
    return person.post(path, f"{path}/move", target=target, version=version, note=note)


def lines(engine: Engine, path: str, kind: str) -> list[dict]:
    with reading(engine) as session:
        return [line for line in read_log(session, path.rpartition("/")[2]) if line["kind"] == kind]


def test_an_empty_board_says_so(log_in: LogIn) -> None:
    page = log_in("duty").get(BOARD)
    assert "目前没有出队的救援队" in page and "派出队伍" in page
    assert "派出队伍" not in log_in("viewer").get(BOARD)


def test_a_team_is_sent_once_and_counts_down(log_in: LogIn) -> None:
    duty = log_in("duty")
    first, again = send(duty, key="same"), send(duty, key="same")
    assert first.status_code == 302 and first.headers["Location"] == again.headers["Location"]
    board = duty.get(BOARD)
    assert "通辽市红十字赈济救援队" in board and "集结时限" in board and "2021-11-09 01:00" in board
    assert 'class="countdown' in board and "countdown.js" in board
    assert "muster by" in duty.get(f"{BOARD}?lang=en")


@pytest.mark.parametrize(("fields", "status", "words"), [
    ({"muster_h": "two"}, 400, "集结时限（小时）"), ({"muster_h": ""}, 400, "整数"), ({"muster_h": "9999"}, 400, "240"),
    ({"county": "150500"}, 400, "不是旗县"), ({"team": "RT-0"}, 404, "没有编号"), ({"travel_h": "x"}, 400, "整数"),
])
def test_what_was_typed_wrong_is_named(log_in: LogIn, fields: dict[str, str], status: int, words: str) -> None:
    answer = send(log_in("duty"), **fields)
    assert answer.status_code == status and words in answer.get_data(as_text=True)


def test_a_team_that_is_out_and_a_person_who_may_not(log_in: LogIn) -> None:
    duty = log_in("duty")
    path = opened(duty)
    answer = send(duty)
    assert answer.status_code == 409 and path.rpartition("/")[2] in answer.get_data(as_text=True)
    viewer = log_in("viewer")
    page = viewer.get(path)
    shown = page.partition("</main>")[0]
    assert "队员M-0001" not in shown and "M-0001" in shown and "下一步" not in shown
    assert viewer.post(path, f"{path}/move", target="mustering", version="1").status_code == 403
    assert viewer.post(path, f"{path}/call", key="k").status_code == 403
    assert viewer.post(path, f"{path}/notes", key="k", text="x").status_code == 403
    assert viewer.post(path, f"{path}/check-ins", key="k").status_code == 403


def test_from_the_call_to_the_rest(log_in: LogIn, demo: Engine, clock: FixedClock) -> None:
    duty, phone = log_in("duty"), log_in("nobody")
    path = opened(duty)
    mine = called(duty, path)["M-0001"]
    assert "须电话通知" in duty.get(path)
    page = phone.get(mine)
    assert "我参加" in page and ">报平安<" not in page and "科尔沁左翼后旗" in page
    phone.post(mine, f"{mine}/answer", answer="coming")
    phone.post(mine, f"{mine}/answer", answer="mustered")
    assert step(phone, mine, "en_route").status_code == 302
    assert step(duty, path, "on_site").status_code == 302
    page = duty.get(path)
    assert "任务期至" in page and "（7 天）" in page and "下次报平安" in page
    assert step(duty, path, "handover").status_code == 400
    step(duty, path, "handover", "任务完成，无人接替")
    step(duty, path, "returning")
    answer = step(duty, path, "resting")
    assert answer.status_code == 403 and "未归队：M-0001" in answer.get_data(as_text=True)
    phone.post(mine, f"{mine}/answer", answer="back")
    step(duty, path, "resting")
    assert step(duty, path, "closed").status_code == 403
    clock.at += timedelta(days=3)
    step(duty, path, "closed")
    assert phone.client.get(mine).status_code == 404
    assert "已结束和已取消" in duty.get(BOARD) and "无人接替" in duty.get(path)


def test_a_second_person_is_told_that_it_moved_on(log_in: LogIn) -> None:
    duty, approver = log_in("duty"), log_in("approver")
    path = opened(duty)
    seen = field(VERSION, approver.get(path))
    step(duty, path, "mustering")
    answer = approver.post(path, f"{path}/move", target="stood_down", version=seen, note="误报")
    assert answer.status_code == 409 and "已被他人更新" in answer.get_data(as_text=True)


@pytest.mark.parametrize("fields", [{"target": "flying", "version": "1"}, {"target": "mustering"}, {"target": "mustering", "version": "x"}])
def test_a_form_that_is_not_of_the_page(log_in: LogIn, fields: dict[str, str]) -> None:
    duty = log_in("duty")
    path = opened(duty)
    assert duty.post(path, f"{path}/move", **fields).status_code == 400


def test_the_links_are_shown_once_and_the_same_form_does_nothing(log_in: LogIn) -> None:
    duty = log_in("duty")
    path = opened(duty)
    key = field(KEY, duty.get(path))
    assert duty.post(path, f"{path}/call", key=key).status_code == 200
    again = duty.post(path, f"{path}/call", key=key)
    assert again.status_code == 302 and "此前已办理" in duty.get(path)
    assert not LINK.search(duty.get(path))


@pytest.mark.parametrize("path", ["/my/wrong", "/my/" + "x" * 900, "/my/me", "/my/%00", "/my/me?lang=en"])
def test_a_wrong_key_is_told_in_plain_words(log_in: LogIn, path: str) -> None:
    answer = log_in("nobody").client.get(path)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404 and answer.headers["Cache-Control"] == "no-store"
    assert "链接" in page or "link" in page
    assert "M-0001" not in page


def test_nothing_is_posted_with_a_wrong_key(log_in: LogIn, demo: Engine) -> None:
    duty, phone = log_in("duty"), log_in("nobody")
    path = opened(duty)
    mine = called(duty, path)["M-0001"]
    for what in ("answer", "check-in", "report", "move"):
        fields = {"answer": "coming", "text": "x", "form_key": "k", "target": "en_route", "version": "2"}
        assert phone.post(mine, f"/my/wrong/{what}", **fields).status_code == 404
    assert lines(demo, path, "answer") == lines(demo, path, "report") == []


def out(duty: Person, phone: Person, path: str) -> dict[str, str]:
    """Everybody called and mustered, the team on its way."""
    mine = called(duty, path)
    for page in mine.values():
        phone.post(page, f"{page}/answer", answer="mustered")
    step(duty, path, "en_route")
    return mine


def test_a_check_in_with_a_place_counts_once_and_keeps_its_time(log_in: LogIn, demo: Engine, clock: FixedClock) -> None:
    duty, phone = log_in("duty"), log_in("nobody")
    path = opened(duty)
    mine = out(duty, phone, path)["M-0002"]
    at, clock.at = clock.at + timedelta(minutes=5), clock.at + timedelta(hours=2)
    fields = {"form_key": field(FORM_KEY, phone.get(mine)), "at": at.isoformat().replace("+00:00", "Z"),
              "lon": "122.12345", "lat": "43.6", "text": "路上积雪"}
    for _ in range(2):
        assert phone.post(mine, f"{mine}/check-in", **fields).status_code == 302
    (line,) = lines(demo, path, "check_in")
    assert (line["at"], line["lon"], line["lat"]) == (at.isoformat(), 122.12345, 43.6)
    page = phone.get(mine)
    assert "已收到，请注意安全。" in page and "路上积雪" in page and "122.12345, 43.60000" in page
    assert "收到于 2021-11-09 01:00" in duty.get(path)


@pytest.mark.parametrize(("fields", "status"), [
    ({"lon": "east", "lat": "43"}, 400), ({"lon": "122"}, 400), ({"lon": "200", "lat": "43"}, 400), ({"lon": "nan", "lat": "43"}, 400),
    ({"at": "yesterday"}, 400), ({"at": "2020-01-01T00:00:00Z"}, 400), ({"form_key": ""}, 400), ({"text": "长" * 501}, 400), ({"all": "1"}, 403),
])
def test_a_check_in_that_cannot_be(log_in: LogIn, demo: Engine, fields: dict[str, str], status: int) -> None:
    duty, phone = log_in("duty"), log_in("nobody")
    path = opened(duty)
    mine = out(duty, phone, path)["M-0002"]
    answer = phone.post(mine, f"{mine}/check-in", **{"form_key": "k", **fields})
    assert answer.status_code == status and "→" in answer.get_data(as_text=True)
    assert lines(demo, path, "check_in") == []


def test_a_page_left_open_for_days_still_sends(log_in: LogIn, demo: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    duty, phone = log_in("duty"), log_in("nobody")
    path = opened(duty)
    mine = out(duty, phone, path)["M-0002"]
    token = field(TOKEN, phone.get(mine))
    later = time.time() + timedelta(days=3).total_seconds()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    answer = phone.client.post(f"{mine}/check-in", data={"csrf_token": token, "form_key": "k"})
    assert answer.status_code == 302 and len(lines(demo, path, "check_in")) == 1
    assert phone.client.post(f"{mine}/check-in", data={"csrf_token": f"{token}x", "form_key": "l"}).status_code == 400


def test_a_report_is_shown_to_the_desk_without_its_markup(log_in: LogIn) -> None:
    duty, phone = log_in("duty"), log_in("nobody")
    path = opened(duty)
    mine = out(duty, phone, path)["M-0003"]
    phone.post(mine, f"{mine}/report", form_key="k", text="<script>三户缺煤</script>")
    assert "&lt;script&gt;三户缺煤" in duty.get(path)


def test_a_leader_sees_the_others_and_a_member_does_not(log_in: LogIn) -> None:
    duty, phone = log_in("duty"), log_in("nobody")
    pages = called(duty, opened(duty))
    leader, member = phone.get(pages["M-0001"]), phone.get(pages["M-0002"])
    assert "队员M-0003" in leader and "出发" in leader and "139" not in leader
    assert "队员M-0003" not in member and "出发" not in member
    assert phone.post(pages["M-0002"], f"{pages['M-0002']}/answer", answer="coming", member="M-0003").status_code == 403
    phone.post(pages["M-0001"], f"{pages['M-0001']}/answer", answer="mustered", member="M-0003")
    assert "我参加" not in phone.get(pages["M-0003"])


def test_who_is_logged_in_finds_their_own(log_in: LogIn) -> None:
    duty, viewer = log_in("duty"), log_in("viewer")
    assert "没有出队任务" in viewer.get("/my/")
    called(duty, opened(duty))
    assert viewer.client.get("/my/").headers["Location"] == "/my/me"
    assert viewer.post("/my/me", "/my/me/answer", answer="coming").status_code == 302
    assert "我已到集结点" in viewer.get("/my/me")
    assert "没有出队任务" in log_in("store").get("/my/")


def test_what_is_overdue_is_in_the_accent_of_alarm(log_in: LogIn, demo: Engine, clock: FixedClock) -> None:
    duty, phone = log_in("duty"), log_in("nobody")
    path = opened(duty)
    out(duty, phone, path)
    clock.at += timedelta(hours=6)
    run_in_transaction(demo, lambda session: raise_overdue(session, clock.now()))
    board, page = duty.get(BOARD), duty.get(path)
    assert "1 支队伍有逾期事项" in board and "state-missed" in board and "失联 M-0001、M-0002、M-0003" in board
    assert "逾期未报平安" in page and 'role="alert"' in page
    assert "逾期未报平安，最后一次联系 11-08 23:00" in duty.get("/notices/")
    duty.post(path, f"{path}/check-ins", key="k", text="卫星电话，全员平安")
    assert "失联" not in duty.get(BOARD)
    assert "卫星电话，全员平安" in duty.get(path) and "失联" not in duty.get(path)


def test_the_desk_notes_and_corrects(log_in: LogIn, demo: Engine) -> None:
    duty = log_in("duty")
    path = opened(duty)
    duty.post(path, f"{path}/notes", key="n1", text="到达 10 人")
    number = str(lines(demo, path, "note")[0]["id"])
    duty.post(path, f"{path}/notes", key="n2", text="应为 12 人", corrects=number)
    assert f"更正 #{number}" in duty.get(path)
    assert duty.post(path, f"{path}/notes", key="n3", text="").status_code == 400


def test_the_desk_notes_what_members_say_by_voice(log_in: LogIn) -> None:
    duty = log_in("duty")
    path = opened(duty)
    called(duty, path, member="M-0002")
    assert duty.post(path, f"{path}/answers", member="M-0002", answer="declined").status_code == 302
    assert "不能 1" in duty.get(path)
    assert duty.post(path, f"{path}/answers", member="M-0001", answer="coming").status_code == 404
    assert duty.post(path, f"{path}/answers", member="M-0002", answer="perhaps").status_code == 400


def test_a_relief_is_sent_and_the_rota_drawn(log_in: LogIn) -> None:
    duty, phone = log_in("duty"), log_in("nobody")
    assert "没有需要轮换的队伍" in duty.get("/deployments/rota")
    path = opened(duty)
    out(duty, phone, path)
    step(duty, path, "on_site")
    page = duty.get("/deployments/rota?days=20")
    assert "通辽市红十字赈济救援队" in page and "（20 天）" in page and "为假设" in page
    answer = duty.post(path, f"{path}/relief", key="r", team="RT-150400", muster_h="4")
    follower = answer.headers["Location"]
    assert "接替" in duty.get(follower) and follower.rpartition("/")[2] in duty.get(path)
    assert step(duty, path, "handover").status_code == 302
    assert "Relief rota" in duty.get("/deployments/rota?days=x&lang=en")


def test_one_odd_tour_leaves_the_rota_of_the_others(log_in: LogIn, demo: Engine) -> None:
    duty, phone = log_in("duty"), log_in("nobody")
    path = opened(duty)
    out(duty, phone, path)
    step(duty, path, "on_site")
    with transaction(demo) as session:
        session.execute(text("UPDATE team SET tour_days = -1 WHERE code = 'RT-152500'"))
    page = duty.get("/deployments/rota?days=20")
    assert "未排入轮换：锡林郭勒" in page and page.count("<tr>") > 1


def test_an_unknown_deployment_is_told_in_plain_words(log_in: LogIn) -> None:
    answer = log_in("duty").client.get("/deployments/DP-0")
    assert answer.status_code == 404 and "没有编号为 DP-0 的出队任务" in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/deployments/", "/deployments/DP-0", "/deployments/rota", "/my/"])
def test_the_desks_pages_ask_who_is_there(log_in: LogIn, path: str) -> None:
    answer = log_in("nobody").client.get(path)
    assert answer.status_code == 302 and "/login" in answer.headers["Location"]
