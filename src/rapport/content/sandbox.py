"""Mail in a frame: shown as it is, but without script, without forms, without a word to any server."""

import re
from html import escape

from django.http import HttpResponse

_PIXEL = re.compile(r'<img src="[^"]*" width="1" height="1"[^>]*>')
POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'"
)


def framed(html: str) -> HttpResponse:
    """The page of a frame. Links open beside; the open pixel is not loaded, so that looking counts nothing."""
    inner = _PIXEL.sub("", html).replace("<head>", '<head><base target="_blank">', 1)
    response = HttpResponse(inner, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


_DARK = re.compile(r"@media\s*\(prefers-color-scheme:\s*dark\)")


def in_theme(html: str, *, dark: bool) -> str:
    """The letter as a mail program in the dark, or in the light, shows it, whatever the reader's own screen is set to."""
    return _DARK.sub("@media all" if dark else "@media not all", html)


def plain_page(text: str) -> str:
    """The plain text as a page for the frame."""
    style = (
        "body{margin:24px;font:15px/1.6 ui-monospace,Menlo,Consolas,monospace;color:#1b2220;background:#fff}"
        "pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit}"
    )
    return f"<!doctype html><html><head><title>Plain text</title><style>{style}</style></head><body><pre>{escape(text)}</pre></body></html>"
