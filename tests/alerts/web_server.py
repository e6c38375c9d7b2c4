"""A small web server on the own machine for what is fetched; stopped by its handle."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    """What an address answers; ``etag`` is honoured, ``drip_s`` waits between bytes."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    drip_s: float = 0
    announced: int | None = None


@dataclass
class Site:
    """The pages by path, what was asked, and where it stands."""

    url: str
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Site]:
    """A site on 127.0.0.1 at a free port."""
    site = Site("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = site.pages.get(self.path, Page(status=404))
            held = page.etag and self.headers.get("If-None-Match") == page.etag
            status = 304 if held else page.status
            site.asked.append((self.path, status))
            self.send_response(status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            if page.etag:
                self.send_header("ETag", page.etag)
            if not page.drip_s and not held:
                self.send_header("Content-Length", str(page.announced or len(page.body)))
            self.end_headers()
            if not held:
                self._send(page)

        def _send(self, page: Page) -> None:
            try:
                for byte in [page.body] if not page.drip_s else [bytes([b]) for b in page.body]:
                    self.wfile.write(byte)
                    time.sleep(page.drip_s)
            except OSError:
                # the reader hung up, as the tests want
                return

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
