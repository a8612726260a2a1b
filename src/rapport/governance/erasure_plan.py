"""What becomes of every row about a person when she is erased: removed, emptied, or kept and why. In the order in which it is done.

A test holds this list against the models: a new model that names a person must say here what becomes of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.attribution.models import Conversion
from rapport.campaigns.models import Assignment
from rapport.consent.models import (
    Authorization,
    ConsentRecord,
    ExpiryEvent,
    LifeEvent,
    Preference,
    Representative,
    Reward,
)
from rapport.experience.models import Booking, InboxLock, OptIn
from rapport.governance.models import Disclosure, Erasure, RightsRequest
from rapport.integrations.models import Reply
from rapport.messaging.models import (
    Call,
    CallTry,
    CameBack,
    Intent,
    Letter,
    MailboxItem,
    PortalMessage,
    PushSubscription,
    Receipt,
)
from rapport.people.models import (
    Ambiguity,
    ContactPoint,
    Event,
    Fact,
    FindKeys,
    Identifier,
    Merge,
    Person,
    Relationship,
    Trait,
)
from rapport.segments.models import Membership
from rapport.trust.models import AuditEntry, BreakGlass


class Fate(Enum):
    """What becomes of a kind of row."""

    REMOVED = "removed"
    EMPTIED = "emptied"
    KEPT = "kept"


@dataclass(frozen=True)
class Part:
    """One kind of row: by which fields it names a person, what becomes of it, and why where it stays."""

    model: type[Model]
    label: str | Promise
    fields: tuple[str, ...]
    fate: Fate = Fate.REMOVED
    why: str | Promise = field(default="")
    lists: tuple[str, ...] = ()  # fields that hold several people

    def rows(self, person_ids: Sequence[int]) -> QuerySet[Model]:
        """The rows of these people."""
        wish = Q()
        for name in self.fields:
            wish |= Q(**{f"{name}__in": list(person_ids)})
        for name in self.lists:
            for person_id in person_ids:
                wish |= Q(**{f"{name}__contains": [person_id]})
        return self.model._default_manager.filter(wish)


PROOF = _("proof that something was decided or done; without the person it speaks of nobody")
PLAN = (
    Part(Event, _("Events on the timeline"), ("person_id",)),
    Part(Fact, _("Conditions, medications, coverages, appointments"), ("person_id",)),
    Part(Trait, _("Traits and scores"), ("person_id",)),
    Part(Membership, _("Stays in segments and on lists"), ("person_id",)),
    Part(Relationship, _("Family and household"), ("person_id", "other_id")),
    Part(Representative, _("Representatives"), ("person_id", "other_id")),
    Part(Ambiguity, _("Questions about doubles"), ("person_id", "candidate_id")),
    Part(Merge, _("Records of merges"), ("kept_id", "gone_id")),
    Part(Reply, _("Text messages and e-mails received"), ("person_id",), lists=("people",)),
    Part(Booking, _("Bookings"), ("person_id",)),
    Part(OptIn, _("Sign-ups"), ("person_id",)),
    Part(CameBack, _("Messages that came back"), ("person_id",)),
    Part(PortalMessage, _("Messages in the inbox"), ("person_id",)),
    Part(PushSubscription, _("Browsers that are told of new messages"), ("person_id",)),
    Part(InboxLock, _("Wrong birth dates before the inbox"), ("person_id",)),
    Part(Authorization, _("Signed papers"), ("record__person_id",)),
    Part(ConsentRecord, _("Consents and other statements"), ("person_id",)),
    Part(ExpiryEvent, _("Events that ended papers"), ("person_id",)),
    Part(Preference, _("Preferences"), ("person_id",)),
    Part(LifeEvent, _("Life events"), ("person_id",)),
    Part(Reward, _("Rewards"), ("person_id",)),
    Part(Identifier, _("Numbers such as the MRN"), ("person_id",)),
    Part(ContactPoint, _("E-mail addresses and telephone numbers"), ("person_id",)),
    Part(FindKeys, _("Search keys"), ("person_id",)),
    Part(MailboxItem, _("Copies of letters"), ("person_id",)),
    Part(
        Person,
        _("Name, birth date, address"),
        ("id",),
        Fate.EMPTIED,
        _("an empty row stays; what is kept points at it"),
    ),
    Part(Receipt, _("Receipts of messages"), ("person_id",), Fate.EMPTIED, PROOF),
    Part(RightsRequest, _("What they asked of us"), ("person_id",), Fate.EMPTIED, _("that we answered, and when")),
    Part(Intent, _("Messages declared"), ("person_id",), Fate.KEPT, PROOF),
    Part(Letter, _("Letters printed"), ("person_id",), Fate.KEPT, PROOF),
    Part(Call, _("Calls on the list"), ("person_id",), Fate.KEPT, PROOF),
    Part(CallTry, _("Calls made"), ("person_id",), Fate.KEPT, PROOF),
    Part(Assignment, _("Places in campaigns and control groups"), ("person_id",), Fate.KEPT, _("results stay true")),
    Part(Conversion, _("Visits counted in results"), ("person_id",), Fate.KEPT, _("results stay true")),
    Part(Disclosure, _("Disclosures"), ("person_id",), Fate.KEPT, _("six years by law (45 CFR 164.528, 164.530(j))")),
    Part(BreakGlass, _("Emergency access"), ("person_id",), Fate.KEPT, _("six years by law (45 CFR 164.316(b))")),
    Part(
        AuditEntry,
        _("Lines of the audit trail"),
        ("person_id",),
        Fate.KEPT,
        _("six years by law (45 CFR 164.316(b))"),
        ("person_ids",),
    ),
    Part(Erasure, _("Earlier erasures"), ("person_id",), Fate.KEPT, PROOF),
)
# Removed here by a plain delete; the rest is removed by the rooms that know how.
PLAINLY = tuple(
    part
    for part in PLAN
    if part.fate is Fate.REMOVED and part.model not in {Identifier, ContactPoint, FindKeys, MailboxItem}
)
