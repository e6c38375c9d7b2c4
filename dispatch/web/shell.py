"""What stands around every page: the ways on, the theme, how old the page is, live or demo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from dispatch.accounts.authority import open_glass
from dispatch.accounts.rights import may
from dispatch.db import reading
from dispatch.errors import InvalidInput, Unavailable
from dispatch.geography.store import list_names
from dispatch.notices.store import count_unread
from dispatch.reference.help import load_help
from dispatch.reference.mongolian import load_mongolian
from dispatch.web.state import language, local_path, state

blueprint = Blueprint("shell", __name__)

# the order is the order of the work; the first four are under the thumb on a telephone
SECTIONS = (
    ("board.board", "/", _l("态势")),
    ("situations.inbox", "/alerts", _l("预警")),
    ("proposals.index", "/proposals", _l("方案")),
    ("goods.waybills", "/waybills", _l("运单")),
    ("roads.index", "/roads", _l("路况")),
    ("plans.index", "/plans", _l("预案")),
    ("ledger.stock", "/stock", _l("库存")),
    ("documents.index", "/documents", _l("单据")),
    ("warehouses.index", "/warehouses", _l("仓库")),
    ("teams.index", "/teams", _l("救援队")),
    ("deployments.index", "/deployments", _l("出队")),
    ("money.index", "/money", _l("资金")),
    ("drills.index", "/drills", _l("演练")),
    ("phone.home", "/phone", _l("手机任务")),
)
# for some roles only, or for everybody behind the others
FOR_ACTS = (("audit.index", "/audit", _l("审计"), "audit.read"), ("people.index", "/people", _l("账号管理"), "account.manage"))
OPEN_TO_ALL = (("openness.index", "/openness", _l("公开")),)
UNDER_THE_THUMB = 4
# pages that stand in a section without sharing its address
ALSO = {"/situations": "/alerts", "/reports": "/alerts", "/drafts": "/proposals", "/w/": "/waybills", "/t/": "/waybills", "/claims": "/waybills",
        "/health": "/stock", "/movements": "/stock", "/lots": "/stock", "/uploads": "/stock", "/trace": "/money"}
ROLES = {
    "planner": _l("计划员"), "approver": _l("审批人"), "storekeeper": _l("库管员"),
    "administrator": _l("管理员"), "viewer": _l("查看者"), "auditor": _l("审计员"), "exercise_leader": _l("演练导调"),
}
# theme asked for → the one the button offers next
THEMES = {"auto": "dark", "dark": "light", "light": "auto"}
THEME_DAYS = 365


@dataclass(frozen=True)
class Section:
    """One way on: its words, where it leads, and whether the page shown belongs to it."""

    words: str
    url: str
    is_here: bool


def register_shell(app: Flask) -> None:
    """The values every page's frame needs, and the address that keeps a theme."""
    app.register_blueprint(blueprint)
    app.context_processor(_frame)


def sections() -> list[Section]:
    """The ways on, in the order of the work."""
    account = current_user.account if current_user and current_user.is_authenticated else {"role": "", "place": ""}
    shown = (*SECTIONS, *((e, root, words) for e, root, words, act in FOR_ACTS if may(account["role"], account["place"], act)), *OPEN_TO_ALL)
    path = next((home for start, home in ALSO.items() if request.path.startswith(start)), request.path)
    here = max((root for _, root, _ in shown if path.startswith(root)), key=len)
    return [Section(str(words), url_for(endpoint), root == here and (root != "/" or path == "/"))
            for endpoint, root, words in shown]


def theme() -> str:
    """``auto``, ``dark`` or ``light``, as kept on this device."""
    kept = request.cookies.get("theme", "auto")
    return kept if kept in THEMES else "auto"


@blueprint.post("/theme")
def keep_theme() -> ResponseReturnValue:
    """Keep the theme on this device and go back to the page it was asked from."""
    asked = request.form.get("theme", "")
    if asked not in THEMES:
        raise InvalidInput(
            f"There is no theme {asked[:20]!r}.", remedy="Choose auto, dark or light.",
            zh=f"没有名为 {asked[:20]!r} 的外观。", remedy_zh="请选择 auto、dark 或 light。",
        )
    answer = redirect(local_path(request.form.get("next", "")))
    answer.set_cookie("theme", asked, max_age=THEME_DAYS * 86400, samesite="Lax", httponly=True,
                      secure=state().settings.production)
    return answer


def _frame() -> dict[str, Any]:
    account = current_user.account if current_user and current_user.is_authenticated else None
    found = sections()
    return {
        "lang": language(),
        "nonce": g.get("nonce", ""),
        "now_iso": state().clock.now().isoformat(),
        **_of_account(account),
        "theme": theme(),
        "next_theme": THEMES[theme()],
        "roles": ROLES,
        "here": request.full_path.removesuffix("?"),
        "first_sections": found[:UNDER_THE_THUMB],
        "rest_sections": found[UNDER_THE_THUMB:],
        "streams": state().settings.live_streams,
        "help_told": load_help(),
        "tour_due": request.path == "/" and request.cookies.get("tour") != "seen",
        "mongolian": load_mongolian(),
        "in_drill": state().in_drill,
    }


def _of_account(account: dict[str, Any] | None) -> dict[str, Any]:
    if account is None:
        return {"unread": 0, "role_words": "", "place_words": "", "open_glass": ()}
    role = ROLES.get(account["role"], account["role"])
    try:
        with reading(state().engine) as session:
            unread, names = count_unread(session, account), list_names(session)
            glass = open_glass(session, state().clock.now())
    except Unavailable:
        # the error page itself has a top bar
        return {"unread": 0, "role_words": role, "place_words": "", "open_glass": ()}
    place = names.get(account["place"], ("", ""))[0 if language() == "zh" else 1]
    return {"unread": unread, "role_words": role, "place_words": place, "open_glass": glass}
