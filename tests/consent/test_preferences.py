"""How a person wants to be spoken to, as last said."""

from datetime import date, time, timedelta

import pytest
from django.db import DatabaseError, transaction

from rapport.consent import preferences
from rapport.consent.models import Preference
from rapport.consent.preferences import NotAWish, Wish
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry

pytestmark = pytest.mark.django_db


def say(person, now, **wish):
    return preferences.say(by=SYSTEM, person_id=person.pk, wish=Wish(**wish), via="test", now=now)


def test_the_newest_row_counts(pat, now):
    say(pat, now, at_most=4)
    say(pat, now + timedelta(minutes=1), at_most=1)
    assert preferences.newest([pat.pk])[pat.pk].at_most == 1
    assert Preference.objects.count() == 2


def test_what_was_not_spoken_about_stays_as_it_was(pat, now):
    say(pat, now, pause_until=date(2026, 4, 1), language="es")
    say(pat, now + timedelta(days=1), quiet_from=time(20), quiet_until=time(9), feeling="too_much")
    stands = preferences.of(pat.pk)
    assert (stands.pause_until, stands.language) == (date(2026, 4, 1), "es")
    assert (stands.quiet_from, stands.quiet_until, stands.feeling) == (time(20), time(9), "too_much")


def test_a_wish_can_be_taken_back(pat, now):
    say(pat, now, at_most=1, pause_until=date(2026, 4, 1))
    say(pat, now, at_most=None, pause_until=None)
    stands = preferences.of(pat.pk)
    assert (stands.at_most, stands.pause_until) == (None, None)


def test_saying_the_same_again_writes_nothing(pat, now):
    assert say(pat, now, at_most=4) is not None
    assert say(pat, now, at_most=4) is None
    assert Preference.objects.count() == 1
    assert AuditEntry.objects.filter(verb="preference.say").count() == 1


def test_the_audit_line_says_what_changed_and_by_which_way(pat, now):
    say(pat, now, language="es", at_most=4)
    line = AuditEntry.objects.get(verb="preference.say")
    assert line.person_id == pat.pk
    assert line.details == {"changed": ["language", "at_most"], "via": "test"}


def test_whoever_said_nothing_is_absent_and_open_to_everything(pat, quinn, now):
    say(pat, now, at_most=4)
    assert set(preferences.newest([pat.pk, quinn.pk])) == {pat.pk}
    assert preferences.of(quinn.pk) == preferences.NOTHING_SAID


def test_many_people_cost_one_question(pat, quinn, now, django_assert_num_queries):
    say(pat, now, at_most=4)
    say(quinn, now, at_most=1)
    with django_assert_num_queries(1):
        found = preferences.newest([pat.pk, quinn.pk])
    assert {person: one.at_most for person, one in found.items()} == {pat.pk: 4, quinn.pk: 1}


@pytest.mark.parametrize(
    "wish",
    [
        {"language": "de"},
        {"quiet_from": time(20)},
        {"quiet_from": time(20), "quiet_until": time(20)},
        {"at_most": 0},
        {"feeling": "furious"},
        {"pause_until": date(2026, 3, 1)},
        {"pause_until": date(2028, 3, 1)},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(pat, now, wish):
    with pytest.raises(NotAWish):
        say(pat, now, **wish)
    assert not Preference.objects.exists()


def test_an_old_pause_does_not_stand_in_the_way_of_a_new_wish(pat, now):
    say(pat, now, pause_until=date(2026, 3, 10))
    assert say(pat, now + timedelta(days=30), at_most=4) is not None


def test_a_preference_can_be_neither_changed_nor_removed(pat, now):
    row = say(pat, now, at_most=4)
    for wrong in (lambda: Preference.objects.update(at_most=9), row.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            wrong()


def test_everything_can_be_brought_back_as_it_stood(pat, now):
    say(pat, now, at_most=4, language="es")
    before = preferences.of(pat.pk)
    say(pat, now, at_most=1, pause_until=date(2026, 4, 1))
    preferences.say(by=SYSTEM, person_id=pat.pk, wish=preferences.back_to(before), via="undo", now=now)
    after = preferences.of(pat.pk)
    assert (after.at_most, after.pause_until, after.language) == (4, None, "es")
