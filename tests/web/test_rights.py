"""The table of rights against docs/rights.md and against every address of the real application."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from dispatch.accounts import store
from dispatch.accounts.attempts import Caller
from dispatch.accounts.rights import LINK, PUBLIC, RIGHTS, ROLES, may
from dispatch.accounts.rights_table import as_markdown
from dispatch.accounts.rules import login_rule
from dispatch.accounts.sessions import begin
from dispatch.accounts.tables import AccountRow
from dispatch.app import create_app
from dispatch.clock import FixedClock
from dispatch.config import PROJECT_ROOT, Settings
from dispatch.db import transaction
from dispatch.web.kept import asks_itself
from dispatch.web.routes import ACT_OF, ADDRESSES, API
from tests.conftest import NOW

PLACES = {"region": "150000", "league": "150500", "county": "150522"}
CONVERTERS = {"int": "1", "any": "broken", "path": "x", "default": "x"}
REFUSED = 'data-code="no_right"'


@pytest.fixture
def app(demo_file: Settings) -> Flask:
    """The application without form tokens: the table is asked, not the tokens."""
    app = create_app(demo_file, clock=FixedClock(NOW), wall=FixedClock(NOW))
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def path_of(rule: Rule) -> str:
    """An address of a rule, with something in each gap that is not there."""
    return re.sub(r"<(?:(\w+)[^:>]*:)?\w+>", lambda found: CONVERTERS.get(found.group(1) or "default", "x"), rule.rule)


def addresses(app: Flask) -> list[tuple[str, str, str]]:
    """(endpoint, method, path) of everything that is served."""
    return [(rule.endpoint, method, path_of(rule)) for rule in app.url_map.iter_rules()
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]


def test_the_page_of_the_table_is_the_table() -> None:
    """After a change: dispatch account rights --markdown > docs/rights.md."""
    assert (PROJECT_ROOT / "docs" / "rights.md").read_text("utf-8") == as_markdown(ADDRESSES)


def test_every_address_has_a_row_and_every_row_an_address(app: Flask) -> None:
    served = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert served == set(ACT_OF)
    acts = {right.act for right in RIGHTS}
    assert set(ADDRESSES) - {PUBLIC, LINK} <= acts
    listed = [name for endpoints in ADDRESSES.values() for name in endpoints.split()]
    assert len(listed) == len(set(listed))


def test_every_act_the_code_asks_for_has_a_row() -> None:
    acts = {right.act for right in RIGHTS}
    asked: set[str] = set()
    for path in Path(PROJECT_ROOT, "dispatch").rglob("*.py"):
        asked |= set(re.findall(r'(?:roles_of\(|check\([^"\n]*, |find_lack\([^"\n]*, )"([a-z_]+\.[a-z_]+)"', path.read_text("utf-8")))
    assert asked and asked <= acts


def test_an_address_without_a_row_is_refused_to_everybody(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "here")
    for name in (None, "admin"):
        assert client_of(app, name).get("/forgotten").status_code == 403


def client_of(app: Flask, name: str | None):  # type: ignore[no-untyped-def]
    """A browser of somebody logged in."""
    client = app.test_client()
    if name is not None:
        state = app.extensions["dispatch"]
        with transaction(state.engine) as session:
            token = begin(session, name, Caller("127.0.0.1", "", NOW, NOW), login_rule())
        with client.session_transaction() as kept:
            kept["_user_id"], kept["_fresh"] = token, True
    return client


def test_nobody_comes_in_without_a_login(app: Flask) -> None:
    """Every address that is not public sends on to the login, or refuses."""
    client = app.test_client()
    for endpoint, method, path in addresses(app):
        if ACT_OF[endpoint] in (PUBLIC, LINK):
            continue
        answer = client.open(path, method=method)
        sent_on = answer.status_code == 302 and answer.location.startswith("/login")
        # a form whose person has to log in again is given back (401); programs are refused (403)
        assert sent_on or answer.status_code == (403 if endpoint in API else 401), (endpoint, answer.status_code)


def test_every_address_answers_every_role_at_every_level_as_the_table_says(app: Flask) -> None:
    state = app.extensions["dispatch"]
    with transaction(state.engine) as session:
        session.add_all(
            AccountRow(name=f"{role}-{level}", display_zh="演", role=role, place=place, password_hash=store.hash_password("p"), is_demo=True)
            for role in ROLES for level, place in PLACES.items()
        )
    wrong, asked = [], 0
    for role in ROLES:
        for level, place in PLACES.items():
            client = client_of(app, f"{role}-{level}")
            for endpoint, method, path in addresses(app):
                act = ACT_OF[endpoint]
                if act in (PUBLIC, LINK) or endpoint in API:
                    continue
                answer = client.open(path, method=method)
                asked += 1
                is_refused = answer.status_code == 403 and REFUSED in answer.get_data(as_text=True)
                if answer.status_code == 303 and asks_itself(app.view_functions[endpoint]):
                    # a form of the proposal's page is answered on that page
                    with client.session_transaction() as kept:
                        is_refused = f"角色 {role} 无权" in str(kept.pop("_flashes", ""))
                to_login = answer.status_code == 302 and answer.location.startswith("/login")
                if to_login or is_refused is may(role, place, act):
                    wrong.append((role, level, endpoint, method, answer.status_code))
    assert not wrong and asked > 2_500


@pytest.mark.parametrize("endpoint", sorted(API))
def test_programs_are_answered_as_the_table_says(app: Flask, endpoint: str) -> None:
    state = app.extensions["dispatch"]
    with transaction(state.engine) as session:
        session.add_all(
            AccountRow(name=f"{role}-{level}", display_zh="演", role=role, place=place, password_hash=store.hash_password("p"), is_demo=True)
            for role in ROLES for level, place in PLACES.items()
        )
    client = app.test_client()
    (_, method, path), = (found for found in addresses(app) if found[0] == endpoint)
    for role in ROLES:
        for level, place in PLACES.items():
            answer = client.open(path, method=method, auth=(f"{role}-{level}", "p"))
            is_refused = answer.status_code == 403 and answer.json["error"]["code"] == "no_right"
            assert is_refused is not may(role, place, ACT_OF[endpoint]), (role, level, answer.status_code)
