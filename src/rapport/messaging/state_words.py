"""The states of a message and the outcomes of a try, as a page says them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STATES: dict[str, str | Promise] = {
    "sent": _("Sent"),
    "queued": _("Waiting"),
    "claimed": _("Being sent"),
    "suppressed": _("Held back"),
    "failed": _("Failed"),
    "unknown": _("Unknown"),
    "stopped": _("Stopped"),
    "held": _("On hold"),
    "dead": _("Tried too often"),
    "deferred": _("Put off"),
}


def of(state: str) -> str:
    return str(STATES.get(state, state))
