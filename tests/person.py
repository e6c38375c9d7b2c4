"""A browser in short, for people who log in and post forms."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

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
