"""Who speaks for whom, on which day, about what; and what a minor decides alone (golden 15)."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from rapport.consent import representatives
from rapport.consent.models import Representative
from rapport.trust.models import AuditEntry
from tests.people_cast import person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
TODAY = date(2026, 3, 4)


@pytest.fixture
def teen():
    return person(given="Kai", birth_date=date(2009, 9, 14))


def appoint(by, who, other, **more):
    said = {"kind": "guardian", "authority": "Middlesex Probate Court 2025-0412"} | more
    return representatives.appoint(by=by, person_id=who.pk, other_id=other.pk, now=NOW, **said)


def speakers(who, on=TODAY, **more):
    return [one.other_id for one in representatives.speaking_for(who.pk, on=on, **more)]


def test_a_guardian_speaks_from_the_first_day_to_the_last(bea, quinn, pat):
    appoint(bea, quinn, pat, starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 31))
    days = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1))
    assert [bool(speakers(quinn, day)) for day in days] == [False, True, True, False]
    assert speakers(pat) == [], "not the other way round"


def test_a_proxy_for_one_topic_is_asked_about_that_topic_only(bea, quinn, pat):
    appoint(bea, quinn, pat, kind="proxy", topics=["billing"])
    assert speakers(quinn, topic="billing") == [pat.pk]
    assert speakers(quinn, topic="care") == []


def test_an_end_is_a_date_and_the_row_stays(bea, quinn, pat):
    appointed = appoint(bea, quinn, pat, starts_on=date(2026, 1, 1))
    representatives.end(by=bea, representative=appointed, on=date(2026, 3, 3), now=NOW)
    assert speakers(quinn) == []
    assert Representative.objects.count() == 1
    verbs = AuditEntry.objects.filter(verb__startswith="representative.").order_by("id")
    assert [one.verb for one in verbs] == ["representative.appoint", "representative.end"]


def test_it_can_not_end_before_it_began(bea, quinn, pat):
    appointed = appoint(bea, quinn, pat)
    with pytest.raises(representatives.WrongOrder):
        representatives.end(by=bea, representative=appointed, on=date(2026, 3, 1), now=NOW)
    with pytest.raises(representatives.WrongOrder):
        appoint(bea, quinn, pat, ends_on=date(2026, 3, 1))


def test_nobody_speaks_without_an_authority_or_for_themselves(bea, quinn, pat):
    with pytest.raises(representatives.NoAuthority):
        appoint(bea, quinn, pat, authority=" ")
    with pytest.raises(representatives.SamePerson):
        appoint(bea, pat, pat)
    with pytest.raises(IntegrityError), transaction.atomic():
        Representative.objects.create(
            person=pat, other=pat, kind="proxy", authority="x", starts_on=TODAY, recorded_at=NOW
        )


def test_a_parent_stops_speaking_in_the_month_of_the_eighteenth_birthday(bea, teen, pat):
    appoint(bea, teen, pat, kind="parent", authority="Birth certificate")
    assert speakers(teen, date(2027, 8, 31)) == [pat.pk]
    assert speakers(teen, date(2027, 9, 1)) == []


def test_a_guardian_of_an_adult_goes_on(bea, teen, pat):
    appoint(bea, teen, pat, kind="guardian")
    assert speakers(teen, date(2030, 1, 1)) == [pat.pk]


def test_about_care_to_which_a_minor_consented_alone_nobody_else_speaks(bea, teen, pat):
    appoint(bea, teen, pat, kind="parent", authority="Birth certificate")
    representatives.consent_alone(by=bea, person_id=teen.pk, data_class="reproductive", via="visit", now=NOW)
    assert representatives.alone(teen.pk) == {"reproductive", "minor_confidential"}
    assert speakers(teen, data_class="reproductive") == []
    assert speakers(teen, data_class="general") == [pat.pk]
    representatives.end_alone(by=bea, person_id=teen.pk, data_class="reproductive", via="visit", now=NOW)
    assert representatives.alone(teen.pk) == frozenset()
    assert speakers(teen, data_class="reproductive") == [pat.pk]


def test_an_unknown_class_of_data_is_refused(bea, teen):
    with pytest.raises(representatives.NotAClass):
        representatives.consent_alone(by=bea, person_id=teen.pk, data_class="secret", via="visit", now=NOW)
