"""What a message was due for, in words: a campaign by its name, anything else by its kind."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from rapport.campaigns.models import Campaign
from rapport.messaging.models import Intent


def word(cause: str) -> str:
    """A kind of cause that is no campaign."""
    known = {
        "booking": _("Confirmation of a visit"),
        "confirmation": _("Confirmation that we stop"),
        "help": _("Answer to a request for help"),
        "optin": _("Please confirm your wish"),
        "journey": _("A step of a journey"),
        "inbox": _("Word of a message in the inbox"),
        "choices": _("Link to their choices"),
        "desk": _("A message from the front desk"),
    }
    return known.get(cause, cause.replace("_", " ").capitalize())


def names(intents: Iterable[Intent]) -> dict[int, str]:
    """Intent -> what it was due for."""
    many = list(intents)
    campaigns = dict(
        Campaign.objects.filter(pk__in={one.cause_id for one in many if one.cause == "campaign"}).values_list(
            "id", "name"
        )
    )
    return {one.pk: campaigns.get(one.cause_id, "") if one.cause == "campaign" else word(one.cause) for one in many}
