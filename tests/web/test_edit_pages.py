"""Editing a plan on its page, without a script: forms in, a new proposal out, faults told in place."""

import re
from collections.abc import Callable

import pytest

from tests.web.conftest import Person

LogIn = Callable[[str], Person]
CODE = "P-20211108-001"
PAGE = f"/proposals/{CODE}"


def edit(person: Person, page: str = PAGE, **fields: str) -> str:
    """The address of the page after an edit, its anchor left out."""
    answer = person.post(page, f"{page}/edit", **fields)
    assert answer.status_code == 303
    return str(answer.headers["Location"].partition("#")[0])


def truck_of(page: str) -> str:
    return re.findall(r'name="leave" value="([^"]+)"', page)[0]


def test_a_truck_left_out_becomes_a_chip_and_the_chip_takes_it_back(log_in: LogIn) -> None:
    duty = log_in("duty")
    truck = truck_of(duty.get(PAGE))
    page = edit(duty, leave=truck)
    assert page != PAGE
    shown = duty.get(page)
    assert f"不再使用车辆 {truck}" in shown and f"不用车辆 {truck}" in shown and "本次修改" in shown
    back = duty.get(edit(duty, page, drop=f"without:{truck}"))
    assert f'name="keep" value="{truck}"' in back and f"取消“不用车辆 {truck}”" in back


def test_quantities_that_were_not_touched_are_not_pinned(log_in: LogIn) -> None:
    duty = log_in("duty")
    page = duty.get(PAGE)
    fields = dict(re.findall(r'name="(q:[^"]+)" value="(\d+)"', page))
    name = next(n for n, units in fields.items() if int(units) > 10)
    fields[name] = "1,0".replace(",", "")
    shown = duty.get(edit(duty, **fields))
    assert shown.count('class="chip"') == 1
    assert re.search(rf'class="count pinned" name="{re.escape(name)}" value="10"', shown)


@pytest.mark.parametrize("fields,words", [
    ({"pin_from": "WH-150500", "pin_county": "150521", "pin_item": "QUILT", "pin_units": "many"}, "不是可用的数字"),
    ({"pin_from": "WH-150500", "pin_county": "150521", "pin_item": "QUILT", "pin_units": "9999999"}, "差"),
    ({"pin_from": "WH-150500", "pin_county": "999999", "pin_item": "QUILT", "pin_units": "1"}, "没有可通行的道路"),
    ({"truck": "NOT-A-TRUCK", "truck_county": "150521"}, "没有车辆"),
    ({"keep": "NOT-A-TRUCK"}, "方案中没有车辆"),
    ({"first": "NOT-A-TRUCK:1"}, "方案中没有车辆"),
    ({"mode": "cheapest", "alpha": "0.6"}, "没有名为"),
    ({"mode": "fast", "alpha": "7"}, "不在 0 至 1 之间"),
    ({"mode": "fast", "alpha": "nan"}, "不在 0 至 1 之间"),
    ({"mode": "fast", "alpha": "x"}, "不是可用的数字"),
])
def test_what_cannot_be_is_told_on_the_page_and_nothing_changes(log_in: LogIn, fields: dict[str, str], words: str) -> None:
    duty = log_in("duty")
    page = edit(duty, **fields)
    assert page == PAGE
    shown = duty.get(page)
    assert re.search(r'class="flash fault" role="alert">[^<]*' + words, shown)
    assert "草案" in shown


def test_a_mode_with_its_own_fair_floor_keeps_it_unless_the_slider_moved(log_in: LogIn) -> None:
    duty = log_in("duty")
    fair = duty.get(edit(duty, mode="fair", alpha="0.6"))
    assert "权衡：求均" in fair and re.search(r'id="alpha"[^>]*value="1"', fair) and "公平下限 " not in re.findall(r'class="chips".*?</ul>', fair, re.S)[0]


def test_a_slider_moved_is_a_wish_of_its_own(log_in: LogIn) -> None:
    duty = log_in("duty")
    assert "公平下限 0.8" in duty.get(edit(duty, mode="balanced", alpha="0.8"))


def test_alternatives_are_worked_out_and_taken(log_in: LogIn) -> None:
    duty = log_in("duty")
    assert duty.get(PAGE).count("现在计算") == 3
    assert duty.post(PAGE, f"{PAGE}/alternatives/frugal").status_code == 303
    page = duty.get(PAGE)
    assert page.count("现在计算") == 2 and "采用" in page
    answer = duty.post(PAGE, f"{PAGE}/alternatives/frugal/choose")
    assert "权衡：求省" in duty.get(answer.headers["Location"].partition("#")[0])
    assert duty.post(PAGE, f"{PAGE}/alternatives/cheapest").status_code == 400


def test_a_viewer_sees_the_comparison_and_no_form(log_in: LogIn) -> None:
    viewer = log_in("viewer")
    page = viewer.get(PAGE)
    assert "方案比较" in page and "修改方案" not in page and "lines-edit" not in page and 'name="leave"' not in page
    assert viewer.post(PAGE, f"{PAGE}/alternatives/fast").status_code == 403
    assert edit(viewer, mode="fast", alpha="0.6") == PAGE and "无权修改" in viewer.get(PAGE)


def test_who_edited_is_not_offered_to_approve(log_in: LogIn) -> None:
    approver, duty = log_in("approver"), log_in("duty")
    page = edit(approver, mode="frugal", alpha="0.6")
    duty.post(page, f"{page}/submit")
    shown = approver.get(page)
    assert "须由另一位审批人批准" in shown and "批准并签发运单" not in shown
    assert "修改方案" not in shown


def test_the_forms_are_all_in_english_too(log_in: LogIn) -> None:
    duty = log_in("duty")
    page = duty.get(PAGE + "?lang=en")
    assert "Edit the plan" in page and "Not this truck" in page and "Plans compared" in page
    shown = duty.get(edit(duty, leave=truck_of(page)))
    assert "no longer used" in shown and "without truck" in shown


def test_a_team_is_fixed_and_kept_back_on_the_page(log_in: LogIn) -> None:
    duty = log_in("duty")
    page = duty.get(PAGE)
    team = re.findall(r'name="team_stays" value="([^"]+)"', page)[0]
    assert "未派出的队伍及理由" in page
    kept = edit(duty, team_stays=team)
    shown = duty.get(kept)
    assert "协调员要求留守" in shown and "留守" in re.findall(r'class="chip">([^<]+)', shown)[0]
    county = re.findall(r'name="team_county".*?<option value="(\d{6})"', shown, re.S)[0]
    assert "协调员指定" in duty.get(edit(duty, kept, team=team, team_county=county))
