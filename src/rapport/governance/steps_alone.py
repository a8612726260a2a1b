"""The steps of a message that no campaign caused: what it answers, what it is for, that no lot was drawn, what came back."""

from django.utils.translation import gettext as _

from rapport.campaigns import purpose
from rapport.campaigns.models import Campaign
from rapport.governance import causes
from rapport.governance.step import Line, Step, not_reached
from rapport.governance.steps_after import HEARD
from rapport.messaging.models import Intent
from rapport.people import event_words
from rapport.people.models import Event
from rapport.ui.formats import local_datetime


def caused(intent: Intent) -> Step:
    """4. Not chosen by a segment: something this person did, or that was done for them, asked for the message."""
    lines = [Line(_("Occurrence"), intent.occurrence)]
    sentence = _("No segment chose this person. The message answers: %(cause)s.") % {"cause": causes.word(intent.cause)}
    return Step(4, _("What it answers"), sentence, at=intent.created_at, lines=lines)


def meant(intent: Intent) -> Step:
    """5. What the message is for, and the clause that allows it."""
    try:
        found = purpose.classify(intent.purpose, intent.remunerated, on=intent.created_at.date())
    except purpose.UnknownPurpose:
        words = _("The purpose “%(purpose)s” is not one of ours.") % {"purpose": intent.purpose}
        return Step(5, _("Purpose"), words, tone="bad")
    name = dict(Campaign.Purpose.choices).get(intent.purpose, "")
    lines = [
        Line(_("Purpose"), f"{intent.purpose} {name}"),
        Line(_("Clause"), found.clause),
        Line(_("E-mail rules"), found.regime),
    ]
    return Step(5, _("Purpose"), found.sentence, lines=lines, tone="bad" if found.needs_authorization else "good")


def not_drawn() -> Step:
    """6. No control group."""
    return not_reached(6, _("The lot"), _("No lot was drawn: what a person asked for is not held out."))


def heard(intent: Intent) -> Step:
    """10. What came back."""
    events = Event.objects.filter(person_id=intent.person_id, trace=intent.trace, kind__in=HEARD).order_by("at", "id")
    lines = [Line(event_words.of(event.kind), local_datetime(event.at)) for event in events]
    sentence = _("Something came back.") if lines else _("Nothing has come back.")
    return Step(10, _("What came of it"), sentence, lines=lines, tone="good" if lines else "neutral")
