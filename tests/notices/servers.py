"""A mail server and a webhook receiver small enough to read, on 127.0.0.1."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, TCPServer, ThreadingTCPServer
from typing import Any


@dataclass
class MailBox:
    """What the mail server took, and how it is told to behave."""

    port: int = 0
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refuse_data: int = 0
    refuse_recipients: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


class _Smtp(StreamRequestHandler):
    box: MailBox

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.say("220 test")
        target = ""
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "EHLO":
                self.say("250-test")
                self.say("250 AUTH PLAIN")
            elif verb == "AUTH":
                self.box.logins.append(base64.b64decode(line.split()[2]).decode())
                self.say("235 ok")
            elif verb == "RCPT":
                target = line.partition("<")[2].rstrip(">")
                self.say("550 no such user" if target in self.box.refuse_recipients else "250 ok")
            elif verb == "DATA":
                self.take(target)
            elif verb == "STARTTLS":
                self.say("502 not here")
            else:
                self.say("221 bye" if verb == "QUIT" else "250 ok")

    def take(self, target: str) -> None:
        self.say("354 go on")
        raw = b""
        while (line := self.rfile.readline()) != b".\r\n":
            raw += line.removeprefix(b".") if line.startswith(b"..") else line
        with self.box.lock:
            if self.box.refuse_data > 0:
                self.box.refuse_data -= 1
                self.say("451 try later")
                return
            mail = message_from_bytes(raw, policy=default)
            assert isinstance(mail, EmailMessage)
            self.box.mails.append((target, mail))
        self.say("250 taken")


@dataclass
class Hook:
    """What the webhook receiver got, and the status it answers with."""

    port: int = 0
    status: int = 204
    location: str = ""
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.calls]


class _Http(BaseHTTPRequestHandler):
    hook: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.hook.calls.append((dict(self.headers), body))
        self.send_response(self.hook.status)
        if self.hook.location:
            self.send_header("Location", self.hook.location)
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_arguments: object) -> None:
        return


@contextmanager
def _running(server: TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def mail_server() -> Iterator[MailBox]:
    box = MailBox()
    handler = type("Handler", (_Smtp,), {"box": box})
    server = ThreadingTCPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    with _running(server) as port:
        box.port = port
        yield box


@contextmanager
def hook_server() -> Iterator[Hook]:
    hook = Hook()
    handler = type("Handler", (_Http,), {"hook": hook})
    with _running(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as port:
        hook.port = port
        yield hook
