"""The second factor: time-based codes (RFC 6238), kept encrypted, each accepted once; recovery codes."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from hashlib import sha256

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ISSUER = "内蒙古红十字会救灾调度"
STEP_S = 30
DRIFT = 1
"""Steps a clock may be off, either way."""


def new_secret() -> str:
    """A fresh secret in base 32, 160 bits."""
    return pyotp.random_base32()


def address(secret: str, name: str) -> str:
    """What an authenticator reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def step_of(secret: str, code: str, at: datetime, last: int) -> int | None:
    """The time step a code is right for; None where it is wrong or not newer than step ``last``."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return None
    now = int(at.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret)
    for step in range(now - DRIFT, now + DRIFT + 1):
        if step > last and secrets.compare_digest(totp.at(step * STEP_S), digits):
            return step
    return None


def seal(secret: str, key: str) -> str:
    """The secret as it is kept: unreadable without the application's key."""
    return _box(key).encrypt(secret.encode("ascii")).decode("ascii")


def unseal(kept: str, key: str) -> str | None:
    """The secret back; None where it was sealed under another key."""
    try:
        return _box(key).decrypt(kept.encode("ascii")).decode("ascii")
    except InvalidToken:
        return None


def _box(key: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"dispatch second factor").derive(key.encode("utf-8"))
    return Fernet(base64.urlsafe_b64encode(derived))


def new_recovery_codes(count: int) -> tuple[str, ...]:
    """Codes to write down, 80 bits each, in groups people can read."""
    raw = (base64.b32encode(secrets.token_bytes(10)).decode("ascii").lower() for _ in range(count))
    return tuple("-".join(text[i:i + 4] for i in range(0, 16, 4)) for text in raw)


def recovery_hash(code: str) -> str:
    """As a recovery code is kept: at 80 random bits a plain hash cannot be guessed back."""
    return sha256("".join(code.lower().split()).replace("-", "").encode("utf-8", "surrogatepass")).hexdigest()
