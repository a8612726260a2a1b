"""The list of what people wrote to us: what waits for somebody to look at it, opened on request, settled or taken for a stop."""

from datetime import datetime

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from rapport.consent import ledger, mail_stops, revoking
from rapport.consent.wishes import Wish
from rapport.integrations import landing
from rapport.integrations.mail import answers
from rapport.integrations.models import Reply
from rapport.integrations.sms.reading import inbound
from rapport.integrations.web import inbox_reply
from rapport.trust import audit
from rapport.trust.actors import Actor
from rapport.trust.models import User

PAGE = 50
BY_HAND = "read by staff"


class AlreadySettled(ValueError):
    """Somebody else was quicker."""


def listed(state: str = "open", *, page: int = 1) -> list[Reply]:
    """Doubtful ones first, then the newest; one row more than a page where there is more."""
    start = (page - 1) * PAGE
    return list(_in_state(state).order_by("-needs_review", "-received_at", "-id")[start : start + PAGE + 1])


def counts() -> dict[str, int]:
    return {state: _in_state(state).count() for state in Reply.State.values}


@transaction.atomic
def opened(*, by: Actor, reply: Reply, now: datetime) -> str:
    """The words, unsealed; empty when they were erased. The trail says who read them."""
    audit.record(by=by, verb="reply.open", now=now, person=reply.person_id, thing=f"reply:{reply.pk}")
    try:
        raw = landing.raw_of([reply.landing])[reply.landing_id]
    except landing.KeyGone:
        return ""
    if reply.channel == Reply.Channel.EMAIL:
        return next((one.words for one in answers.letters_in(raw) if answers.letter_key(one) == reply.key), "")
    if reply.channel == Reply.Channel.PORTAL:
        written = inbox_reply.written(raw)
        return written.words if written is not None else ""
    message = inbound(raw)
    return message.body if message is not None else ""


@transaction.atomic
def settle(*, by: User, reply_id: int, now: datetime, as_stop: bool = False) -> Reply:
    """Somebody has looked at it. `as_stop`: read by a person it is a wish to stop, and is done at once."""
    reply = Reply.objects.select_for_update(of=("self",)).get(pk=reply_id)
    if reply.state != Reply.State.OPEN:
        raise AlreadySettled(f"reply {reply_id}")
    if as_stop and (reply.digest is not None or reply.people) and not (reply.kind == Reply.Kind.STOP and reply.acted):
        wish = Wish("stop", 1.0, matched=BY_HAND, rule=reply.rule)
        if reply.channel == Reply.Channel.EMAIL:
            mail_stops.stop(
                by=by, person_ids=reply.people, digests=[bytes(reply.digest or b"")], topics=mail_stops.MARKETING, via="reply",
                evidence={"reply": reply.pk}, now=now, locale=reply.language or "en",
            )  # fmt: skip
        else:
            revoking.revoke(
                by=by, person_ids=reply.people, channel=reply.channel, wish=wish, evidence={"reply": reply.pk}, now=now,
                number=bytes(reply.digest) if reply.digest is not None else None, locale=reply.language or "en",
            )  # fmt: skip
        if reply.channel == Reply.Channel.PORTAL:
            _stop_everywhere(by, reply, now)
    reply.state, reply.settled_by, reply.settled_at = Reply.State.DONE, by, now
    reply.save(update_fields=["state", "settled_by", "settled_at"])
    said = msgspec.to_builtins({"as_stop": as_stop, "kind": reply.kind})
    audit.record(by=by, verb="reply.settle", now=now, person=reply.person_id, thing=f"reply:{reply.pk}", details=said)
    return reply


def _stop_everywhere(by: User, reply: Reply, now: datetime) -> None:
    """Who writes “stop” in the inbox means no channel in particular: everything but care and bills ends."""
    for person_id in reply.people:
        for topic in mail_stops.MARKETING:
            ledger.withdraw(
                by=by, person_id=person_id, channel="all", topic=topic, via="reply", now=now, evidence={"reply": reply.pk},
                locale=reply.language or "en",
            )  # fmt: skip


def _in_state(state: str) -> QuerySet[Reply]:
    return Reply.objects.filter(state=state)
