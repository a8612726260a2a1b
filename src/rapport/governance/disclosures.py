"""Patient data that leaves the house: written down when it happens, refused where it must not, told to the person on request.

- Sale, and data for a third party's own marketing, are never made from here (164.502(a)(5)(ii), 164.508(a)(3); H-06).
- Records under 42 CFR Part 2 go only on a consent that names this recipient, with the notice of 2.32 and a copy or a clear
  explanation of the consent; the digest of that packet stands in the row.
- The accounting (164.528) looks six years back and leaves out what the law leaves out.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from dateutil.relativedelta import relativedelta
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rapport.consent import papers
from rapport.consent import rules as rulebook
from rapport.consent.models import ConsentRecord
from rapport.governance.models import Disclosure
from rapport.people import erasing
from rapport.people.models import DataClass, Person
from rapport.trust import audit
from rapport.trust.access import as_system
from rapport.trust.actors import Actor, System

YEARS = 6


class Basis(models.TextChoices):
    """On what ground data leaves."""

    TPO = "tpo", _("Treatment, payment, operations")
    INDIVIDUAL = "to_individual", _("To the person, or who speaks for them")
    AUTHORIZATION = "authorization", _("The person's signed authorization")
    PART2 = "part2_consent", _("The person's consent under 42 CFR Part 2")
    INCIDENTAL = "incidental", _("Incidental to something permitted")
    LIMITED = "limited_data_set", _("Limited data set under an agreement")
    INVOLVED = "involved", _("Facility directory, or people involved in the care")
    SECURITY = "national_security", _("National security")
    LAW = "required_by_law", _("Required by law")
    HEALTH = "public_health", _("Public health")
    ABUSE = "abuse_report", _("Report of abuse or neglect")
    OVERSIGHT = "health_oversight", _("Health oversight")
    COURT = "judicial", _("Court or subpoena")
    POLICE = "law_enforcement", _("Law enforcement")
    CORONER = "coroner", _("Coroner, funeral director, organ donation")
    RESEARCH = "research", _("Research under a waiver")
    THREAT = "threat", _("Serious threat to safety")
    WORKERS = "workers_comp", _("Workers' compensation")
    MISTAKE = "mistake", _("By mistake")
    SALE = "sale", _("Sale of data")
    MARKETING = "third_party_marketing", _("A third party's own marketing")


NEVER = frozenset({Basis.SALE, Basis.MARKETING})
NOT_TOLD = frozenset({
    Basis.TPO, Basis.INDIVIDUAL, Basis.AUTHORIZATION, Basis.PART2, Basis.INCIDENTAL, Basis.LIMITED, Basis.INVOLVED, Basis.SECURITY,
})  # fmt: skip
SIGNED = {Basis.AUTHORIZATION: ConsentRecord.Kind.AUTHORIZATION, Basis.PART2: ConsentRecord.Kind.PART2}


class Refused(ValueError):
    """This must not leave; the text says why, `about` what it is: the basis, what is said, the paper, the notice, the consent."""

    def __init__(self, why: str, about: str = "basis") -> None:
        super().__init__(why)
        self.about = about


@dataclass(frozen=True)
class To:
    """Who gets it."""

    name: str
    address: str = ""


@dataclass(frozen=True)
class What:
    """What leaves, why, on what ground (`Basis`), and which delicate classes are in it."""

    description: str
    purpose: str
    basis: str
    data_classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Packet:
    """What goes with records under Part 2: the notice, and a copy of the consent or a clear explanation of its scope."""

    notice: str = ""
    consent: str = ""

    def digest(self) -> str:
        return hashlib.sha256(f"{self.notice}\n\n{self.consent}".encode()).hexdigest()


@transaction.atomic
def record(
    *,
    by: Actor,
    person_id: int,
    to: To,
    what: What,
    now: datetime,
    at: datetime | None = None,
    consent_record_id: int | None = None,
    packet: Packet | None = None,
) -> Disclosure:
    """Write down what leaves, before it leaves. Raises Refused, Person.DoesNotExist."""
    person = Person.objects.get(pk=person_id, erased_at__isnull=True)
    at = at or now
    may_leave(person_id=person.pk, to=to, what=what, at=at, consent_record_id=consent_record_id, packet=packet)
    ground = Basis(what.basis)
    made = Disclosure.objects.create(
        person_id=person.pk, at=at, recipient=to.name[:200], recipient_address=to.address[:200],
        description=what.description[:300], purpose=what.purpose[:300], basis=ground, data_classes=sorted(set(what.data_classes)),
        packet_hash=packet.digest() if packet else "", consent_record_id=consent_record_id,
        made_by=None if isinstance(by, System) else by,
    )  # fmt: skip
    audit.record(
        by=by, verb="disclosure.record", now=now, person=person.pk, thing=f"disclosure:{made.pk}",
        details={"basis": ground, "classes": made.data_classes},
    )  # fmt: skip
    return made


def may_leave(
    *,
    person_id: int,
    to: To,
    what: What,
    at: datetime,
    consent_record_id: int | None = None,
    packet: Packet | None = None,
) -> None:
    """Raises Refused with the reason if this must not leave. Writes nothing."""
    ground = _ground(what.basis)
    _complete(to, what.description, what.purpose)
    if ground in SIGNED:
        _signed(SIGNED[ground], person_id, to, consent_record_id, at)
    if is_part2(what):
        _under_part2(ground, packet, at)


def is_part2(what: What) -> bool:
    """Whether 42 CFR Part 2 speaks about it."""
    return DataClass.SUD_PART2 in what.data_classes or what.basis == Basis.PART2


def accounting(*, by: Actor, person_id: int, now: datetime, thing: str = "") -> list[Disclosure]:
    """What must be told to the person who asks: six years back, newest first. One audit line."""
    Person.objects.get(pk=person_id, erased_at__isnull=True)
    with as_system():
        ids = erasing.same_human([person_id])
        since = now - relativedelta(years=YEARS)
        rows = list(
            Disclosure.objects.filter(person_id__in=ids, at__gte=since, at__lte=now)
            .exclude(basis__in=NOT_TOLD)
            .order_by("-at", "-id")
        )
    with transaction.atomic():
        audit.record(
            by=by, verb="disclosure.account", now=now, person=person_id, thing=thing, details={"rows": len(rows)}
        )
    return rows


def notices(at: datetime) -> list[str]:
    """The texts that may stand beside records under Part 2 that day."""
    return [
        row.parameters["text"]
        for row in rulebook.rows()
        if row.kind == "notice" and row.parameters["about"] == DataClass.SUD_PART2 and row.is_in_force(at.date())
    ]


def _ground(basis: str) -> Basis:
    if basis not in Basis.values:
        raise Refused(gettext("Say on what ground the data leaves."))
    ground = Basis(basis)
    if ground in NEVER:
        raise Refused(
            gettext(
                "Patient data is not sold, and not given to others for their own marketing (45 CFR 164.502(a)(5)(ii))."
            )
        )
    return ground


def _complete(to: To, description: str, purpose: str) -> None:
    """164.528(b)(2): who received it, what it was, and why."""
    missing = [
        name
        for name, said in (
            (gettext("the recipient"), to.name),
            (gettext("what it is"), description),
            (gettext("why"), purpose),
        )
        if not said.strip()
    ]
    if missing:
        raise Refused(
            gettext("Please say %(what)s: the person may ask for it for six years.") % {"what": ", ".join(missing)},
            "said",
        )


def _signed(kind: str, person_id: int, to: To, consent_record_id: int | None, at: datetime) -> None:
    """The paper it rests on stands: of this person, of this kind, not withdrawn, not expired, naming this recipient."""
    granted = ConsentRecord.objects.filter(person_id=person_id, kind=kind, status="granted")
    paper = granted.filter(pk=consent_record_id).first() if consent_record_id else None
    if paper is None:
        raise Refused(gettext("There is no such paper of this person."), "paper")
    if paper.at > at or (paper.expires_at is not None and paper.expires_at <= at):
        raise Refused(gettext("The paper is not in force."), "paper")
    later = ConsentRecord.objects.filter(
        person_id=person_id,
        kind=kind,
        status="withdrawn",
        at__gte=paper.at,
        at__lte=at,
        recipient__in=["", paper.recipient],
    )
    if later.exists():
        raise Refused(gettext("The person has withdrawn it."), "paper")
    if paper.recipient and paper.recipient.casefold() != to.name.casefold():
        raise Refused(gettext("The paper names another recipient."), "paper")
    if kind == ConsentRecord.Kind.PART2 and not paper.recipient:
        raise Refused(gettext("A consent under 42 CFR Part 2 must name who receives the records."), "paper")
    _whole(paper, at)


def _whole(paper: ConsentRecord, at: datetime) -> None:
    """Every element that the law asks for is on it; with one defect it is in law no authorization (164.508(b)(2), 42 CFR 2.31(c))."""
    on = timezone.localtime(at).date()
    read = papers.read(papers.signed().filter(pk=paper.pk), on=on)
    if not read:
        raise Refused(gettext("The paper is void: nothing of what it says is on file."), "paper")
    for defect in read[0].reasons:
        raise Refused(f"The paper is void: {defect.sentence} ({defect.clause_for(paper.kind)})", "paper")


def _under_part2(ground: Basis, packet: Packet | None, at: datetime) -> None:
    if ground not in {Basis.PART2, Basis.INDIVIDUAL, Basis.COURT}:
        raise Refused(
            gettext("Records of treatment for substance use leave only on the person's consent under 42 CFR Part 2.")
        )
    if ground != Basis.PART2:
        return
    if packet is None or packet.notice.strip() not in notices(at):
        raise Refused(gettext("The notice of 42 CFR 2.32 must go with these records, word for word."), "notice")
    if not packet.consent.strip():
        raise Refused(
            gettext(
                "A copy of the consent, or a clear explanation of what it allows, must go with these records (42 CFR 2.32)."
            ),
            "consent",
        )
