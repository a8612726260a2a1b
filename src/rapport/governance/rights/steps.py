"""What to do next with a request, in plain words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.governance.models import RightsRequest

Kind = RightsRequest.Kind
FIRST = _("See that it is really this person who asks: a photo ID, or two facts that only they know.")
NEXT: dict[str, tuple[str | Promise, ...]] = {
    Kind.ACCESS: (
        FIRST,
        _(
            "Download the data with the button above and hand it over the way they asked: on paper, by the portal, or by secure mail."
        ),
        _("Write down here that it is done."),
    ),
    Kind.PORTABILITY: (
        FIRST,
        _("Download the data with the button above: a FHIR file for another system, and tables for people."),
        _("Hand it over, and write down here that it is done."),
    ),
    Kind.AMENDMENT: (
        FIRST,
        _(
            "Ask whoever wrote the entry whether it is wrong. What the EHR holds is corrected there, and arrives here by itself."
        ),
        _("Tell the person what was changed, or why not and how to disagree."),
    ),
    Kind.RESTRICTION: (
        _(
            "Decide whether we agree. A visit paid in full by the person: a restriction toward the payer must be granted."
        ),
        _("If we agree, write the restriction into the person's permissions. It works from that moment."),
    ),
    Kind.CONFIDENTIAL: (
        _("Ask for the other address or way. Do not ask why."),
        _("Write it into the person's permissions. From then on nothing goes any other way."),
    ),
    Kind.ACCOUNTING: (
        FIRST,
        _(
            "Open the accounting with the button above, print it and hand it over. The first one in twelve months is free."
        ),
    ),
    Kind.ERASURE: (
        FIRST,
        _("Tell them what must stay by law: records of treatment belong to the EHR, and proof is kept for six years."),
        _("Look at what would be erased. Then the compliance officer erases. It cannot be undone."),
    ),
}
