"""The plan by which a new sender becomes known: few e-mails at first, more each day. A person starts it, and a person ends it."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.messaging.models import WarmUp
from rapport.messaging.sender_days import our_domain
from rapport.trust import audit
from rapport.trust.models import User

LARGEST = 1_000_000
STEEPEST = 10.0


class NotAPlan(ValueError):
    """A plan begins with at least one message, grows each day, and ends at no less than it began with."""


@transaction.atomic
def start(*, by: User, first: int, growth: float, full: int, started_on: date, now: datetime) -> WarmUp:
    """From that day on our sender sends `first` e-mails, then each day `growth` times as many, until `full`. Raises NotAPlan."""
    if not (1 <= first <= full <= LARGEST and 1 < growth <= STEEPEST):
        raise NotAPlan(_("Begin with one message or more, grow each day, and end with more than at the beginning."))
    sender = our_domain()
    plan, _is_new = WarmUp.objects.update_or_create(
        sender=sender,
        defaults={
            "started_on": started_on, "first": first, "growth": growth, "full": full, "set_by": by, "set_at": now,
        },
    )  # fmt: skip
    details = {"first": first, "growth": growth, "full": full, "started_on": started_on.isoformat()}
    audit.record(by=by, verb="message.warm_up", now=now, thing=f"sender:{sender}", details=details)
    return plan


@transaction.atomic
def end(*, by: User, now: datetime) -> bool:
    """Our sender is known: it sends as much as there is. Whether there was a plan."""
    gone, _ = WarmUp.objects.filter(sender=our_domain()).delete()
    if gone:
        audit.record(by=by, verb="message.warm_up_end", now=now, thing=f"sender:{our_domain()}")
    return gone > 0
