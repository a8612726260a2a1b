"""Simulated patients act like real ones: they read their mail and use the public doors, at the simulated hour.

The links are taken from the message as it arrived over SMTP; nothing is signed here. Pages are asked for with cookies and the
CSRF check on, as a browser does.
"""

import email
import email.policy
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import numpy as np
from django.test import Client

from rapport.demo.life import Answer
from rapport.kit import clock
from rapport.messaging import mailbox
from rapport.messaging.models import MailboxItem

_HREF = re.compile(r'href="([^"]+)"')
_PIXEL = re.compile(r'src="([^"]+/o/[^"]+)"')
_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_DAY = re.compile(r'href="\?place=([a-z0-9-]+)&amp;day=([0-9-]+)[^"]*"')
_SLOT = re.compile(r'name="starts_at" value="([^"]+)"')


class DoorShut(RuntimeError):
    """A public page did not answer as a patient would expect."""


@dataclass(frozen=True)
class Letter:
    """The ways that one message opens."""

    pixel: str
    clicks: list[str]
    unsubscribe: str


@dataclass
class Done:
    """How much was acted out."""

    opened: int = 0
    clicked: int = 0
    unsubscribed: int = 0
    booked: int = 0


def letters(people: Iterable[int], campaign: int) -> dict[int, Letter]:
    """The last message of each of these people about one campaign, as their mail programs would show it."""
    found: dict[int, Letter] = {}
    rows = MailboxItem.objects.filter(person_id__in=list(people), intent_id__isnull=False).order_by("id")
    from_campaign = rows.extra(
        where=["intent_id IN (SELECT id FROM messaging_intent WHERE cause = 'campaign' AND cause_id = %s)"],
        params=[campaign],
    )
    for item in from_campaign:
        if item.person_id is not None:
            found[item.person_id] = read(mailbox.opened(item))
    return found


def read(raw: bytes) -> Letter:
    """Links of a raw message: the pixel, what may be clicked, and the way out (RFC 8058 header)."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    part = message.get_body(preferencelist=("html",))
    html = part.get_content() if part is not None else ""
    pixel = _PIXEL.search(html)
    out = re.search(r"<(https?://[^>]+)>", message.get("List-Unsubscribe", ""))
    clicks = [_path(one) for one in _HREF.findall(html) if "/c/" in one]
    return Letter(_path(pixel.group(1)) if pixel else "", clicks, _path(out.group(1)) if out else "")


def act(
    answers: Iterable[Answer], mail: dict[int, Letter], rng: np.random.Generator, tell: Callable[[int], None]
) -> Done:
    """Every open, click, unsubscription and booking, in the order of their hours."""
    steps = [
        (at, kind, one.person_id)
        for one in answers
        if one.person_id in mail
        for at, kind in (
            (one.opens_at, "open"), (one.clicks_at, "click"), (one.books_at, "book"), (one.unsubscribes_at, "unsubscribe"),
        )
        if at is not None
    ]  # fmt: skip
    done = Done()
    for number, (at, kind, person_id) in enumerate(sorted(steps)):
        with clock.travel(at):
            _DOORS[kind](mail[person_id], rng, done)
        tell(number + 1)
    return done


def _open(letter: Letter, rng: np.random.Generator, done: Done) -> None:
    _expect(Client().get(letter.pixel).status_code, 200, letter.pixel)
    done.opened += 1


def _click(letter: Letter, rng: np.random.Generator, done: Done) -> None:
    _expect(Client().get(letter.clicks[0]).status_code, 302, "click")
    done.clicked += 1


def _unsubscribe(letter: Letter, rng: np.random.Generator, done: Done) -> None:
    """One click in the mail program: POST without a page (RFC 8058)."""
    said = Client(enforce_csrf_checks=True).post(letter.unsubscribe, {"List-Unsubscribe": "One-Click"})
    _expect(said.status_code in (200, 202, 204), True, "unsubscribe")
    done.unsubscribed += 1


def _book(letter: Letter, rng: np.random.Generator, done: Done) -> None:
    """Follow the link, choose a day, choose a time, send the form; choose again when somebody was quicker."""
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(letter.clicks[0], follow=True)
    address = page.redirect_chain[-1][0] if page.redirect_chain else letter.clicks[0]
    path = _path(address)
    days = _DAY.findall(page.content.decode())
    for place, day in [days[int(one)] for one in rng.permutation(len(days))]:
        shown = browser.get(f"{path}?place={place}&day={day}").content.decode()
        slots, token = _SLOT.findall(shown), _CSRF.search(shown)
        if not slots or token is None:
            continue
        form = {
            "csrfmiddlewaretoken": token.group(1),
            "place": place,
            "day": day,
            "starts_at": slots[int(rng.integers(len(slots)))],
        }
        if browser.post(path, form).status_code == 302:
            done.booked += 1
            return
    raise DoorShut("no time could be booked")


_DOORS: dict[str, Callable[[Letter, np.random.Generator, Done], None]] = {
    "open": _open, "click": _click, "book": _book, "unsubscribe": _unsubscribe,
}  # fmt: skip


def _expect(got: object, wanted: object, what: str) -> None:
    if got != wanted:
        raise DoorShut(f"{what}: {got} in place of {wanted}")


def _path(address: str) -> str:
    parts = urlsplit(address.replace("&amp;", "&"))
    return parts.path + (f"?{parts.query}" if parts.query else "")


def last_instant(answers: Iterable[Answer]) -> datetime | None:
    """When the last of these answers is given."""
    times = [at for one in answers for at in (one.opens_at, one.clicks_at, one.books_at, one.unsubscribes_at) if at]
    return max(times, default=None)
