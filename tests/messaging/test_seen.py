"""For whom a block of a letter shows, read for a whole batch."""

import pytest

from rapport.content.showing import Condition, shown
from rapport.messaging.seen import facts_of
from rapport.people.models import Trait

pytestmark = pytest.mark.django_db


def test_facts_are_read_for_a_batch_and_only_what_is_asked(pat, quinn, now, django_assert_num_queries):
    Trait.objects.create(person=pat, name="gap.flu", text="open", source="test", at=now)
    asked = [Condition("trait", ("open",), "gap.flu"), Condition("language", ("en",))]
    with django_assert_num_queries(1):
        facts = facts_of([pat, quinn], asked, now)
    assert shown(asked, facts[pat.pk]) == [True, True]
    assert shown(asked, facts[quinn.pk])[0] is False
    with django_assert_num_queries(0):
        assert facts_of([pat, quinn], [], now) == {}
