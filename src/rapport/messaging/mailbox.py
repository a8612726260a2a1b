"""The embedded mailbox: takes mail over SMTP on loopback and keeps it sealed, for the Outbox page to show.

It says yes only after the message stands in the database, and hangs up on a silent sender after a minute: so what it does not
have some minutes later, it will never get. That makes it a carrier that can be asked (`outcomes`). It keeps doubles as doubles.

Mail to the return path of a message of ours is a report about it: it goes into the folder of what comes back (`MAIL_IN`), as any
relay of a site would bring it there, and is heard from there.
"""

import asyncio
import logging
import mailbox as folders
import queue
import re
import threading
import uuid
from collections.abc import Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime

import msgspec
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, transaction

from rapport.kit import clock, ids
from rapport.messaging import tracking
from rapport.messaging.models import Intent, MailboxItem
from rapport.people import bulk
from rapport.trust import sealing

SILENCE_SECONDS = 60
LARGEST = 10_000_000
BATCH = 200
TABLE = "messaging_mailboxitem"
COLUMNS = ("id", "key", "intent_id", "person_id", "message_id", "size", "received_at", "raw")
_STAGE = "id bigint, key uuid, intent_id bigint, person_id bigint, message_id text, size int, received_at timestamptz, raw bytea"
_MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(<[^\r\n]{1,116}>)", re.IGNORECASE | re.MULTILINE)
_DATE = re.compile(rb"^date:[ \t]*([^\r\n]{1,60})", re.IGNORECASE | re.MULTILINE)

# aiosmtpd writes every address it hears into its log.
logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)


class Letter(msgspec.Struct, frozen=True):
    """One message as it came."""

    raw: bytes
    message_id: str
    received_at: datetime


class _Waiting(msgspec.Struct):
    letter: Letter
    loop: asyncio.AbstractEventLoop
    kept: asyncio.Future


@transaction.atomic
def keep(letters: Sequence[Letter]) -> list[int]:
    """Seal and store, each under a key of its own. Returns the ids in order."""
    numbers = ids.allocate(table=TABLE, count=len(letters))
    subjects = [uuid.uuid4() for _ in letters]
    keys = sealing.new_keys(subjects)
    intents = [tracking.intent_of(one.message_id) for one in letters]
    known = Intent.objects.in_bulk([one for one in intents if one])
    bulk.stage(
        "new_letter",
        _STAGE,
        COLUMNS,
        [
            (
                number,
                subject,
                intent,
                known[intent].person_id if intent in known else None,
                letter.message_id,
                len(letter.raw),
                letter.received_at,
                sealing.seal(keys[subject], letter.raw, table=TABLE, column="raw", row=number),
            )
            for number, subject, intent, letter in zip(numbers, subjects, intents, letters, strict=True)
        ],
    )
    columns = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} ({columns}) SELECT {columns} FROM pg_temp.new_letter")
    return numbers


def opened(item: MailboxItem) -> bytes:
    """The raw message; empty when its key was destroyed. The caller writes the audit line."""
    key = sealing.keys_of([item.key]).get(item.key)
    return b"" if key is None else sealing.unseal(key, item.raw, table=TABLE, column="raw", row=item.pk)


def letter(raw: bytes, now: datetime) -> Letter:
    """Read what the mailbox needs from the head. The moment is the sender's Date: in the demo's simulated year a message
    arrives when it was written, and a real clock would put the whole year on one afternoon."""
    head = raw.partition(b"\r\n\r\n")[0]
    found = _MESSAGE_ID.search(head)
    message_id = found.group(1).decode("ascii", "replace") if found else f"<{uuid.uuid4()}@unnamed>"
    return Letter(raw, message_id, _date(head) or now)


def _date(head: bytes) -> datetime | None:
    found = _DATE.search(head)
    if found is None:
        return None
    try:
        said = parsedate_to_datetime(found.group(1).decode("ascii", "replace"))
    except ValueError:
        return None
    return said if said.tzinfo is not None else None


class Mailbox:
    """The running server: one loop for the lines, one thread that writes."""

    def __init__(self, host: str, port: int) -> None:
        self._waiting: queue.Queue[_Waiting | None] = queue.Queue()
        self._writer = threading.Thread(target=self._write, name="mailbox-writer", daemon=True)
        self._controller = _Controller(_Ear(self._waiting), hostname=host, port=port, ready_timeout=10.0)

    @property
    def port(self) -> int:
        return self._controller.port

    def start(self) -> None:
        self._writer.start()
        self._controller.start()

    def stop(self) -> None:
        """No new mail; what was taken is written first."""
        self._controller.stop(no_assert=True)
        self._waiting.put(None)
        self._writer.join(timeout=10)

    def _write(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch = [first]
            while len(batch) < BATCH and not self._waiting.empty():
                following = self._waiting.get()
                if following is None:
                    self._waiting.put(None)
                    break
                batch.append(following)
            self._store(batch)
        connection.close()

    def _store(self, batch: Sequence[_Waiting]) -> None:
        close_old_connections()
        try:
            keep([one.letter for one in batch])
            said = "250 OK: kept"
        except DatabaseError:
            connection.close()
            said = "451 The mailbox can't write just now"
        for one in batch:
            one.loop.call_soon_threadsafe(_tell, one.kept, said)


def _tell(kept: asyncio.Future, said: str) -> None:
    if not kept.done():
        kept.set_result(said)


def _bring_back(whom: str, raw: bytes) -> None:
    """Into the folder that `integrations.mail.fetching` reads; on the disk before the sender hears yes."""
    folders.Maildir(settings.MAIL_IN).add(b"Delivered-To: " + whom.encode() + b"\r\n" + raw)


class _Ear:
    def __init__(self, waiting: queue.Queue) -> None:
        self._waiting = waiting

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", "250-X-RAPPORT-MAILBOX", responses[-1]]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        raw = content if isinstance(content, bytes) else str(content or "").encode()
        loop = asyncio.get_running_loop()
        ours = [one for one in envelope.rcpt_tos if tracking.intent_of_return_path(one) is not None]
        if ours:
            await loop.run_in_executor(None, _bring_back, ours[0], raw)
            return "250 OK: brought to whom it may concern"
        kept = loop.create_future()
        self._waiting.put(_Waiting(letter(raw, clock.now()), loop, kept))
        return await kept


class _Controller(Controller):
    def factory(self) -> SMTP:
        return SMTP(
            self.handler, data_size_limit=LARGEST, timeout=SILENCE_SECONDS, hostname="mailbox", ident="Rapport mailbox"
        )
