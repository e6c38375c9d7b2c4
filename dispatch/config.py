"""Settings, read once from the environment and passed on as a frozen value."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from dispatch.errors import InvalidInput

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DEFAULT_DATABASE = PROJECT_ROOT / "var" / "dispatch.sqlite"
DEMO_SECRET = "demo-only-secret-change-me"


@dataclass(frozen=True)
class Settings:
    """What differs between a laptop, a test and a server.

    ``database_url`` is an SQLAlchemy address (``DISPATCH_DATABASE_URL``),
    ``secret_key`` signs sessions (``DISPATCH_SECRET_KEY``), ``production``
    (``DISPATCH_ENV=production``) refuses the demo secret and sends cookies over
    HTTPS only, ``solve_seconds`` (``DISPATCH_SOLVE_SECONDS``) bounds each routing
    search, ``base_url`` (``DISPATCH_BASE_URL``) is what phones reach the pages by; the codes
    on papers then open them.
    """

    database_url: str
    secret_key: str = DEMO_SECRET
    production: bool = False
    solve_seconds: int = 4
    testing: bool = False
    base_url: str = ""

    def __post_init__(self) -> None:
        if self.production and self.secret_key == DEMO_SECRET:
            raise InvalidInput(
                "DISPATCH_SECRET_KEY is not set, and the demo secret is not accepted in production.",
                remedy="Set DISPATCH_SECRET_KEY to a long random text.",
                zh="生产环境未设置 DISPATCH_SECRET_KEY，不接受演示密钥。",
                remedy_zh="请把 DISPATCH_SECRET_KEY 设为一段长随机文本。",
            )

    @classmethod
    def from_env(cls) -> Settings:
        """Read the environment; unset values take the laptop defaults."""
        seconds = os.environ.get("DISPATCH_SOLVE_SECONDS", "4")
        if not seconds.isdigit() or int(seconds) < 1:
            raise InvalidInput(
                f"DISPATCH_SOLVE_SECONDS is {seconds!r}, which is not a whole number of seconds.",
                remedy="Set it to 1 or more.",
                zh=f"DISPATCH_SOLVE_SECONDS 的值 {seconds!r} 不是整数秒。",
                remedy_zh="请设为 1 或更大的整数。",
            )
        return cls(
            database_url=os.environ.get("DISPATCH_DATABASE_URL", f"sqlite:///{DEFAULT_DATABASE}"),
            secret_key=os.environ.get("DISPATCH_SECRET_KEY", DEMO_SECRET),
            production=os.environ.get("DISPATCH_ENV", "") == "production",
            solve_seconds=int(seconds),
            base_url=os.environ.get("DISPATCH_BASE_URL", "").rstrip("/"),
        )
