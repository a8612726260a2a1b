"""The permission table: which role may do what, and how far a grant that names a location or a service line reaches.

This is data. The page /access/ publishes it, `access` obeys it, and tests try every role on every route. What is not here
is not allowed.
"""

from enum import Enum

from django.utils.translation import gettext_lazy as _

from rapport.trust.models import Role


class Reach(Enum):
    """How far a verb goes when the grant is limited. People's rows are always limited to the locations of the grant."""

    EVERYWHERE = "everywhere"
    LOCATIONS = "own locations"
    LINES = "own service lines"


VERBS = {
    "today.see": _("See what is due today"),
    "people.search": _("Search for people"),
    "people.read": _("Open a person's page"),
    "people.unmask": _("Open sensitive entries, with a reason"),
    "people.write": _("Change a person, merge and settle doubles"),
    "people.export": _("Export people"),
    "consent.write": _("Record what a person agrees to"),
    "desk.send": _("Send one person a message from the front desk"),
    "segments.read": _("See segments"),
    "segments.write": _("Make and change segments"),
    "content.read": _("See content"),
    "content.write": _("Write content and hand it in"),
    "content.approve": _("Approve the words of others, as one's role allows"),
    "content.review": _("Review machine translations, as a qualified translator"),
    "campaigns.read": _("See campaigns"),
    "campaigns.write": _("Plan campaigns"),
    "campaigns.launch": _("Launch and stop campaigns"),
    "outbox.read": _("See what was sent"),
    "letters.print": _("Print letters and post them"),
    "calls.make": _("Ring people up from the call list"),
    "results.read": _("See results and return"),
    "sources.read": _("See feeds and their state"),
    "sources.write": _("Add feeds and take in files"),
    "quarantine.mend": _("Mend and replay what was held back"),
    "trust.trace": _("See why a message went or did not go"),
    "trust.audit": _("Search the audit trail"),
    "trust.rules": _("See the rules in force and this table"),
    "compliance.see": _("See the compliance desk"),
    "compliance.write": _("Keep vendors, training, disclosures and the calendar"),
    "rights.see": _("See what patients asked of us"),
    "rights.write": _("Take in and decide what patients ask of us"),
    "rights.erase": _("Erase a person"),
    "receipts.replay": _("Repeat the decision behind a receipt"),
    "access.manage": _("Manage accounts and grants"),
    "keys.own": _("Make keys for programs that act for oneself"),
    "breakglass.use": _("Open a person in an emergency"),
    "breakglass.review": _("Review emergency access"),
    "gallery.see": _("See the gallery of components"),
}

# What a program may do with a key (rapport.api); everything else needs a human who signed in.
KEY_VERBS = (
    "people.read", "consent.write", "segments.read", "segments.write", "content.read", "outbox.read", "campaigns.read", "trust.trace",
    "trust.rules",
)  # fmt: skip

# How far each verb reaches is a property of what it touches, not of who does it.
REACH = {
    **dict.fromkeys(VERBS, Reach.EVERYWHERE),
    **dict.fromkeys(
        [
            "people.search",
            "people.read",
            "people.unmask",
            "people.write",
            "people.export",
            "consent.write",
            "desk.send",
            "rights.see",
            "rights.write",
            "rights.erase",
            "receipts.replay",
            "outbox.read",
            "letters.print",
            "calls.make",
            "trust.trace",
        ],
        Reach.LOCATIONS,
    ),
    **dict.fromkeys(["campaigns.read", "campaigns.write", "campaigns.launch", "results.read"], Reach.LINES),
}

_ROLES: dict[str, str] = {
    Role.MARKETER: (
        "today.see people.search people.read segments.read segments.write content.read content.write content.approve content.review "
        "campaigns.read "
        "campaigns.write campaigns.launch outbox.read letters.print results.read sources.read trust.trace trust.rules keys.own gallery.see"
    ),
    Role.FRONT_DESK: (
        "today.see people.search people.read people.write consent.write desk.send rights.see rights.write outbox.read "
        "letters.print calls.make trust.trace trust.rules keys.own breakglass.use"
    ),
    Role.ANALYST: (
        "today.see segments.read segments.write content.read campaigns.read results.read sources.read trust.rules keys.own "
        "gallery.see"
    ),
    Role.COMPLIANCE: (
        "today.see people.search people.read people.unmask people.export consent.write segments.read content.read "
        "content.approve content.review campaigns.read outbox.read results.read sources.read trust.trace trust.audit trust.rules "
        "compliance.see compliance.write rights.see rights.write rights.erase receipts.replay keys.own breakglass.review"
    ),
    Role.CLINICIAN: (
        "today.see people.search people.read people.unmask consent.write content.read content.approve content.review trust.trace "
        "trust.rules breakglass.use"
    ),
    Role.LIAISON: "today.see content.read campaigns.read results.read trust.rules",
    Role.ADMINISTRATOR: (
        "today.see sources.read sources.write quarantine.mend trust.rules compliance.see access.manage keys.own gallery.see"
    ),
}

PERMISSIONS: dict[str, dict[str, Reach]] = {
    str(role): {verb: REACH[verb] for verb in verbs.split()} for role, verbs in _ROLES.items()
}
