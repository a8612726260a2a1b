"""The door of programs: under /api/v1/ only a key counts, never the cookie of somebody who is signed in.

So no other site can make a browser ask in its user's name, and no session begins by a program's question. The gate itself,
with its answers, is `rapport.api.gate`.
"""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from rapport.kit import clock, logs
from rapport.trust import api_keys
from rapport.trust.models import ApiKey, User
from rapport.trust.sight import Sight, decide

PLACE = "/api/v1/"
log = logs.get(__name__)


class ProgramRequest(HttpRequest):
    """A question of a program. `refused` says why there is no key: absent, unknown or too_many."""

    user: User
    api_key: ApiKey | None
    refused: str
    sight: Sight
    may: Callable[[str], bool]


class KeyDoor:
    """Puts the owner of the key in the place of the user, or nobody."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PLACE):
            return self.answer(request)
        _sit(request, clock.now())
        with translation.override("en"):  # programs read our errors, and their makers wrote down these words
            response = self.answer(request)
        response.headers["Content-Language"] = "en"
        return response


def sight(request: ProgramRequest, verb: str) -> Sight | None:
    """How far the key reaches under this verb: the owner's sight, and only for verbs the key has."""
    if request.api_key is None or verb not in request.api_key.verbs:
        return None
    return decide(request.user.grants.all(), verb)


def _sit(request: HttpRequest, now: datetime) -> None:
    asked: ProgramRequest = request  # type: ignore[assignment]
    asked.user, asked.api_key = AnonymousUser(), None  # type: ignore[assignment]
    asked.may = lambda verb: sight(asked, verb) is not None
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        asked.refused = "absent"
        return
    key = api_keys.find(text.strip(), now=now)
    if key is None:
        log.warning("key_unknown")
        asked.refused = "unknown"
        return
    if api_keys.count(key, now=now) > settings.API_PER_MINUTE:
        asked.refused = "too_many"
        return
    asked.refused, asked.api_key, asked.user = "", key, key.owner
    asked.user.key_prefix = key.prefix
