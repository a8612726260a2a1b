"""Where bounces and replies arrive as mail: a Maildir, an mbox file, or a box over IMAP. Each mail is heard once, then put away.

A mail is put away only after what it told stands in the database; what can't be read is put away too, and its landing is kept.
"""

import imaplib
import mailbox
import ssl
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec
from django.conf import settings

from rapport.integrations.mail import answers
from rapport.trust.actors import Actor

LARGEST = 10_000_000
LIMIT = 1_000


class Fetched(msgspec.Struct):
    """How many mails were found, and how many of them were new."""

    found: int = 0
    new: int = 0


def fetch(*, by: Actor, clock: Callable[[], datetime], limit: int = LIMIT) -> Fetched:
    """Hear what waits, one transaction a mail."""
    done = Fetched()
    for raw, put_away in _waiting():
        if done.found >= limit:
            break
        done.found += 1
        if len(raw) <= LARGEST:
            done.new += answers.hear_mail(by=by, raw=raw, now=clock())
        put_away()
    return done


def _waiting() -> Iterator[tuple[bytes, Callable[[], None]]]:
    place = Path(settings.MAIL_IN)
    if place.is_dir():
        yield from _of_maildir(place)
    elif place.is_file():
        yield from _of_mbox(place)
    if settings.MAIL_IMAP:
        yield from _of_imap(settings.MAIL_IMAP)


def _of_maildir(place: Path) -> Iterator[tuple[bytes, Callable[[], None]]]:
    if not (place / "new").is_dir():
        return
    for one in sorted((place / "new").iterdir()):

        def put_away(one: Path = one) -> None:
            (place / "cur").mkdir(exist_ok=True)
            one.rename(place / "cur" / f"{one.name}:2,S")

        if one.is_file():
            yield one.read_bytes(), put_away


def _of_mbox(place: Path) -> Iterator[tuple[bytes, Callable[[], None]]]:
    """The whole file under its lock; what was heard is taken out when the file is closed."""
    box = mailbox.mbox(str(place), create=False)
    box.lock()
    try:
        for key in list(box.keys()):

            def put_away(key: str = key) -> None:
                box.remove(key)

            yield box.get_bytes(key), put_away
    finally:
        box.flush()
        box.unlock()
        box.close()


def _of_imap(address: str) -> Iterator[tuple[bytes, Callable[[], None]]]:
    """`imaps://user:password@host/FOLDER`. What was heard is marked as seen."""
    parts = urlsplit(address)
    if parts.scheme != "imaps" or not parts.hostname:
        raise ValueError("RAPPORT_MAIL_IMAP must be imaps://user:password@host/FOLDER")
    box = imaplib.IMAP4_SSL(parts.hostname, parts.port or 993, ssl_context=ssl.create_default_context(), timeout=30)
    try:
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
        box.select(unquote(parts.path.strip("/")) or "INBOX")
        for number in box.search(None, "UNSEEN")[1][0].split():

            def put_away(number: bytes = number) -> None:
                box.store(number.decode(), "+FLAGS", "\\Seen")

            told = box.fetch(number.decode(), "(BODY.PEEK[])")[1]
            if told and isinstance(told[0], tuple):
                yield told[0][1], put_away
    finally:
        box.logout()
