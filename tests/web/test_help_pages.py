"""Help: the page, the words of the tour, the guide to print, the offer on the demo, Mongolian names."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from pypdf import PdfReader

from dispatch.reference.help import load_help
from dispatch.reference.mongolian import load_mongolian
from tests.web.conftest import Person

LogIn = Callable[[str], Person]
HUDUM = re.compile(r"^[\u1800-\u18af\u202f ]+$")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_tells_steps_keys_and_terms(log_in: LogIn, lang: str) -> None:
    page, told = log_in("duty").get(f"/help?lang={lang}"), load_help()
    for words in (*(s.title[lang] for s in told.steps), *(k.text[lang] for k in told.keys), *(t.name[lang] for t in told.terms.values())):
        assert words in page, words


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_guide_is_two_pages_and_says_it_all(log_in: LogIn, lang: str) -> None:
    person = log_in("duty")
    person.get(f"/?lang={lang}")
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(person.client.get("/help/guide.pdf").data)).pages]
    assert len(pages) == 2
    flat = ["".join(page.split()) for page in pages]
    told = load_help()
    for step in told.steps:
        assert "".join(step.title[lang].split()) in flat[0]
    for line in (*(k.text[lang] for k in told.keys), *(t.name[lang] for t in told.terms.values())):
        assert "".join(line.split()) in flat[1], line


def test_the_tour_stands_on_pages_there_are(log_in: LogIn) -> None:
    person = log_in("duty")
    steps = person.client.get("/help/tour.json").get_json()
    assert len(steps) == len(load_help().steps)
    for step in steps:
        assert person.client.get(step["page"]).status_code == 200
        if step["at"].startswith("#"):
            assert f'id="{step["at"][1:]}"' in person.get(step["page"]), step


def test_every_key_that_leads_somewhere_leads_to_a_page(log_in: LogIn) -> None:
    person = log_in("duty")
    leading = [key for key in load_help().keys if key.to]
    assert leading and all(person.client.get(key.to).status_code == 200 for key in leading)


def test_the_offer_of_the_tour_goes_for_good(log_in: LogIn) -> None:
    person = log_in("duty")
    assert "tour=1" in person.get("/")
    assert "tour=1" not in person.get("/stock")
    assert person.post("/", "/help/tour", next="/").location == "/"
    assert "offer" not in person.get("/")


def test_mongolian_is_mongolian_has_a_source_and_says_it_is_not_reviewed(log_in: LogIn) -> None:
    told = load_mongolian()
    assert not told.is_reviewed and all(HUDUM.match(text) for text in told.places.values())
    page = log_in("duty").get("/situations/S-20211105-150500-blizzard")
    assert f'<span class="mongolian" lang="mn-Mong" title="蒙古文，待母语者审校">{told.places["150500"]}</span>' in page
