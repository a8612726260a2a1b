"""Clear floods at the doors of messages are turned away; nobody who reads mail ever comes near the limit.

Mail hosts fetch pictures and follow links for all their readers from few addresses, and the buttons of mail programs are pressed
from there too: so the limits are far above what people do, and higher where a person stops our messages.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from rapport.kit import clock
from rapport.kit.limits import Window
from rapport.trust.lockout import address

View = Callable[..., HttpResponse]
TOUCHES = Window(per_minute=3_000)
STOPS = Window(per_minute=6_000)


def turned_away(window: Window) -> Callable[[View], View]:
    """429 for an address that has used up its minute."""

    def around(view: View) -> View:
        @wraps(view)
        def asked(request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
            if window.allows(address(request), clock.now()):
                return view(request, *given, **named)
            words = "Too many at once. Please try again in a minute.\n"
            return HttpResponse(
                words, status=429, content_type="text/plain; charset=utf-8", headers={"Retry-After": "60"}
            )

        return asked

    return around
