"""``dispatch account``, as it is called."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from dispatch.accounts.store import check_login, find_account
from dispatch.audit.queries import list_acts
from dispatch.cli import cli
from dispatch.config import PROJECT_ROOT
from dispatch.db import reading
from dispatch.errors import Conflict, NotFound


@pytest.fixture
def call(bare: Engine, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("DISPATCH_DATABASE_URL", bare.url.render_as_string(hide_password=False))
    return lambda *words: CliRunner().invoke(cli, ["account", *words])


def test_the_first_administrator_is_made_at_the_command_line(call, bare: Engine) -> None:  # type: ignore[no-untyped-def]
    answer = call("add", "w.li", "--display", "李伟", "--role", "administrator")
    assert answer.exit_code == 0, answer.output
    first = answer.output.split()[-1]
    with reading(bare) as session:
        assert check_login(session, "w.li", first)
        assert [(a["actor"], a["subject"]) for a in list_acts(session, {"action": "account.added"})] == [("operator", "account:w.li")]
        assert first not in str(list_acts(session, {}))
    second = call("reset-password", "w.li").output.split()[-1]
    assert call("disable", "w.li").exit_code == 0
    with reading(bare) as session:
        assert (find_account(session, "w.li") or {})["is_disabled"] and check_login(session, "w.li", second) is None
    assert call("enable", "w.li").exit_code == 0 and call("reset-factor", "w.li").exit_code == 0
    with reading(bare) as session:
        assert check_login(session, "w.li", second) and check_login(session, "w.li", first) is None
    assert "w.li" in call("list").output
    (listed,) = json.loads(call("list", "--json").output)
    assert listed["role"] == "administrator" and not any("hash" in name or "secret" in name for name in listed)
    assert isinstance(call("add", "w.li", "--display", "李伟", "--role", "viewer").exception, Conflict)
    assert isinstance(call("disable", "nobody").exception, NotFound)


def test_the_table_of_rights_is_printed(call) -> None:  # type: ignore[no-untyped-def]
    assert call("rights", "--markdown").output == (PROJECT_ROOT / "docs" / "rights.md").read_text("utf-8")
    assert "proposal.approve" in call("rights").output
