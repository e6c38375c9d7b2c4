"""The application on a demo database, and people logged in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from dispatch.app import create_app
from dispatch.clock import FixedClock
from tests.conftest import settings_of

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Person:
    """A browser in short: logs in, posts forms with the token of the page they stand on."""

    def __init__(self, client: FlaskClient, name: str) -> None:
        self.client = client
        self.post("/login", "/login", name=name, password="demo-2026")

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return str(answer.get_data(as_text=True))

    def post(self, page: str, path: str, **fields: str):  # type: ignore[no-untyped-def]
        found = TOKEN.search(self.client.get(page).get_data(as_text=True))
        token = found.group(1) if found else ""
        return self.client.post(path, data={**fields, "csrf_token": token})


@pytest.fixture
def log_in(demo: Engine, clock: FixedClock) -> Callable[[str], Person]:
    app = create_app(settings_of(demo), demo, clock)
    return lambda name: Person(app.test_client(), name)
