"""Settings, read once from the environment and passed on as a frozen value."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from dispatch.errors import InvalidInput

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DEFAULT_ROADS_FOLDER = PROJECT_ROOT / "var" / "roads"
DEFAULT_DRILLS_FOLDER = PROJECT_ROOT / "var" / "drills"
DEFAULT_DATABASE = PROJECT_ROOT / "var" / "dispatch.sqlite"
ROADS = ("facts", "valhalla")
DEMO_SECRET = "demo-only-secret-change-me"
LEAST_SECRET = 32


@dataclass(frozen=True)
class Settings:
    """What differs between a laptop, a test and a server.

    ``database_url`` is an SQLAlchemy address (``DISPATCH_DATABASE_URL``),
    ``secret_key`` signs sessions (``DISPATCH_SECRET_KEY``), ``production``
    (``DISPATCH_ENV=production``) refuses the demo secret and sends cookies over
    HTTPS only, ``solve_seconds`` (``DISPATCH_SOLVE_SECONDS``, 1 to 3600) bounds each routing
    search, ``edit_seconds`` (``DISPATCH_EDIT_SECONDS``, 0.1 to 60) the one after an edit,
    ``solver_memory_mb`` (``DISPATCH_SOLVER_MEMORY_MB``, in MiB) what the solving process may
    take of memory, ``base_url`` (``DISPATCH_BASE_URL``) is what phones reach the pages by; the codes
    on papers then open them.

    ``rate_factor`` (``DISPATCH_RATE_FACTOR``, 1 to 1,000) multiplies how often one may ask, for measuring
    from one machine.

    Notices leave the system by mail where ``smtp_url`` (``DISPATCH_SMTP_URL``) and ``mail_from``
    (``DISPATCH_MAIL_FROM``) are set, by webhook where ``webhook_url`` (``DISPATCH_WEBHOOK_URL``)
    and ``webhook_secret`` (``DISPATCH_WEBHOOK_SECRET``) are; ``digest_minutes``
    (``DISPATCH_DIGEST_MINUTES``, 0 to 720) is how long what is not urgent is gathered;
    ``exercise_outside`` (``DISPATCH_EXERCISE_OUTSIDE=1``) lets exercises leave too.

    ``live_streams`` (``DISPATCH_LIVE_STREAMS``, 0 to 10,000) is how many open pages may hold a thread of the server
    to be told of changes at once; the others ask every other second.

    ``trusted_proxies`` (``DISPATCH_TRUSTED_PROXIES``, 0 to 5) is how many servers stand in front; only then
    is their word taken on who asks and whether it came by HTTPS.

    ``roads`` (``DISPATCH_ROADS``, facts or valhalla) is who answers how far it is; imported roads
    are kept in ``roads_folder`` (``DISPATCH_ROADS_FOLDER``).  Scores of drills are kept in
    ``drills_folder`` (``DISPATCH_DRILLS_FOLDER``); the desk for a drill's players listens on ``drill_host``
    (``DISPATCH_DRILL_HOST``), 0.0.0.0 to be reached by their telephones.
    """

    database_url: str
    secret_key: str = DEMO_SECRET
    production: bool = False
    solve_seconds: int = 4
    solver_memory_mb: int = 2048
    edit_seconds: float = 0.5
    testing: bool = False
    base_url: str = ""
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    webhook_url: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    digest_minutes: int = 15
    exercise_outside: bool = False
    live_streams: int = 0
    trusted_proxies: int = 0
    roads: str = "facts"
    roads_folder: Path = DEFAULT_ROADS_FOLDER
    drills_folder: Path = DEFAULT_DRILLS_FOLDER
    drill_host: str = "127.0.0.1"
    rate_factor: int = 1

    def __post_init__(self) -> None:
        if self.production and self.secret_key == DEMO_SECRET:
            raise InvalidInput(
                "DISPATCH_SECRET_KEY is not set, and the demo secret is not accepted in production.",
                remedy="Set DISPATCH_SECRET_KEY to a long random text.",
                zh="生产环境未设置 DISPATCH_SECRET_KEY，不接受演示密钥。",
                remedy_zh="请把 DISPATCH_SECRET_KEY 设为一段长随机文本。",
            )
        if self.production and len(self.secret_key) < LEAST_SECRET:
            raise InvalidInput(
                f"DISPATCH_SECRET_KEY is shorter than {LEAST_SECRET} characters.",
                remedy="Set it to a long random text, for example of `openssl rand -hex 32`.",
                zh=f"DISPATCH_SECRET_KEY 少于 {LEAST_SECRET} 个字符。", remedy_zh="请设为一段长随机文本，例如 `openssl rand -hex 32` 的输出。",
            )

    @classmethod
    def from_env(cls) -> Settings:
        """Read the environment; unset values take the laptop defaults."""
        roads = os.environ.get("DISPATCH_ROADS", "facts")
        if roads not in ROADS:
            raise InvalidInput(
                f"DISPATCH_ROADS is {roads!r}, which is not one of {', '.join(ROADS)}.",
                remedy="Set it to facts (the road facts) or valhalla (imported roads).",
                zh=f"DISPATCH_ROADS 的值 {roads!r} 不是 {'、'.join(ROADS)} 之一。",
                remedy_zh="请设为 facts（道路表）或 valhalla（导入的路网）。",
            )
        edit = os.environ.get("DISPATCH_EDIT_SECONDS", "0.5")
        if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,3})?", edit) or not 0.1 <= float(edit) <= 60:
            raise InvalidInput(
                f"DISPATCH_EDIT_SECONDS is {edit!r}, which is not a number of seconds from 0.1 to 60.",
                remedy="Set it to 0.1 up to 60.",
                zh=f"DISPATCH_EDIT_SECONDS 的值 {edit!r} 不是 0.1 至 60 的秒数。",
                remedy_zh="请设为 0.1 至 60。",
            )
        return cls(
            database_url=os.environ.get("DISPATCH_DATABASE_URL", f"sqlite:///{DEFAULT_DATABASE}"),
            secret_key=os.environ.get("DISPATCH_SECRET_KEY", DEMO_SECRET),
            production=os.environ.get("DISPATCH_ENV", "") == "production",
            solve_seconds=_whole_number("DISPATCH_SOLVE_SECONDS", 4, (1, 3600)),
            solver_memory_mb=_whole_number("DISPATCH_SOLVER_MEMORY_MB", 2048, (256, 1_000_000)),
            edit_seconds=float(edit),
            base_url=os.environ.get("DISPATCH_BASE_URL", "").rstrip("/"),
            smtp_url=os.environ.get("DISPATCH_SMTP_URL", ""),
            mail_from=os.environ.get("DISPATCH_MAIL_FROM", ""),
            webhook_url=os.environ.get("DISPATCH_WEBHOOK_URL", ""),
            webhook_secret=os.environ.get("DISPATCH_WEBHOOK_SECRET", ""),
            digest_minutes=_whole_number("DISPATCH_DIGEST_MINUTES", 15, (0, 720)),
            exercise_outside=os.environ.get("DISPATCH_EXERCISE_OUTSIDE", "") == "1",
            live_streams=_whole_number("DISPATCH_LIVE_STREAMS", 0, (0, 10_000)),
            trusted_proxies=_whole_number("DISPATCH_TRUSTED_PROXIES", 0, (0, 5)),
            roads=roads,
            roads_folder=Path(os.environ.get("DISPATCH_ROADS_FOLDER", DEFAULT_ROADS_FOLDER)),
            rate_factor=_whole_number("DISPATCH_RATE_FACTOR", 1, (1, 1000)),
            drills_folder=Path(os.environ.get("DISPATCH_DRILLS_FOLDER", DEFAULT_DRILLS_FOLDER)),
            drill_host=_address("DISPATCH_DRILL_HOST", "127.0.0.1"),
        )


def _address(name: str, usual: str) -> str:
    text = os.environ.get(name, usual)
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise InvalidInput(
            f"{name} is {text!r}, which is no IP address.", remedy="Set it to 0.0.0.0 (all networks) or 127.0.0.1 (this machine alone).",
            zh=f"{name} 的值 {text!r} 不是 IP 地址。", remedy_zh="请设为 0.0.0.0（所有网络）或 127.0.0.1（仅本机）。",
        ) from error


def _whole_number(name: str, usual: int, bounds: tuple[int, int]) -> int:
    text, (least, most) = os.environ.get(name, str(usual)), bounds
    if text.isascii() and text.isdigit() and least <= int(text) <= most:
        return int(text)
    raise InvalidInput(
        f"{name} is {text!r}, which is not a whole number from {least} to {most}.",
        remedy=f"Set it to {least} up to {most}; it is {usual} when unset.",
        zh=f"{name} 的值 {text!r} 不是 {least} 至 {most} 的整数。",
        remedy_zh=f"请设为 {least} 至 {most} 的整数；不设时为 {usual}。",
    )
