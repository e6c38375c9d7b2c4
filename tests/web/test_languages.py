"""Every page in both languages: no word of ours is left in the other one."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.tour import Stop, endpoint_of
from tests.web.conftest import Person
from tests.web.words import Piece, read

HAN = re.compile(r"[\u3400-\u9fff]")
# three words in a row; single Latin words are codes, units, account names
ENGLISH = re.compile(r"[A-Za-z]{2,}[ ,;:]+[A-Za-z]{2,}[ ,;:]+[A-Za-z]{2,}")
UNFILLED = re.compile(r"%\(\w+\)[sd]|\{\w*\}|\{\{|\}\}")
# GET addresses that are no pages: data, files, and parts of pages
NO_PAGES = {
    "api.proposal", "api.situation", "api.situations", "assets", "auth.code", "board.layer", "devices.from_tracker", "documents.paper", "drills.picture", "drills.report", "edits.roads", "drafts.of_situation", "drafts.standing",
    "goods.look_up", "goods.packing_list", "goods.paper", "goods.scanned", "healthz", "ledger.card", "money.certificate",
    "money.look_up", "drafts.show",  # a page only while a draft is being solved: tests/web/test_draft_pages.py
    "help.guide", "help.tour", "live.events", "live.here", "metrics", "openness.data", "openness.find", "packs.truck_pack", "papers.map_pdf",
    "phone.token", "phone.worker", "plans.what_if_json", "readyz", "receipts.photo", "rooms.code_of_desk", "search.suggest", "situations.raw", "static",
    "teams.export", "trucks.own_page", "uploads.template",
}


class Guests:
    """People of every role, each logged in once."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.known: dict[str | None, FlaskClient] = {None: app.test_client()}

    def look(self, stop: Stop, lang: str) -> tuple[int, str]:
        if stop.user not in self.known:
            self.known[stop.user] = Person(self.app.test_client(), str(stop.user)).client
        answer = self.known[stop.user].get(f"{stop.path}{'&' if '?' in stop.path else '?'}lang={lang}")
        return answer.status_code, answer.get_data(as_text=True)


@pytest.fixture
def guests(worked: Flask) -> Guests:
    return Guests(worked)


def is_bilingual(piece: Piece) -> bool:
    """Papers carry both languages side by side."""
    return "section.paper" in piece.around


def test_english_pages_speak_english(guests: Guests, stops: list[Stop]) -> None:
    left = []
    for stop in stops:
        status, page = guests.look(stop, "en")
        assert status == stop.status, stop
        left += [(stop.name, piece.text[:80]) for piece in read(page)
                 if not piece.lang.startswith("zh") and HAN.search(piece.text) and not is_bilingual(piece)]
    assert not left


def test_chinese_pages_speak_chinese_and_nothing_is_left_unfilled(guests: Guests, stops: list[Stop]) -> None:
    left = []
    for stop in stops:
        _, page = guests.look(stop, "zh")
        for piece in read(page):
            is_ours = not piece.lang.startswith("en") and not {"code", "pre", "textarea"} & set(piece.around)
            if is_ours and (UNFILLED.search(piece.text) or (ENGLISH.search(piece.text) and not is_bilingual(piece))):
                left.append((stop.name, piece.text[:80]))
    assert not left


def test_the_tour_comes_by_every_page(worked: Flask, stops: list[Stop]) -> None:
    pages = {rule.endpoint for rule in worked.url_map.iter_rules() if "GET" in (rule.methods or ())} - NO_PAGES
    assert sorted(pages - {endpoint_of(worked, stop.path) for stop in stops}) == []
    assert {rule.endpoint for rule in worked.url_map.iter_rules()} >= NO_PAGES
