"""A drill touches nothing live, sends nothing and never looks live: proven on a database in use, of both kinds."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine, inspect

from dispatch.alerts import cap
from dispatch.alerts.author import write
from dispatch.app import create_app
from dispatch.clock import FixedClock, SystemClock
from dispatch.config import Settings
from dispatch.db import make_engine, reading, transaction
from dispatch.drill_mark import DrillRow, is_drill
from dispatch.drills.comings import Identifiers
from dispatch.drills.ground import Stage, open_ground, settings_for
from dispatch.drills.library import shipped_names
from dispatch.drills.render import render
from dispatch.drills.replay import Log, Replay, Setting
from dispatch.drills.rule import load_drill_rule
from dispatch.drills.run import DrillRoom, run
from dispatch.errors import Conflict
from dispatch.flow import work
from dispatch.flow.decide import decide
from dispatch.flow.model import Way
from dispatch.flow.respond import ingest
from dispatch.notices import channels
from dispatch.notices.channels import channels_out
from dispatch.notices.model import Audience, Notice, Subject, Subscription, Urgency, Words
from dispatch.notices.model import Kind as NoticeKind
from dispatch.notices.store import post, save_subscription
from dispatch.places import REGION_ADCODE
from tests.conftest import settings_of
from tests.drills.files import quake
from tests.person import Person

NOW = datetime(2015, 4, 15, 8, 0, tzinfo=UTC)
OUTWARD = {"smtp_url": "smtp://localhost:2525", "mail_from": "duty@example.org",
           "webhook_url": "https://hook.example.org/", "webhook_secret": "sixteen characters"}


def content(engine: Engine) -> dict[str, str]:
    """The digest of every row of every table of a database, by table."""
    # PostgreSQL writes whole rows as text; SQLite's own values are text and numbers already
    columns = "t::text" if engine.dialect.name == "postgresql" else "*"
    found = {}
    with engine.connect() as connection:
        for name in inspect(engine).get_table_names():
            rows = sorted(repr(tuple(row)) for row in connection.exec_driver_sql(f'SELECT {columns} FROM "{name}" t'))
            found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def document() -> bytes:
    scenario = quake()
    warn = render(scenario, shipped_names(), load_drill_rule()).comings[0]
    return write(Identifiers().message(warn, ("阿拉善左旗", "Alxa Left Banner")))


def played(path: Path, room: DrillRoom, settings: Settings) -> Log:
    scenario, rule = quake(), load_drill_rule()
    comings = render(scenario, room.names, rule).comings
    engine = open_ground(path, room.template, Stage(scenario.code, comings[0].at), SystemClock().now())
    with transaction(engine) as session:
        save_subscription(session, Subscription("duty", "email", "duty@example.org"))
    until = comings[-1].at + rule.after_last
    replay = Replay(Setting(engine, settings, scenario.hazard, decide, room.names, rule, until), comings[0])
    log = replay.run(comings)
    engine.dispose()
    return log


def test_a_drill_leaves_a_live_database_byte_for_byte_as_it_was(
    demo: Engine, room: DrillRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPATCH_DATABASE_URL", settings_of(demo).database_url)
    before = content(demo)
    assert {"balance", "movement", "notice", "delivery", "alert_document"} <= set(before)
    score = run(quake(), room)
    assert score.ours.proposals and any(f.ours_at for f in score.ours.first_goods)
    assert content(demo) == before


def test_nothing_leaves_a_drill_though_every_channel_is_set_up(
    room: DrillRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object) -> None:
        raise AssertionError("a drill tried to send something")

    monkeypatch.setattr(channels.EmailChannel, "send", refuse)
    monkeypatch.setattr(channels.WebhookChannel, "send", refuse)
    path = room.new_file()
    settings = Settings(settings_for(path).database_url, testing=True, **OUTWARD)
    log = played(path, room, settings)
    assert log.approved
    engine = make_engine(settings.database_url)
    try:
        waiting = content(engine)
        assert work.send_notices(engine, Way("duty", FixedClock(NOW), settings)) == 0
        assert channels_out(engine, settings, SystemClock()) == ()
        # notices were queued for the subscriber and stay where they are
        with reading(engine) as session:
            queued = session.connection().exec_driver_sql("SELECT status, count(*) FROM delivery GROUP BY status").all()
        assert [status for status, _ in queued] == ["queued"] and content(engine) == waiting
    finally:
        engine.dispose()


def test_the_same_channels_lead_out_of_a_live_database(bare: Engine) -> None:
    settings = Settings(settings_of(bare).database_url, testing=True, **OUTWARD)
    assert [c.name for c in channels_out(bare, settings, SystemClock())] == ["email", "webhook"]


@pytest.fixture
def drill(room: DrillRoom) -> Iterator[Engine]:
    engine = open_ground(room.new_file(), room.template, Stage("test-quake", NOW), NOW)
    yield engine
    engine.dispose()


def test_an_exercise_is_for_real_in_a_drill_alone(drill: Engine, bare: Engine) -> None:
    raw = document()
    (here,) = ingest(drill, [("a.xml", raw)], Way("drill", FixedClock(NOW), settings_of(drill), waits=False))
    (live,) = ingest(bare, [("a.xml", raw)], Way("drill", FixedClock(NOW), settings_of(bare), waits=False))
    assert (here["status"], live["status"]) == ("accepted", "exercise")
    assert here["situation"] and live["situation"] is None


def test_a_real_warning_opens_nothing_in_a_drill(drill: Engine) -> None:
    raw = document().replace(b"<status>Exercise</status>", b"<status>Actual</status>")
    assert cap.parse(raw).status == "Actual"
    (answer,) = ingest(drill, [("a.xml", raw)], Way("drill", FixedClock(NOW), settings_of(drill), waits=False))
    assert (answer["status"], answer["situation"]) == ("exercise", None)


def test_only_a_drill_has_the_mark(bare: Engine, drill: Engine) -> None:
    assert not inspect(bare).has_table(DrillRow.__tablename__)
    with reading(bare) as live, reading(drill) as played_:
        assert (is_drill(live), is_drill(played_)) == (False, True)


def test_a_drill_never_begins_on_a_file_that_is_there(demo_file: Settings, room: DrillRoom) -> None:
    path = Path(demo_file.database_url.removeprefix("sqlite:///"))
    before = path.read_bytes()
    with pytest.raises(Conflict, match="exists already"):
        open_ground(path, room.template, Stage("test-quake", NOW), NOW)
    assert path.read_bytes() == before


def test_channels_are_made_in_one_place() -> None:
    root = Path(channels.__file__).resolve().parent.parent
    users = {
        path.relative_to(root).as_posix() for path in root.rglob("*.py")
        if any(name in path.read_text("utf-8") for name in ("EmailChannel(", "WebhookChannel(", "channels_from("))
    }
    assert users == {"notices/channels.py"}


def test_every_page_and_print_of_a_drill_bears_its_mark(room: DrillRoom) -> None:
    engine = open_ground(room.new_file(), room.template, Stage("test-quake", NOW), SystemClock().now())
    client = create_app(settings_for(Path(str(engine.url.database))), engine).test_client()
    person = Person(client, "duty")
    for path in ("/", "/stock", "/waybills", "/drills/", "/help", "/phone"):
        page = person.get(path)
        assert 'class="is-drill"' in page and "演练——非实况" in page, path
    printed = client.get("/map.pdf?paper=a4")
    assert printed.mimetype == "application/pdf", printed.status_code
    assert all("DRILL" in sheet.extract_text() for sheet in PdfReader(io.BytesIO(printed.data)).pages)
    engine.dispose()


def test_pages_on_live_data_bear_no_mark(bare: Engine) -> None:
    page = create_app(settings_of(bare), bare).test_client().get("/login").get_data(as_text=True)
    assert "is-drill" not in page and "演练——非实况" not in page


def test_a_file_taken_from_a_drill_says_so_by_its_name(room: DrillRoom) -> None:
    engine = open_ground(room.new_file(), room.template, Stage("test-quake", NOW), SystemClock().now())
    client = create_app(settings_for(Path(str(engine.url.database))), engine).test_client()
    Person(client, "duty")
    for path in ("/teams/export?download=csv", "/teams/export?download=xlsx", "/map.pdf?paper=a4"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "filename=DRILL-" in answer.headers["Content-Disposition"].replace('"', ""), (path, answer.headers["Content-Disposition"])
    engine.dispose()


def test_every_notice_of_a_drill_is_marked_and_none_of_live_data(room: DrillRoom, bare: Engine) -> None:
    path = room.new_file()
    assert played(path, room, settings_for(path)).approved
    engine = make_engine(settings_for(path).database_url)
    with reading(engine) as session:
        told = session.connection().exec_driver_sql("SELECT zh, en, is_exercise FROM notice").all()
    assert told and all(zh.startswith("【演练】") and en.startswith("[EXERCISE] ") and marked for zh, en, marked in told)
    engine.dispose()
    notice = Notice(Audience(REGION_ADCODE, "region"), list(NoticeKind)[0], Subject("x", "/"), Words("x", "某事", "something"), Urgency.SOON, "once")
    with transaction(bare) as session:
        post(session, notice, NOW)
        (zh, marked), = session.connection().exec_driver_sql("SELECT zh, is_exercise FROM notice").all()
    assert zh == "某事" and not marked


def test_who_is_logged_in_at_a_drills_desk_is_nobody_at_the_live_desk(room: DrillRoom, demo: Engine) -> None:
    """Cookies go to every port of a host, and everybody knows the passwords of a drill."""
    engine = open_ground(room.new_file(), room.template, Stage("test-quake", NOW), SystemClock().now())
    played_, live = (create_app(replace(settings_of(e), secret_key="one key for both"), e) for e in (engine, demo))
    at_drill = Person(played_.test_client(), "admin").client
    cookie = at_drill.get_cookie("drill-session")
    assert cookie is not None and at_drill.get_cookie("session") is None
    visitor = live.test_client()
    for name in ("drill-session", "session"):
        visitor.set_cookie(name, cookie.value)
    assert visitor.get("/alerts").status_code == 302 and "/login" in visitor.get("/alerts").headers["Location"]
    assert Person(live.test_client(), "admin").client.get_cookie("session") is not None
    engine.dispose()
