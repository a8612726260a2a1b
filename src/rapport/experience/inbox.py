"""A patient's inbox: behind a link of ours and the patient's birth date.

- The link says whose inbox it is; it may be forwarded, so nothing of it shows before the birth date was typed.
- Five wrong dates shut it for a quarter of an hour, and every further one for twice as long, up to a day. The words say only that it is
  shut, and a right date does not open it meanwhile.
- What opens it lasts `OPEN_FOR`, in one browser.
"""

import re
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from rapport.consent import choices
from rapport.content import queries as content
from rapport.experience.models import InboxLock
from rapport.messaging import inbox, tracking
from rapport.messaging.inbox import Item
from rapport.people import queries as people
from rapport.trust import audit
from rapport.trust.actors import Actor

FREE_TRIES = 5
SHUT_FOR, LONGEST = timedelta(minutes=15), timedelta(days=1)
OPEN_FOR = timedelta(minutes=20)
_LINE = re.compile(r"([^\n]{1,200}?): (https?://\S+)")
_LINK = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:!?)])")


class Shut(PermissionError):
    """Too many wrong dates: shut until `until`."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__("shut")


def shut_for(failures: int) -> timedelta | None:
    """How long it is shut after so many wrong dates in a row. Pure."""
    if failures < FREE_TRIES:
        return None
    return min(SHUT_FOR * 2 ** min(failures - FREE_TRIES, 10), LONGEST)


def unlock(*, by: Actor, person_id: int, born: date | None, now: datetime) -> bool:
    """Whether this is the patient's birth date. Raises `Shut`. The count of wrong ones stays, also of two tries at once."""
    with transaction.atomic():
        InboxLock.objects.get_or_create(person_id=person_id)
        lock = InboxLock.objects.select_for_update().get(person_id=person_id)
        until = lock.locked_until if lock.locked_until and lock.locked_until > now else None
        right = False
        if until is None:
            known = people.birth_dates(person_ids=[person_id]).get(person_id)
            right = known is not None and born == known
            lock.failures = 0 if right else lock.failures + 1
            wait = None if right else shut_for(lock.failures)
            lock.last_at, lock.locked_until = now, now + wait if wait else None
            lock.save()
            until = lock.locked_until
            verb = "inbox.unlock" if right else "inbox.refuse"
            audit.record(by=by, verb=verb, now=now, person=person_id, details={"failures": lock.failures})
    if until is not None:
        raise Shut(until)
    return right


def is_shut(person_id: int, now: datetime) -> bool:
    return InboxLock.objects.filter(person_id=person_id, locked_until__gt=now).exists()


@transaction.atomic
def listed(*, by: Actor, person_id: int, now: datetime) -> list[Item]:
    """What lies in the inbox, newest first."""
    found = inbox.items(person_ids=choices.records_of(person_id), key_of=person_id)
    audit.record(by=by, verb="inbox.list", now=now, person=person_id, details={"messages": len(found)})
    return found


def paragraphs(body: str) -> list[list[tuple[str, str]]]:
    """The words of a message with where they lead, by paragraph. A line that is a link shows its words and not its address; a
    counted link in a sentence shows the address behind it."""
    found: list[list[tuple[str, str]]] = []
    for part in body.split("\n\n"):
        line = _LINE.fullmatch(part.strip())
        if line:
            found.append([(line.group(1), line.group(2))])
        else:
            bits = enumerate(_LINK.split(part))  # words and addresses by turns
            found.append([(_target(bit), bit) if at % 2 else (bit, "") for at, bit in bits])
    return found


def _target(url: str) -> str:
    said = tracking.read(url.removeprefix(f"{settings.PUBLIC_URL}/c/"))
    if said is None or said.kind != "click" or said.link is None:
        return url
    leads = content.links_of(said.version_id)[said.link : said.link + 1]
    return leads[0] if leads and leads[0].startswith("http") else url


@transaction.atomic
def opened(*, by: Actor, person_id: int, message_id: int, now: datetime) -> tuple[Item | None, bool]:
    """One message, and whether it is read for the first time."""
    found = inbox.items(person_ids=choices.records_of(person_id), key_of=person_id)
    item = next((one for one in found if one.id == message_id), None)
    if item is None:
        return None, False
    is_first = inbox.mark(item.id, opened=True, now=now)
    audit.record(by=by, verb="inbox.read", now=now, person=person_id, thing=f"intent:{item.intent_id}")
    return item, is_first
