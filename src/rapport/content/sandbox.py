"""Mail in a frame: shown as it is, but without script, without forms, without a word to any server."""

import re

from django.http import HttpResponse

_PIXEL = re.compile(r'<img src="[^"]*" width="1" height="1"[^>]*>')
POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
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
