"""Fetching one address: listed hosts only, bounded in size and time, nothing inside the house.

``http.client`` rather than ``urllib.request``: that one follows redirects and the
environment's proxies on its own, past the list of hosts, and resolves a name again after
it was checked.  Here the address that was checked is the address connected to.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import SplitResult, urljoin, urlsplit

from dispatch.alerts.cap import MAX_BYTES
from dispatch.errors import Refused, Unavailable

REDIRECTS = (301, 302, 303, 307, 308)
MAX_REDIRECTS = 3
MAX_ADDRESS = 500
AGENT = "inner-mongolia-dispatch"


@dataclass(frozen=True, slots=True)
class FetchRule:
    """What may be fetched.

    ``hosts`` are names and addresses, lower case.  A name that leads to a private address
    (own network, own machine) is refused unless that address is listed too, by itself or
    as a network (10.0.0.0/8).  ``step_s`` bounds each wait, ``total_s`` the whole answer.
    """

    hosts: frozenset[str]
    step_s: float = 10
    total_s: float = 30
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True, slots=True)
class Known:
    """What the server said of the version already held; empty = nothing held."""

    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """The body and what to ask with next time; ``is_unchanged`` = the version held is current."""

    body: bytes
    known: Known
    is_unchanged: bool = False


def fetch(url: str, rule: FetchRule, known: Known | None = None) -> Reply:
    """The body at an address; redirects are followed on the same host only.

    Raises ``Refused`` for hosts not listed, ``Unavailable`` for everything the network does.
    """
    held = known or Known()
    address = url
    for _ in range(MAX_REDIRECTS + 1):
        parts = check_address(address, rule)
        reply, target = _ask(parts, rule, held)
        if reply is not None:
            return reply
        onward = urljoin(address, target)
        if (urlsplit(onward).scheme, urlsplit(onward).netloc) != (parts.scheme, parts.netloc):
            raise _refused(f"{address} sends on to another host: {onward[:200]}", f"{address} 转向其他主机：{onward[:200]}")
        address = onward
    raise _unavailable(url, "too many redirects")


def check_address(url: str, rule: FetchRule) -> SplitResult:
    """The parts of an address that may be fetched; ``Refused`` otherwise."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise _refused(f"{url[:200]} is not an address", f"{url[:200]} 不是有效地址") from error
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= MAX_ADDRESS
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or not is_plain:
        raise _refused(f"{url[:200]} is not a plain http or https address", f"{url[:200]} 不是普通的 http 或 https 地址")
    if host not in rule.hosts:
        raise _refused(f"The host {host} is not on the list", f"主机 {host} 不在允许名单中")
    return parts


def _ask(parts: SplitResult, rule: FetchRule, held: Known) -> tuple[Reply | None, str]:
    """The reply, or none and where the server sends on to."""
    url = parts.geturl()
    line: list[socket.socket] = []
    connection, is_late = _connection(parts, rule, line), threading.Event()
    timer = threading.Timer(rule.total_s, _cut, (line, is_late))
    timer.daemon = True
    try:
        timer.start()
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers=_headers(held))
        if is_late.is_set():
            raise TimeoutError(f"no connection within {rule.total_s:g} s")
        response = connection.getresponse()
        if response.status == 304:
            return Reply(b"", held, is_unchanged=True), ""
        if response.status in REDIRECTS:
            return None, response.headers.get("Location", "")
        if response.status != 200:
            raise _unavailable(url, f"the server answers {response.status}")
        body = _read(response, rule, url)
        if is_late.is_set():
            raise TimeoutError(f"no whole answer within {rule.total_s:g} s")
        known = Known(response.headers.get("ETag", "")[:300], response.headers.get("Last-Modified", "")[:100])
        return Reply(body, known), ""
    except (OSError, HTTPException, ValueError) as error:
        raise _unavailable(url, str(error) or type(error).__name__) from error
    finally:
        timer.cancel()
        connection.close()


def _headers(held: Known) -> dict[str, str]:
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity", "Connection": "close"}
    if held.etag:
        headers["If-None-Match"] = held.etag
    if held.modified:
        headers["If-Modified-Since"] = held.modified
    return headers


def _read(response: HTTPResponse, rule: FetchRule, url: str) -> bytes:
    body = response.read(rule.max_bytes + 1)
    if len(body) > rule.max_bytes:
        raise _unavailable(url, f"the answer has more than {rule.max_bytes:,} bytes")
    if response.length:
        raise _unavailable(url, "the answer was cut off")
    return body


def _connection(parts: SplitResult, rule: FetchRule, line: list[socket.socket]) -> HTTPConnection:
    kind = _GuardedTls if parts.scheme == "https" else _Guarded
    return kind(parts.netloc, rule, line)


def _cut(line: list[socket.socket], is_late: threading.Event) -> None:
    is_late.set()
    for plain in line:
        try:
            # of the plain socket: TLS would first say goodbye to a server that does not listen
            socket.socket.shutdown(plain, socket.SHUT_RDWR)
        except OSError:
            # closed in the meantime: nothing left to cut
            continue


class _Guarded(HTTPConnection):
    # ``line`` keeps the socket in reach: the connection lets go of it once an answer begins
    def __init__(self, netloc: str, rule: FetchRule, line: list[socket.socket]) -> None:
        super().__init__(netloc, timeout=rule.step_s)
        self.rule, self.line = rule, line

    def connect(self) -> None:
        """Connect to an address that was checked."""
        self.sock = _open(self.host, self.port, self.rule)
        self.line.append(self.sock)


class _GuardedTls(HTTPSConnection):
    def __init__(self, netloc: str, rule: FetchRule, line: list[socket.socket]) -> None:
        super().__init__(netloc, timeout=rule.step_s)
        self.rule, self.line = rule, line
        self.tls = ssl.create_default_context()

    def connect(self) -> None:
        """Connect to an address that was checked, then prove the host's name."""
        plain = _open(self.host, self.port, self.rule)
        self.sock = self.tls.wrap_socket(plain, server_hostname=self.host)
        self.line.append(self.sock)


def _open(host: str, port: int, rule: FetchRule) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    allowed = [str(entry[4][0]) for entry in found if is_allowed(str(entry[4][0]), rule)]
    if not allowed:
        raise _refused(f"The host {host} leads to a private address", f"主机 {host} 指向内部地址")
    return socket.create_connection((allowed[0], port), rule.step_s)


def is_allowed(address: str, rule: FetchRule) -> bool:
    """True for public addresses, and for others when listed alone or within a network."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    real = mapped or ip
    if real.is_global and not real.is_multicast:
        return True
    return any(real in network for network in _networks(rule))


def _networks(rule: FetchRule) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    networks = []
    for host in rule.hosts:
        try:
            networks.append(ipaddress.ip_network(host))
        except ValueError:
            # a name, not an address
            continue
    return networks


def _refused(en: str, zh: str) -> Refused:
    return Refused(
        f"{en}.", remedy="List the host with --allow-host if it may be read.",
        zh=f"{zh}。", remedy_zh="如允许读取，请用 --allow-host 列出该主机。",
    )


def _unavailable(url: str, why: str) -> Unavailable:
    return Unavailable(
        f"{url[:200]} could not be read: {why[:200]}.",
        remedy="It is tried again at the next poll; check the address and the line.",
        zh=f"无法读取 {url[:200]}：{why[:200]}。",
        remedy_zh="下次轮询会再试；请检查地址和网络。",
    )
