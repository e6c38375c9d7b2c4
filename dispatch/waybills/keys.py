"""The key of a truck's own page: who holds the paper may tell where the truck is, and no more."""

from __future__ import annotations

import hashlib
import hmac

from dispatch.errors import NotFound

LENGTH = 32


def truck_key(secret: str, code: str, content_hash: str) -> str:
    """The key in the address of a truck's page; another paper or another secret gives another key."""
    return hmac.new(secret.encode(), f"truck:{code}:{content_hash}".encode(), hashlib.sha256).hexdigest()[:LENGTH]


def check_key(given: str, right: str) -> None:
    """``NotFound`` when the key is not the right one: nobody learns which papers there are."""
    if not hmac.compare_digest(given.encode(), right.encode()):
        raise NotFound("This link leads nowhere.", remedy="Scan the code on the driver's card again.",
                       zh="链接无效。", remedy_zh="请重新扫描司机卡上的二维码。")
