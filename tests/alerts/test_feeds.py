"""Folders and addresses polled: nothing lost, nothing fetched that is not listed."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from dispatch.alerts.cap import MAX_BYTES
from dispatch.alerts.feed_store import get_state, save_state
from dispatch.alerts.feeds import FeedState, gather, put_away, read_folder
from dispatch.alerts.fetch import FetchRule, Known, fetch, is_allowed
from dispatch.alerts.lists import read_list
from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.errors import InvalidInput, Refused, Unavailable
from dispatch.flow.poll import poll
from dispatch.flow.respond import Way
from tests.alerts.web_server import Page, Site, serving
from tests.builders import cap_xml
from tests.conftest import settings_of

NOW = datetime(2021, 11, 8, 8, 0, tzinfo=UTC)
RULE = FetchRule(frozenset({"127.0.0.1"}), step_s=30, total_s=60)
HASTY = FetchRule(RULE.hosts, step_s=1, total_s=1)
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>
<entry><link href="page.html"/><link type="application/cap+xml" href="/a.xml"/><updated>1</updated></entry>
<entry><link href="{site}/b.xml"/><updated>1</updated></entry></feed>"""
RSS = """<rss version="2.0"><channel><link>http://x.invalid</link><item><link>{site}/a.xml</link><pubDate>1</pubDate></item>
<item><link>/b.xml</link></item></channel></rss>"""
JSON = '{{"total":2,"alertData":[{{"headline":"x","url":"/a.xml","effective":"1"}},{{"url":"{site}/b.xml"}}]}}'


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as found:
        yield found


def way_of(engine: Engine) -> Way:
    return Way("poll", FixedClock(NOW), settings_of(engine), draft=False)


def do_poll(engine: Engine, *sources: object, rule: FetchRule = RULE) -> dict:
    return poll(engine, [str(source) for source in sources], way_of(engine), rule, 0)


def statuses(result: dict) -> list[str]:
    return [answer["status"] for answer in result["alerts"]]


def kept(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(text("SELECT COUNT(*) FROM alert_document")) or 0


def test_a_folders_files_are_taken_in_and_put_beside(bare: Engine, tmp_path: Path) -> None:
    (tmp_path / "good.xml").write_bytes(cap_xml())
    (tmp_path / "bad.xml").write_bytes(b"<alert>")
    (tmp_path / "large.xml").write_bytes(b"x" * (MAX_BYTES + 5))
    result = do_poll(bare, tmp_path)
    assert [(a["file"], a["status"]) for a in result["alerts"]] == [
        ("bad.xml", "quarantined"), ("good.xml", "accepted"), ("large.xml", "quarantined"),
    ]
    assert (tmp_path / "taken" / "good.xml").read_bytes() == cap_xml()
    assert (tmp_path / "quarantined" / "bad.xml").read_bytes() == b"<alert>"
    assert (tmp_path / "quarantined" / "large.xml").stat().st_size == MAX_BYTES + 5
    assert do_poll(bare, tmp_path) == {"alerts": [], "problems": []} and kept(bare) == 3


def test_names_never_clash(bare: Engine, tmp_path: Path) -> None:
    for _ in range(3):
        (tmp_path / "a.xml").write_bytes(cap_xml())
        do_poll(bare, tmp_path)
    assert sorted(p.name for p in (tmp_path / "taken").iterdir()) == ["a-1.xml", "a-2.xml", "a.xml"]


def test_a_file_still_being_written_is_left(tmp_path: Path) -> None:
    growing, whole = tmp_path / "growing.xml", tmp_path / "whole.xml"
    growing.write_bytes(b"<al")
    whole.write_bytes(cap_xml())
    for name in ("a.xml.part", "b.tmp", ".hidden.xml"):
        (tmp_path / name).write_bytes(cap_xml())
    (tmp_path / "link.xml").symlink_to(whole)
    (tmp_path / "empty.xml").touch()

    def write_on(_: float) -> None:
        growing.write_bytes(b"<alert>")

    assert [d.path.name for d in read_folder(tmp_path, 0, write_on)] == ["whole.xml"]
    assert [d.path.name for d in read_folder(tmp_path, 0)] == ["growing.xml", "whole.xml"]
    os.utime(tmp_path / "empty.xml", (0, 0))
    assert "empty.xml" in [d.path.name for d in read_folder(tmp_path, 0)]


def test_a_file_replaced_after_reading_stays_for_the_next_look(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(cap_xml())
    (dropped,) = read_folder(tmp_path, 0)
    path.write_bytes(b"another warning")
    assert put_away(dropped, True) is None and path.read_bytes() == b"another warning"
    (again,) = read_folder(tmp_path, 0)
    path.unlink()
    assert put_away(again, True) is None


def test_a_missing_folder_is_told_and_does_not_stop_the_next(bare: Engine, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(cap_xml())
    result = do_poll(bare, tmp_path / "none", tmp_path)
    assert statuses(result) == ["accepted"]
    assert [(p["error"]["code"], bool(p["error"]["remedy_zh"])) for p in result["problems"]] == [("unavailable", True)]


@pytest.mark.parametrize("listed", [ATOM, RSS, JSON])
def test_lists_name_documents(bare: Engine, site: Site, listed: str) -> None:
    second = cap_xml(identifier="15050041600000_20211108155500_1", sent="2021-11-08T15:55:00+08:00")
    site.pages = {"/list": Page(listed.format(site=site.url).encode(), etag='"1"'), "/a.xml": Page(cap_xml()), "/b.xml": Page(second)}
    assert statuses(do_poll(bare, f"{site.url}/list")) == ["accepted", "accepted"]
    assert do_poll(bare, f"{site.url}/list") == {"alerts": [], "problems": []}
    assert site.asked[-1] == ("/list", 304)
    changed = listed.replace(">1<", ">2<", 1).replace('"effective":"1"', '"effective":"2"')
    site.pages["/list"] = Page(changed.format(site=site.url).encode(), etag='"2"')
    assert statuses(do_poll(bare, f"{site.url}/list")) == ["duplicate"]


def test_what_failed_is_asked_for_again(bare: Engine, site: Site) -> None:
    site.pages = {"/list": Page(ATOM.format(site=site.url).encode(), etag='"1"'), "/a.xml": Page(cap_xml())}
    first = do_poll(bare, f"{site.url}/list")
    assert statuses(first) == ["accepted"] and "404" in first["problems"][0]["error"]["message"]
    site.pages["/b.xml"] = Page(b"<nonsense>")
    assert statuses(do_poll(bare, f"{site.url}/list")) == ["quarantined"]
    assert do_poll(bare, f"{site.url}/list")["alerts"] == [] and kept(bare) == 2


def test_a_single_document_is_taken_once_and_a_wrong_page_is_quarantined_once(bare: Engine, site: Site) -> None:
    site.pages = {"/a.xml": Page(cap_xml()), "/page": Page(b"<html>maintenance</html>")}
    sources = (f"{site.url}/a.xml", f"{site.url}/page")
    assert statuses(do_poll(bare, *sources)) == ["accepted", "quarantined"]
    assert statuses(do_poll(bare, *sources)) == [] and kept(bare) == 2
    site.pages["/a.xml"].body = cap_xml(status="Test", identifier="T-1")
    assert statuses(do_poll(bare, *sources)) == ["exercise"]


def test_the_state_of_an_address_is_kept(bare: Engine) -> None:
    state = FeedState(Known('"1"', "Mon, 08 Nov 2021 08:00:00 GMT"), ("a", "b"))
    with transaction(bare) as session:
        assert get_state(session, "http://a.invalid") == FeedState()
        save_state(session, "http://a.invalid", state, NOW)
        save_state(session, "http://a.invalid", state, NOW)
    with reading(bare) as session:
        assert get_state(session, "http://a.invalid") == state


@pytest.mark.parametrize("url,words", [
    ("http://b.invalid/", "not on the list"), ("file:///etc/passwd", "http or https"), ("http://user@127.0.0.1/", "plain"),
    ("http://127.0.0.1:x/", "not an address"), ("http:///x", "plain"), ("http://127.0.0.1/a b", "plain"), ("http://127.0.0.1/\r\nX: y", "plain"),
    ("http://127.0.0.1/" + "a" * 500, "plain"), ("gopher://127.0.0.1/", "http or https"), ("http://localhost/", "private address"),
    ("http://[::1", "not an address"),
])
def test_addresses_that_are_not_fetched(bare: Engine, url: str, words: str) -> None:
    rule = FetchRule(frozenset({"localhost"})) if "localhost" in url else RULE
    with pytest.raises(Refused, match=words) as caught:
        fetch(url, rule)
    assert caught.value.remedy_zh
    if "://" in url:
        assert [p["error"]["code"] for p in do_poll(bare, url, rule=rule)["problems"]] == ["refused"]


@pytest.mark.parametrize("address,listed,may", [
    ("8.8.8.8", (), True), ("10.1.2.3", (), False), ("10.1.2.3", ("10.0.0.0/8",), True), ("127.0.0.1", ("localhost",), False),
    ("::1", (), False), ("::ffff:10.0.0.1", (), False), ("169.254.169.254", (), False), ("224.0.0.1", (), False), ("fe80::1%eth0", (), False),
    ("0.0.0.0", (), False), ("100.64.0.1", (), False), ("192.168.1.9", ("192.168.1.9",), True),
])
def test_private_addresses_only_when_listed(address: str, listed: tuple[str, ...], may: bool) -> None:
    assert is_allowed(address, FetchRule(frozenset(listed))) is may


def test_redirects_stay_on_the_host(site: Site) -> None:
    site.pages = {
        "/there": Page(status=302, headers={"Location": "/a.xml"}), "/a.xml": Page(b"x"),
        "/out": Page(status=302, headers={"Location": "http://example.invalid/"}),
        "/down": Page(status=301, headers={"Location": "http://127.0.0.1:1/"}), "/round": Page(status=302, headers={"Location": "/round"}),
    }
    assert fetch(f"{site.url}/there", RULE).body == b"x"
    for path in ("/out", "/down"):
        with pytest.raises(Refused, match="another host"):
            fetch(site.url + path, RULE)
    with pytest.raises(Unavailable, match="redirects"):
        fetch(f"{site.url}/round", RULE)


@pytest.mark.parametrize("answer,rule,words", [
    (Page(b"x" * (MAX_BYTES + 1)), RULE, "more than"), (Page(b"x", announced=9), RULE, "cut off|timed out|whole"),
    (Page(b"x" * 50, drip_s=0.1), HASTY, "whole answer|cut off"), (Page(status=500), RULE, "answers 500"),
])
def test_answers_that_are_too_large_too_slow_or_broken(site: Site, answer: Page, rule: FetchRule, words: str) -> None:
    site.pages = {"/a": answer}
    with pytest.raises(Unavailable, match=words):
        fetch(f"{site.url}/a", rule)


def test_nobody_there() -> None:
    with pytest.raises(Unavailable, match="could not be read"):
        fetch("http://127.0.0.1:9/", RULE)


def test_a_link_of_a_list_to_another_host_is_refused_and_told(site: Site) -> None:
    site.pages = {"/list": Page(b'["http://169.254.169.254/latest", "/a.xml"]'), "/a.xml": Page(cap_xml())}
    gathered = gather(f"{site.url}/list", FeedState(), RULE)
    assert [name for name, _ in gathered.documents] == [f"{site.url}/a.xml"]
    assert [type(problem) for problem in gathered.problems] == [Refused]
    assert gathered.state.known == Known() and len(gathered.state.seen) == 1


@pytest.mark.parametrize("body,words", [
    (b'{"alertData":[{"headline":"x","description":"y"}]}', "none with a link"), (b"[" + b'"a",' * 1001 + b'"b"]', "1,002 entries"),
    (b"{broken", "JSON"), (b"[" * 100_000, "JSON"),
])
def test_lists_that_cannot_be_used(body: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_list(body, "http://a.invalid/")


def test_an_empty_list_is_no_fault() -> None:
    assert read_list(b"[]", "http://a.invalid/") == ()
    assert read_list(b'<feed xmlns="http://www.w3.org/2005/Atom"/>', "http://a.invalid/") == ()
    assert read_list(cap_xml(), "http://a.invalid/") is None
