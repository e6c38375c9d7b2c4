"""The ways out: mail by SMTP and a signed webhook, both from the standard library."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import json
import re
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from sqlalchemy import Engine

from dispatch.clock import Clock, to_local
from dispatch.config import Settings
from dispatch.db import reading
from dispatch.demo_time import shift_of
from dispatch.drill_mark import is_drill
from dispatch.errors import DispatchError, InvalidInput, Refused, Unavailable
from dispatch.notices.model import Channel, OutMessage, Subscription, Urgency, one_line

TIMEOUT_S = 10
LEVELS = {
    Urgency.NOW: ("紧急", "URGENT"),
    Urgency.SOON: ("通知", "Notice"),
    Urgency.DIGEST: ("汇总", "Digest"),
}
_PLAIN = re.compile(r"[!-~]+")
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


def channels_from(settings: Settings, clock: Clock) -> tuple[Channel, ...]:
    """The channels that are set up; none set means the inbox alone.

    Raises ``InvalidInput`` when an address cannot be used or its other half is missing.
    """
    found: list[Channel] = []
    if settings.smtp_url:
        found.append(EmailChannel(MailServer.parse(settings.smtp_url), _sender(settings), clock))
    if settings.webhook_url:
        found.append(WebhookChannel(_hook(settings), settings.webhook_secret, clock))
    return tuple(found)


def channels_out(engine: Engine, settings: Settings, clock: Clock) -> tuple[Channel, ...]:
    """The channels that may be used from a database: none from a demo's or a drill's.

    Whatever leaves the program asks here; there is no other way out.
    """
    with reading(engine) as session:
        stays_inside = is_drill(session) or shift_of(session) is not None
    return () if stays_inside else channels_from(settings, clock)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in; ``scheme`` says how the line is secured."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> MailServer:
        """Read ``smtp+starttls://user:password@host:587``; the error never shows the password."""
        parts, port = _split("DISPATCH_SMTP_URL", url)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if parts.scheme not in PORTS:
            raise _bad_setting("DISPATCH_SMTP_URL", "smtp+starttls://user:password@host:587, smtps:// or smtp://")
        if not (user + password).isascii():
            raise _bad_setting("DISPATCH_SMTP_URL", "a user and password of ASCII characters")
        if user and parts.scheme == "smtp" and not _is_loopback(parts.hostname):
            raise _bad_setting("DISPATCH_SMTP_URL", "smtp+starttls:// or smtps://, so that the password is not sent in clear")
        return cls(parts.scheme, parts.hostname or "", port or PORTS[parts.scheme], user, password)


@dataclass(frozen=True, slots=True)
class EmailChannel:
    """Plain-text mail, Chinese first, English below."""

    server: MailServer
    sender: str
    clock: Clock
    tls: ssl.SSLContext | None = None

    @property
    def name(self) -> str:
        """``email``."""
        return "email"

    def send(self, batch: Sequence[OutMessage]) -> None:
        """One mail to the batch's address; see ``Channel.send``."""
        mail = self.compose(batch)
        try:
            with self._connect() as line:
                if self.server.scheme == "smtp+starttls":
                    line.starttls(context=self._tls())
                if self.server.user:
                    line.login(self.server.user, self.server.password)
                line.send_message(mail)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
            raise _refused("mail server", self.server.host, _reply(error)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise _unreachable("mail server", self.server.host, error) from error

    def compose(self, batch: Sequence[OutMessage]) -> EmailMessage:
        """The mail; the same notices give the same Message-ID, so that a second copy is known."""
        first = batch[0]
        keys = "\n".join([first.address, *(m.dedupe_key for m in batch)])
        domain = self.sender.rpartition("@")[2]
        mail = EmailMessage(policy=SMTP.clone(max_line_length=76))
        mail["Subject"] = _title(batch)
        mail["From"] = self.sender
        mail["To"] = first.address
        mail["Date"] = format_datetime(to_local(self.clock.now()))
        mail["Message-ID"] = f"<{hashlib.sha256(keys.encode()).hexdigest()[:32]}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(_body(batch), charset="utf-8", cte="base64")
        return mail

    def _connect(self) -> smtplib.SMTP:
        if self.server.scheme == "smtps":
            return smtplib.SMTP_SSL(
                self.server.host, self.server.port, timeout=TIMEOUT_S, context=self._tls()
            )
        return smtplib.SMTP(self.server.host, self.server.port, timeout=TIMEOUT_S)

    def _tls(self) -> ssl.SSLContext:
        return self.tls or ssl.create_default_context()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A signed message goes where it was addressed and nowhere else."""

    def redirect_request(self, *_arguments: Any, **_more: Any) -> None:
        """Follow nothing; the redirect then counts as a refusal."""
        return None


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """JSON by POST, signed with HMAC-SHA256 over ``timestamp + "." + body``.

    Headers: ``X-Dispatch-Timestamp`` (Unix seconds) and ``X-Dispatch-Signature``
    (``sha256=`` and the hex digest).  The receiver checks both, and tells repeats by
    ``dedupe_key``.
    """

    url: str
    secret: str = field(repr=False)
    clock: Clock

    @property
    def name(self) -> str:
        """``webhook``."""
        return "webhook"

    def send(self, batch: Sequence[OutMessage]) -> None:
        """One POST for the batch's address; see ``Channel.send``."""
        body = json.dumps(_payload(batch), ensure_ascii=False, sort_keys=True).encode()
        stamp = str(int(self.clock.now().timestamp()))
        request = urllib.request.Request(self.url, body, method="POST", headers={
            "Content-Type": "application/json; charset=utf-8",
            "X-Dispatch-Timestamp": stamp,
            "X-Dispatch-Signature": "sha256=" + sign(self.secret, stamp, body),
        })
        host = urlsplit(self.url).hostname or ""
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=TIMEOUT_S):
                return
        except urllib.error.HTTPError as error:
            error.close()
            if error.code >= 500 or error.code == 429:
                raise _unreachable("webhook", host, error) from error
            raise _refused("webhook", host, f"HTTP {error.code}") from error
        except (OSError, http.client.HTTPException) as error:
            raise _unreachable("webhook", host, error) from error


def sign(secret: str, stamp: str, body: bytes) -> str:
    """The hex HMAC-SHA256 of ``stamp + "." + body``."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _payload(batch: Sequence[OutMessage]) -> dict[str, Any]:
    return {
        "to": batch[0].address,
        "notices": [
            {
                "kind": m.kind, "code": m.words.code, "zh": m.words.zh, "en": m.words.en,
                "subject": m.subject, "link": m.link, "urgency": m.urgency.value,
                "dedupe_key": m.dedupe_key, "is_exercise": m.is_exercise,
                "posted_at": m.posted_at.isoformat(),
            }
            for m in batch
        ],
    }


def _title(batch: Sequence[OutMessage]) -> str:
    zh, en = LEVELS[batch[0].urgency]
    words = batch[0].words
    many = f"（共 {len(batch)} 条 / {len(batch)} notices）" if len(batch) > 1 else ""
    return one_line(f"【{zh}】{words.zh} [{en}] {words.en}"[:160] + many)


def _body(batch: Sequence[OutMessage]) -> str:
    parts = []
    for number, m in enumerate(batch, 1):
        zh, en = LEVELS[m.urgency]
        parts.append("\n".join([
            f"{number}. 【{zh}】{one_line(m.words.zh)}",
            f"   [{en}] {one_line(m.words.en)}",
            f"   {one_line(m.subject)} · {to_local(m.posted_at):%Y-%m-%d %H:%M} · {one_line(m.link)}",
        ]))
    return "\n\n".join(parts) + "\n"


def _sender(settings: Settings) -> str:
    try:
        return Subscription("", "email", settings.mail_from).address
    except InvalidInput as error:
        raise _bad_setting("DISPATCH_MAIL_FROM", "one mail address such as dispatch@example.org") from error


def _hook(settings: Settings) -> str:
    parts, _ = _split("DISPATCH_WEBHOOK_URL", settings.webhook_url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))
    if not is_safe or parts.username:
        raise _bad_setting("DISPATCH_WEBHOOK_URL", "an https:// address without user and password")
    if len(settings.webhook_secret) < 16:
        raise _bad_setting("DISPATCH_WEBHOOK_SECRET", "a random text of 16 characters or more")
    return settings.webhook_url


def _split(name: str, url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError as error:
        raise _bad_setting(name, "an address with a host and a numeric port") from error
    if not parts.hostname or not _PLAIN.fullmatch(url):
        raise _bad_setting(name, "an address of printable ASCII characters with a host")
    return parts, port


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _reply(error: smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {text!r}" for code, text in error.recipients.values())
    return str(error)


def _bad_setting(name: str, wanted: str) -> InvalidInput:
    return InvalidInput(
        f"{name} is missing or cannot be used.", remedy=f"Set it to {wanted}.",
        zh=f"{name} 未设置或无法使用。", remedy_zh=f"应设为：{wanted}。",
    )


def _refused(what: str, host: str, reason: str) -> DispatchError:
    return Refused(
        f"The {what} {host} did not take the message: {reason}.",
        remedy="Correct the address of the subscription, or ask the operator of the far side.",
        zh=f"{host} 未接收该消息：{reason}。", remedy_zh="请核对订阅地址，或联系对方管理员。",
    )


def _unreachable(what: str, host: str, error: Exception) -> DispatchError:
    return Unavailable(
        f"The {what} {host} could not be used: {error}.",
        remedy="Check the network, the settings and the far side; the message is tried again.",
        zh=f"无法使用 {host}：{error}。", remedy_zh="请检查网络、设置和对方服务；系统会再次发送。",
    )
