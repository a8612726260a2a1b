"""Clicks and opens: understand the token, land the touch, let the patient through.

- A click only goes where the published version went, by number; there is no address in the token to tamper with.
- HEAD requests and prefetching are let through and leave nothing. Scanners are let through and kept as what they are: whoever says
  so, clicks faster than anybody reads, follows several links at once, or the link that nobody sees (`scanners`).
- Whatever fails, the patient sees the page she asked for, or a friendly one.
"""

import base64
import re

import structlog
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from rapport.content import queries as content
from rapport.integrations.web import floods, hits, public_words, scanners, together
from rapport.kit import clock
from rapport.messaging import tracking
from rapport.trust.access import public
from rapport.ui.fragments import page

log = structlog.get_logger(__name__)
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_MACHINES = re.compile(
    r"bot\b|spider|crawl|scanner|proofpoint|mimecast|barracuda|safelinks|urldefense|headless|curl/|wget/|python-requests|linkcheck",
    re.IGNORECASE,
)


@public(why="Links in messages; the token is the key.")
@transaction.non_atomic_requests
@require_safe
@floods.turned_away(floods.TOUCHES)
def click(request: HttpRequest, token: str) -> HttpResponse:
    """On to where the link led when the message was published."""
    said = tracking.read(token)
    target = "" if said is None or said.kind != "click" or said.link is None else _target(said)
    if said is None or not target:
        return lost(request)
    if _asks_to_see(request):
        _land(_follower(request, said), said)
    return _plain(HttpResponseRedirect(target))


@public(why="The open pixel of a message; the token is the key.")
@transaction.non_atomic_requests
@require_safe
@floods.turned_away(floods.TOUCHES)
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """A picture of one point, for every token, known or not."""
    said = tracking.read(token)
    if said is not None and said.kind == "open" and _asks_to_see(request):
        _land("picture_scanned" if _says_machine(request) else "message_opened", said)
    return _plain(HttpResponse(GIF, content_type="image/gif"))


@public(why="A link of a message that no person sees; the token is the key.")
@transaction.non_atomic_requests
@require_safe
@floods.turned_away(floods.TOUCHES)
def trapped(request: HttpRequest, token: str) -> HttpResponse:
    """Where only machines come; who comes by hand all the same gets a friendly page."""
    said = tracking.read(token)
    if said is not None and said.kind == "trap" and _asks_to_see(request):
        _land("trap_followed", said)
    return lost(request)


def lost(request: HttpRequest) -> HttpResponse:
    """A link we did not make, or one that was cut in two on its way. Always friendly."""
    words = public_words.of(public_words.language_of(request))
    return _plain(page(request, "integrations/lost.html", {"words": words}, status=404))


def _target(said: tracking.Token) -> str:
    try:
        links = content.links_of(said.version_id)
    except DatabaseError:
        log.warning("click_without_database")
        return ""
    if said.link is None or said.link >= len(links):
        return ""
    url = links[said.link]
    if url == "links.book":
        return tracking.Links(said.intent_id, said.version_id).book()
    return url if url.startswith(("https://", "http://")) else ""


def _land(kind: hits.Kind, said: tracking.Token) -> None:
    """Store the touch. A click that can't be stored is lost, never shown to the patient as an error."""
    try:
        together.land(together.Touch(kind, said.intent_id, said.link, clock.now()))
    except DatabaseError:
        log.warning("touch_not_stored", kind=kind)


def _follower(request: HttpRequest, said: tracking.Token) -> hits.Kind:
    if scanners.follows_all(said, clock.now()):
        return "links_scanned"
    return "link_scanned" if _says_machine(request) else "link_followed"


def _asks_to_see(request: HttpRequest) -> bool:
    """Not for a browser that only looks ahead."""
    headers = request.headers
    return request.method == "GET" and "prefetch" not in headers.get("Sec-Purpose", "") + headers.get("Purpose", "")


def _says_machine(request: HttpRequest) -> bool:
    return _MACHINES.search(request.headers.get("User-Agent", "")) is not None


def _plain(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
