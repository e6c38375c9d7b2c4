"""Response headers: nothing from elsewhere, no script without this answer's nonce."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request
from flask_login import current_user

POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'"
)


FEATURES = "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"
PUBLIC_FILES = ("static", "assets")


def register_security(app: Flask) -> None:
    """A nonce per request and the headers on every answer."""

    @app.before_request
    def make_nonce() -> None:
        g.nonce = secrets.token_urlsafe(16)

    @app.after_request
    def add_headers(response: Response) -> Response:
        nonce = g.get("nonce", "")
        response.headers["Content-Security-Policy"] = POLICY.format(nonce=nonce)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = FEATURES
        if app.extensions["dispatch"].settings.production:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        # a shared computer's browser must not show a page after its person has left
        if "Cache-Control" not in response.headers and request.endpoint not in PUBLIC_FILES and current_user and current_user.is_authenticated:
            response.headers["Cache-Control"] = "private, no-cache"
        return response
