"""A message goes where the policy looked, and nowhere else: the agreed address, the parent of a child, the working one."""

from datetime import date

import pytest

from rapport.consent import policy, representatives, restrictions
from rapport.messaging import compose, facts, message
from rapport.people.models import ContactPoint
from rapport.trust.actors import SYSTEM
from tests import people_cast
from tests.messaging import stage

pytestmark = pytest.mark.django_db


def outcome(person, now, purpose="P1", **brief):
    """(the gate that said no, the address written on the message)"""
    version = stage.wording(now, topic="care", slug="care")
    said = message.brief(cause="campaign", cause_id=1, said=brief, now=now) if brief else None
    (intent,) = stage.due([person], version, now, purpose=purpose, brief_id=said.pk if said else None)
    (known,) = facts.gather([intent], now)
    written = compose.compose([intent], facts.addressed([(intent.pk, known)]), now).messages
    return policy.decide(known).gate, written[intent.pk].address if intent.pk in written else None


def test_the_agreed_address_is_used_although_another_one_ranks_before_it(now):
    pat = people_cast.person(emails=("pat@home.example", "pat@work.example"))
    work = ContactPoint.objects.get(person=pat, kind="email", rank=2)
    restrictions.only_by(by=SYSTEM, person_id=pat.pk, contact_point_id=work.pk, via="front_desk", now=now)
    assert outcome(pat, now) == ("", "pat@work.example")


def test_a_child_for_whom_nobody_speaks_is_not_written_to(now):
    child = people_cast.person(birth_date=date(2016, 5, 1), emails=("child@mail.example",))
    assert outcome(child, now)[0] == "confidential"


def test_with_a_parent_on_record_the_letter_bears_her_address(now):
    mother = people_cast.person(emails=("mother@mail.example",))
    child = people_cast.person(birth_date=date(2016, 5, 1), emails=("child@mail.example",))
    representatives.appoint(
        by=SYSTEM, person_id=child.pk, other_id=mother.pk, kind="parent", authority="birth certificate", now=now
    )
    assert outcome(child, now) == ("", "mother@mail.example")


def test_what_a_minor_decided_alone_goes_to_the_minor(now):
    mother = people_cast.person(emails=("mother@mail.example",))
    child = people_cast.person(birth_date=date(2009, 5, 1), emails=("child@mail.example",))
    representatives.appoint(
        by=SYSTEM, person_id=child.pk, other_id=mother.pk, kind="parent", authority="birth certificate", now=now
    )
    representatives.consent_alone(by=SYSTEM, person_id=child.pk, data_class="reproductive", via="clinician", now=now)
    found = outcome(child, now, data_classes=["minor_confidential"], clinician_approved=True)
    assert found == ("", "child@mail.example")
