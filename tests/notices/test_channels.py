"""Mail and webhook on real sockets: Chinese intact, nothing forged, no secret shown."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.clock import FixedClock
from dispatch.config import Settings
from dispatch.errors import InvalidInput, Refused, Unavailable
from dispatch.notices.channels import EmailChannel, MailServer, WebhookChannel, channels_from, sign
from dispatch.notices.model import OutMessage, Urgency
from dispatch.words import Words
from tests.builders import AT
from tests.notices.conftest import SECRET
from tests.notices.servers import Hook, MailBox, hook_server

CLOCK = FixedClock(AT)
MESSAGE = OutMessage(
    address="duty@tl.example", kind="level",
    words=Words("level_raised", "通辽市暴雪：启动Ⅱ级响应，科左后旗积雪42厘米", "Tongliao: level II"),
    subject="S-1", link="https://dispatch.example/situations/S-1", urgency=Urgency.NOW,
    dedupe_key="k-1", is_exercise=False, posted_at=AT,
)


def mail_channel(box: MailBox, url: str = "") -> EmailChannel:
    return EmailChannel(MailServer.parse(url or box.url), "dispatch@nmg.example", CLOCK)


def test_mail_keeps_chinese_and_says_its_level(box: MailBox) -> None:
    mail_channel(box).send([MESSAGE])
    ((target, mail),) = box.mails
    assert target == mail["To"] == "duty@tl.example"
    assert mail["Subject"] == "【紧急】通辽市暴雪：启动Ⅱ级响应，科左后旗积雪42厘米 [URGENT] Tongliao: level II"
    text = mail.get_content()
    assert MESSAGE.words.zh in text and MESSAGE.words.en in text and MESSAGE.link in text
    assert "2021-11-08 16:00" in text
    assert mail.get_content_type() == "text/plain" and not mail.is_multipart()
    assert mail["Date"] == "Mon, 08 Nov 2021 16:00:00 +0800"


def test_a_second_copy_is_known_by_its_id() -> None:
    channel = EmailChannel(MailServer.parse("smtp://127.0.0.1"), "dispatch@nmg.example", CLOCK)
    ids = [channel.compose([m])["Message-ID"] for m in (MESSAGE, MESSAGE, replace(MESSAGE, dedupe_key="k-2"))]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize("evil", [
    "x\r\nBcc: spy@evil.example", "x\nSubject: other", "x\r\n\r\nbody", "x\u2028Bcc: a", "x\x0bBcc: a", "x\x85Bcc: a",
    "x\r\n.\r\nMAIL FROM:<a@b.c>", "<script>alert(1)</script>",
])
def test_no_header_or_page_can_be_smuggled_in(box: MailBox, evil: str) -> None:
    mail_channel(box).send([replace(MESSAGE, words=Words("c", evil, evil), subject=evil, link=evil)])
    ((target, mail),) = box.mails
    assert target == "duty@tl.example"
    assert sorted(mail.keys()) == sorted([
        "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    ])
    assert mail.get_content_type() == "text/plain"
    assert len(mail.get_content().strip().splitlines()) == 3


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_words_make_one_subject_line(zh: str, en: str) -> None:
    channel = EmailChannel(MailServer.parse("smtp://127.0.0.1"), "dispatch@nmg.example", CLOCK)
    raw = channel.compose([replace(MESSAGE, words=Words("c", zh, en))]).as_bytes()
    head = raw.partition(b"\r\n\r\n")[0]
    names = re.findall(rb"^([A-Za-z-]+):", head, re.M)
    assert len(names) == len(set(names)) == 9 and b"Bcc" not in names


def test_login_and_refusals(box: MailBox) -> None:
    mail_channel(box, f"smtp://us%40er:p%3Aw@127.0.0.1:{box.port}").send([MESSAGE])
    assert box.logins == ["\0us@er\0p:w"]
    box.refuse_recipients.add("duty@tl.example")
    with pytest.raises(Refused, match="no such user"):
        mail_channel(box).send([MESSAGE])


def test_without_the_asked_encryption_nothing_is_sent(box: MailBox) -> None:
    with pytest.raises(Unavailable):
        mail_channel(box, f"smtp+starttls://user:secret@127.0.0.1:{box.port}").send([MESSAGE])
    assert box.mails == [] and box.logins == []


def test_nobody_listens() -> None:
    with pytest.raises(Unavailable):
        EmailChannel(MailServer.parse("smtp://127.0.0.1:1"), "a@b.example", CLOCK).send([MESSAGE])
    with pytest.raises(Unavailable):
        WebhookChannel("http://127.0.0.1:1/", SECRET, CLOCK).send([MESSAGE])


def test_webhook_is_signed_and_keeps_chinese(hook: Hook) -> None:
    WebhookChannel(hook.url, SECRET, CLOCK).send([MESSAGE, replace(MESSAGE, dedupe_key="k-2")])
    ((headers, raw),) = hook.calls
    stamp = headers["X-Dispatch-Timestamp"]
    assert stamp == str(int(AT.timestamp()))
    assert headers["X-Dispatch-Signature"] == "sha256=" + sign(SECRET, stamp, raw)
    assert MESSAGE.words.zh.encode() in raw
    (body,) = hook.bodies()
    assert body["to"] == MESSAGE.address
    assert [n["dedupe_key"] for n in body["notices"]] == ["k-1", "k-2"]


def test_the_signature_is_the_known_one() -> None:
    """Reckoned with: printf '1.{}' | openssl dgst -sha256 -hmac key"""
    assert sign("key", "1", b"{}") == "1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224"


@pytest.mark.parametrize("status,error", [(500, Unavailable), (429, Unavailable), (404, Refused), (410, Refused)])
def test_webhook_answers(hook: Hook, status: int, error: type[Exception]) -> None:
    hook.status = status
    with pytest.raises(error, match=str(status)):
        WebhookChannel(hook.url, SECRET, CLOCK).send([MESSAGE])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_webhook_follows_no_redirect(hook: Hook, status: int) -> None:
    with hook_server() as elsewhere:
        hook.status, hook.location = status, elsewhere.url
        with pytest.raises(Refused):
            WebhookChannel(hook.url, SECRET, CLOCK).send([MESSAGE])
        assert elsewhere.calls == [] and len(hook.calls) == 1


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield


def settings(**fields: str) -> Settings:
    return Settings("sqlite://", testing=True, **fields)  # type: ignore[arg-type]


def test_what_is_set_is_there() -> None:
    assert channels_from(settings(), CLOCK) == ()
    mail = {"smtp_url": "smtps://u:p@mail.example", "mail_from": "a@b.example"}
    hook = {"webhook_url": "https://hook.example/x", "webhook_secret": SECRET}
    assert [c.name for c in channels_from(settings(**mail), CLOCK)] == ["email"]
    assert [c.name for c in channels_from(settings(**mail, **hook), CLOCK)] == ["email", "webhook"]


@pytest.mark.parametrize("fields,name", [
    ({"smtp_url": "smtps://mail.example"}, "DISPATCH_MAIL_FROM"),
    ({"smtp_url": "smtps://mail.example", "mail_from": "a@b\nBcc: x"}, "DISPATCH_MAIL_FROM"),
    ({"smtp_url": "mail.example", "mail_from": "a@b.example"}, "DISPATCH_SMTP_URL"),
    ({"smtp_url": "smtp://u:secret@mail.example", "mail_from": "a@b.example"}, "DISPATCH_SMTP_URL"),
    ({"smtp_url": "smtps://u:secret@mail.example:x", "mail_from": "a@b.example"}, "DISPATCH_SMTP_URL"),
    ({"smtp_url": "smtps://u:secret@a..b", "mail_from": "a@b.example"}, "DISPATCH_SMTP_URL"),
    ({"webhook_url": "http://hook.example", "webhook_secret": SECRET}, "DISPATCH_WEBHOOK_URL"),
    ({"webhook_url": "file:///etc/passwd", "webhook_secret": SECRET}, "DISPATCH_WEBHOOK_URL"),
    ({"webhook_url": "https://hook.example/a b", "webhook_secret": SECRET}, "DISPATCH_WEBHOOK_URL"),
    ({"webhook_url": "https://hook.example"}, "DISPATCH_WEBHOOK_SECRET"),
])
def test_bad_settings_say_which_and_never_the_password(fields: dict[str, str], name: str) -> None:
    with pytest.raises(InvalidInput, match=name) as caught:
        channels_from(settings(**fields), CLOCK)
    assert "secret" not in str(caught.value.as_dict()).replace("DISPATCH_WEBHOOK_SECRET", "")


def test_settings_hide_their_secrets() -> None:
    shown = repr(settings(smtp_url="smtps://u:pass-word@m", webhook_secret="pass-word"))
    assert "pass-word" not in shown


@pytest.mark.parametrize("value", ["x", "-1", "721", "", "１５"])
def test_digest_minutes_are_minutes(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DISPATCH_DIGEST_MINUTES", value)
    with pytest.raises(InvalidInput, match="DISPATCH_DIGEST_MINUTES"):
        Settings.from_env()


def test_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPATCH_DIGEST_MINUTES", "5")
    monkeypatch.setenv("DISPATCH_EXERCISE_OUTSIDE", "1")
    monkeypatch.setenv("DISPATCH_SMTP_URL", "smtps://m")
    read = Settings.from_env()
    assert (read.digest_minutes, read.exercise_outside, read.smtp_url) == (5, True, "smtps://m")
