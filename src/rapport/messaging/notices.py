"""Word that a new message lies in the inbox: by push where a browser listens, else by e-mail or text, as the person's wishes allow.

- A notice is an intent like any other, with checks and receipts of its own. It has purpose, topic and brief of the message it tells of:
  word of an offer needs the consent that an offer needs.
- It says that there is a message and where to read it, and nothing of it.
- One unread notice a day: what comes meanwhile is told by the one that is there. Whoever has read since is told again.
- A notice that has not gone out when the person opens the inbox is stopped; so is one whose message has left the inbox, by another
  way or taken back (`untelling`).

What the push channel laid there is told of already. A turn is one transaction, and one turn goes at a time.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from rapport.consent import preferences
from rapport.content import starters
from rapport.content.models import Piece, Version
from rapport.messaging import intents, message, pushing
from rapport.messaging.models import Intent, PortalMessage
from rapport.messaging.untelling import CAUSE
from rapport.people.models import Person
from rapport.trust import audit
from rapport.trust.actors import System

WORDS = "inbox-notice"
NOT_AGAIN_FOR = timedelta(days=1)
BY = System("inbox")
WAITING = (Intent.State.QUEUED, Intent.State.CLAIMED, Intent.State.HELD)
OUT = (Intent.State.SENT, Intent.State.UNKNOWN)
_LOCK = 0x494E424F58  # one turn at a time, so that two messages at once make one notice
_UNTOLD = """
SELECT m.id FROM messaging_portalmessage m JOIN messaging_intent i ON i.id = m.intent_id
WHERE m.told_at IS NULL AND (i.state NOT IN ('queued', 'claimed', 'held', 'unknown') OR m.closed_at IS NOT NULL)
ORDER BY m.id LIMIT %s
"""


@transaction.atomic
def turn(*, now: datetime, limit: int = 500) -> int:
    """Tell of what lies in inboxes and was not told of. Returns how many notices are new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        is_mine = cursor.fetchone()
        if not (is_mine and is_mine[0]):
            return 0
        cursor.execute(_UNTOLD, [limit])
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return 0
    lying = list(PortalMessage.objects.select_for_update(of=("self",)).select_related("intent").filter(pk__in=ids))
    unread = [one for one in lying if _is_news(one)]
    waits, tells = _judged(unread, now)
    done = [one.pk for one in lying if one.pk not in waits]
    PortalMessage.objects.filter(pk__in=done).update(told_at=now)
    if not done:
        return 0
    made = intents.declare(rows=_notices(tells, now), now=now)
    said = {"notices": made, "messages": len(done)}
    audit.record(by=BY, verb="inbox.tell", now=now, people=sorted({one.person_id for one in tells}), details=said)
    return made


def _is_news(one: PortalMessage) -> bool:
    """Lies there unread, and nothing has told of it."""
    is_there = one.intent.state == Intent.State.SENT and one.intent.channel == "portal"
    return is_there and one.opened_at is None and one.closed_at is None


def _judged(unread: Sequence[PortalMessage], now: datetime) -> tuple[set[int], list[PortalMessage]]:
    """Messages that wait for what becomes of an earlier notice, and those to tell of: one a person, care before offers."""
    people = sorted({one.person_id for one in unread})
    since = now - NOT_AGAIN_FOR
    before = Intent.objects.filter(person__in=people, cause=CAUSE, created_at__gt=since).order_by("created_at", "pk")
    last = {one.person_id: one for one in before.filter(state__in=[*WAITING, *OUT])}
    read = PortalMessage.objects.filter(person__in=people, opened_at__gt=since).order_by("opened_at")
    opened = dict(read.values_list("person_id", "opened_at"))
    waits: set[int] = set()
    tells: dict[int, PortalMessage] = {}
    for one in sorted(unread, key=lambda each: (each.intent.lane, each.pk)):
        notice = last.get(one.person_id)
        if notice is not None and notice.state in WAITING:
            waits.add(one.pk)
        elif notice is None or (opened.get(one.person_id) or since) > notice.created_at:
            tells.setdefault(one.person_id, one)
    return waits, list(tells.values())


def _notices(tells: Sequence[PortalMessage], now: datetime) -> list[intents.NewIntent]:
    if not tells:
        return []
    people = [one.person_id for one in tells]
    listens = set(pushing.told_people(people)) if message.carrier("push", now.date()).has_baa else set()
    language = _languages(people)
    versions = {name: _words(name, now) for name in set(language.values())}
    found = []
    for one in tells:
        ways = ("push", "email", "sms") if one.person_id in listens else ("email", "sms")
        about = one.intent
        found.append(
            intents.NewIntent(
                cause=CAUSE, cause_id=about.pk, person_id=one.person_id, channel=ways[0], others=ways[1:],
                purpose=about.purpose, topic=about.topic, remunerated=about.remunerated, brief_id=about.brief_id,
                version_id=versions[language[one.person_id]].pk, due_at=now, trace=about.trace,
            )
        )  # fmt: skip
    return found


def _languages(people: Iterable[int]) -> dict[int, str]:
    """The person's wish, else what she speaks; English or Spanish."""
    wished = preferences.newest(people)
    spoken = dict(Person.objects.filter(pk__in=list(people)).values_list("pk", "language"))
    found = {}
    for one in people:
        said = (wished[one].language if one in wished else "") or spoken.get(one, "")
        found[one] = "es" if said.startswith("es") else "en"
    return found


def _words(language: str, now: datetime) -> Version:
    """The letter of the notice; the text of the same family stands ready beside it."""
    end = "-es" if language == "es" else ""
    letter, text = (starters.newest(by=BY, slug=f"{name}{end}", now=now) for name in (WORDS, f"{WORDS}-sms"))
    Piece.objects.filter(pk__in=[letter.piece_id, text.piece_id], family="").update(family=WORDS)
    return letter
