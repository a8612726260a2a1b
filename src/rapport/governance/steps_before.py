"""Steps 1 to 6 of a trace: how the person came to be here, and was chosen."""

from collections import Counter
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.campaigns import purpose, randomise
from rapport.campaigns.models import Assignment, Campaign
from rapport.consent import plain_words
from rapport.governance import evidence
from rapport.governance.step import Line, Step
from rapport.people import event_words
from rapport.people.models import Ambiguity, Event, Identifier, Merge, Person
from rapport.segments import language

OURS = (
    "consent",
    "message_sent",
    "message_opened",
    "message_clicked",
    "message_scanned",
    "message_bounced",
    "unsubscribed",
    "booked",
)
PERMITTED = (Assignment.Arm.CONTACT, Assignment.Arm.HOLDOUT)


def landed(person: Person) -> Step:
    """1. Where the person's data came from."""
    events = Event.objects.filter(person=person).exclude(kind__in=OURS)
    first = events.order_by("recorded_at", "id").first()
    sources = Counter(events.values_list("source", flat=True))
    lines = [
        Line(source or _("not named"), ngettext("%(count)s entry", "%(count)s entries", count) % {"count": count})
        for source, count in sources.most_common()
    ]
    sentence = _("The first record of this person arrived and was kept as it came.")
    if first is not None:
        sentence = _("The first record of this person came from “%(source)s”.") % {"source": first.source}
    return Step(1, _("Landed"), sentence, at=person.created_at, lines=lines, trace=str(person.trace or ""))


def identified(person: Person) -> Step:
    """2. How we know that it is one person."""
    systems = Counter(Identifier.objects.filter(person=person).values_list("system", flat=True))
    lines = [
        Line(_("Known to %(system)s") % {"system": system}, ngettext("%(n)s number", "%(n)s numbers", n) % {"n": n})
        for system, n in sorted(systems.items())
    ]
    merges = list(Merge.objects.filter(Q(kept=person) | Q(gone=person), undone_at=None).order_by("merged_at"))
    lines += [Line(_("Two records became one"), _("rule: %(rule)s") % {"rule": merge.rule}) for merge in merges]
    doubts = Ambiguity.objects.filter(Q(person=person) | Q(candidate=person), state=Ambiguity.State.OPEN).count()
    if doubts:
        lines.append(Line(_("Possible doubles waiting for a human"), str(doubts), "bad"))
    joined = len(merges)
    sentence = (
        ngettext("%(n)s record was joined to this one.", "%(n)s records were joined to this one.", joined)
        % {"n": joined}
        if joined
        else _("Recognised by exact identifiers; no other record was joined.")
    )
    return Step(2, _("Identified"), sentence, lines=lines, tone="bad" if doubts else "good")


def happened(person: Person, at: datetime) -> Step:
    """3. What the record knew at that time, by kind."""
    kinds = Counter(Event.objects.filter(person=person, at__lte=at).values_list("kind", flat=True))
    last = Event.objects.filter(person=person, at__lte=at, kind="encounter").order_by("-at").first()
    lines = [Line(event_words.of(kind), str(count)) for kind, count in kinds.most_common(8)]
    sentence = ngettext(
        "%(n)s entry stood on the timeline.", "%(n)s entries stood on the timeline.", sum(kinds.values())
    ) % {"n": sum(kinds.values())}
    return Step(3, _("What had happened"), sentence, at=last.at if last else None, lines=lines)


def chosen(person: Person, campaign: Campaign, at: datetime) -> Step:
    """4. Why the person is in the segment, criterion by criterion, from the frozen definition."""
    name = _("In the segment")
    if not campaign.definition:
        return Step(4, name, _("The campaign has no frozen definition."), happened=False)
    try:
        reasons = evidence.why(person, campaign.definition, at)
    except language.Misformed as broken:
        return Step(4, name, _("The definition can't be read: %(why)s") % {"why": broken}, tone="bad")
    lines = [Line(one.text, one.evidence, "good" if one.holds else "bad", one.depth) for one in reasons]
    if reasons and reasons[0].holds:
        return Step(4, name, reasons[0].text, at=at, lines=lines, tone="good")
    sentence = _("By today's record this person would not be in it: something was corrected since the launch.")
    return Step(4, name, sentence, at=at, lines=lines, tone="bad")


def meant(campaign: Campaign) -> Step:
    """5. What the campaign is for, and the clause that allows it."""
    if not campaign.purpose:
        return Step(5, _("Purpose"), _("The campaign has no purpose."), happened=False)
    decided_on = (campaign.launched_at or campaign.created_at).date()
    found = purpose.classify(campaign.purpose, bool(campaign.remunerated), on=decided_on)
    paid = _("a third party pays") if campaign.remunerated else _("we pay for it ourselves")
    lines = [
        Line(_("Purpose"), f"{campaign.purpose} {campaign.get_purpose_display()}"),
        Line(_("Clause"), found.clause),
        Line(_("Who pays"), paid),
        Line(_("E-mail rules"), found.regime),
    ]
    return Step(5, _("Purpose"), found.sentence, lines=lines, tone="bad" if found.needs_authorization else "good")


def drawn(campaign: Campaign, assignment: Assignment | None) -> Step:
    """6. Contact or control group: the lot, drawn again from the frozen audience to prove it."""
    name = _("The lot")
    if assignment is None:
        return Step(6, name, _("This person was not in the audience that was frozen at launch."), happened=False)
    if assignment.arm == Assignment.Arm.NOT_PERMITTED:
        sentence = _("Not drawn: %(reason)s") % {"reason": assignment.reason}
        return Step(
            6,
            name,
            sentence,
            at=assignment.assigned_at,
            lines=[Line(_("Check"), plain_words.gate(assignment.gate), "bad")],
            tone="bad",
        )
    run = assignment.run
    people = list(Assignment.objects.filter(run=run, arm__in=PERMITTED).values_list("person_id", flat=True))
    mine = randomise.draw(run.salt, assignment.person_id)
    rank = sum(randomise.draw(run.salt, person) < mine for person in people) + 1
    size = run.held_out
    agrees = (rank <= size) == (assignment.arm == Assignment.Arm.HOLDOUT)
    words = {"people": len(people), "size": size, "rank": rank, "percent": campaign.holdout_percent}
    lines = [
        Line(_("Control group"), _("%(percent)s %%: the first %(size)s of %(people)s lots") % words),
        Line(_("This person's lot"), _("number %(rank)s of %(people)s") % words),
        Line(_("Lot"), f"SHA-256 {mine.hex()[:16]}…"),
        Line(
            _("Drawn again just now"),
            _("the same group") if agrees else _("another group: the audience was changed after the launch"),
            "good" if agrees else "bad",
        ),
    ]
    sentence = (
        _("Held out by lot: gets nothing, and shows what would have happened anyway.")
        if assignment.arm == Assignment.Arm.HOLDOUT
        else _("Drawn into the contact group by lot.")
    )
    return Step(6, name, sentence, at=assignment.assigned_at, lines=lines, tone="good" if agrees else "bad")
