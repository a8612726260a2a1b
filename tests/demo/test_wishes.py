"""A few people of the demo say how they want to be spoken to."""

import numpy as np
import pytest

from rapport.consent import preferences
from rapport.demo import wishes
from rapport.demo.register import Registered

pytestmark = pytest.mark.django_db


def test_some_say_something_and_always_the_same_ones(pat, quinn, now, monkeypatch):
    monkeypatch.setattr(wishes, "SHARE", 0.5)
    people = [Registered(one.pk, True, "en") for one in (pat, quinn)] * 4
    said = wishes.speak(people, np.random.default_rng(3), until=now)
    first = preferences.newest([pat.pk, quinn.pk])
    assert said > 0
    assert all(one.said_at < now for one in first.values())
    again = wishes.speak(people, np.random.default_rng(3), until=now)
    assert again == said


def test_who_has_no_address_was_never_asked(pat, now):
    assert wishes.speak([Registered(pat.pk, False, "en")] * 50, np.random.default_rng(1), until=now) == 0


def test_pat_wants_one_message_a_week(pat, now):
    wishes.speak_for_pat(pat.pk, until=now)
    assert preferences.of(pat.pk).at_most == preferences.WEEKLY
