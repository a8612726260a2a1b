"""Every state of a message and every outcome of a try has its word."""

from django.utils import translation

from rapport.messaging import state_words
from rapport.messaging.models import Intent, Receipt


def test_no_state_and_no_outcome_reads_as_its_code():
    assert set(Intent.State.values) | set(Receipt.Outcome.values) == set(state_words.STATES)


def test_a_state_reads_in_the_language_of_whoever_reads():
    assert state_words.of("held") == "On hold"
    with translation.override("es"):
        assert state_words.of("held") == "En pausa"
    assert state_words.of("newer than the table") == "newer than the table"
