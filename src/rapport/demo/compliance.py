"""What Cole keeps: vendors, courses, the calendar, two signed papers (one good, one void), and who speaks for whom."""

from datetime import datetime, timedelta
from typing import Any

from rapport.consent import papers, representatives, restrictions, vendors
from rapport.consent.authorizations import Paper
from rapport.consent.models import Representative, Vendor
from rapport.demo import clinic, patients
from rapport.governance.desk import calendar, training
from rapport.governance.models import Review, Training
from rapport.trust.models import User
from rapport.trust.sealing import source_key

COURSES = ("HIPAA privacy", "HIPAA security awareness")
LATE = "noor"  # her privacy course ran out


def keep(load: Any, step: Any) -> None:
    """Can be told twice: what stands already stays."""
    now = load.today
    cole = clinic.staff("cole")
    _vendors(cole, now)
    _courses(cole, now)
    _calendar(cole, now)
    _people(cole, now)
    step.note = f"{Vendor.objects.count()} vendors, {Review.objects.count()} dates"


def _vendors(cole: User, now: datetime) -> None:
    today = now.date()
    for terms in (
        vendors.Terms(name="Riverbend mail server", channels=("email",), is_ours=True),
        vendors.Terms(
            name="Textwell",
            channels=("sms", "call"),
            baa_reference="Contract 2024-118",
            baa_signed_on=today - timedelta(days=705),
            baa_until=today + timedelta(days=25),
        ),
        vendors.Terms(
            name="Merrimack Print & Post",
            channels=("print",),
            baa_reference="Contract 2023-041",
            baa_signed_on=today - timedelta(days=745),
            baa_until=today - timedelta(days=15),
        ),
        vendors.Terms(
            name="Granite Hosting", baa_reference="Contract 2025-007", baa_signed_on=today - timedelta(days=300)
        ),
    ):
        if not Vendor.objects.filter(name=terms.name).exists():
            vendors.add(by=cole, terms=terms, now=now)


def _courses(cole: User, now: datetime) -> None:
    for login, _name, _role in clinic.STAFF:
        user = clinic.staff(login)
        for course in COURSES:
            days = 380 if login == LATE and course == COURSES[0] else 120
            if not Training.objects.filter(user=user, course=course).exists():
                taken = now.date() - timedelta(days=days)
                training.note(by=cole, user=user, course=course, completed_on=taken, now=now, evidence="Sign-in sheet")


def _calendar(cole: User, now: datetime) -> None:
    if Review.objects.exists():
        return
    calendar.fill(by=cole, now=now)
    before = now - timedelta(days=97)
    told = calendar.plan(
        by=cole, title="Who opened delicate entries, and why", subject="access", due_on=before.date(), every_months=3,
        now=before,
    )  # fmt: skip
    calendar.finish(by=cole, review=told, finding="12 looked at, all with a good reason.", now=before)


def _people(cole: User, now: datetime) -> None:
    found = patients.residents()
    good, void, ward, guardian, private = (found[number].person_id for number in (11, 23, 37, 38, 51))
    day = now.date()
    paper = Paper(
        information="Date and kind of my knee operation",
        discloser="Riverbend Health",
        recipient="Hipline Implants",
        purposes=("P7",),
        expires_at=now + timedelta(days=240),
        signed_on=day - timedelta(days=40),
        signature="on paper",
        says_revocation=True,
        says_conditioning=True,
        says_redisclosure=True,
        says_remuneration=True,
        is_plain=True,
        copy_given_at=now - timedelta(days=40),
    )
    key = source_key("demo", "paper-good")
    papers.sign(by=cole, person_id=good, paper=paper, now=now, source_key=key)
    incomplete = Paper(
        information="All my medical records",
        discloser="Riverbend Health",
        recipient="Hipline Implants",
        purposes=("P7",),
        signed_on=day - timedelta(days=12),
        signature="on paper",
        says_revocation=True,
        is_plain=True,
    )
    papers.sign(by=cole, person_id=void, paper=incomplete, now=now, source_key=source_key("demo", "paper-void"))
    if not Representative.objects.exists():
        representatives.appoint(
            by=cole, person_id=ward, other_id=guardian, kind="guardian", authority="Middlesex Probate Court 2025-0412",
            starts_on=day - timedelta(days=200), now=now,
        )  # fmt: skip
        restrictions.only_by(by=cole, person_id=private, channel="print", via="letter", now=now)
