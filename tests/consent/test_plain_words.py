"""Every gate, topic and channel has its word on the pages, and what is kept stays as it is."""

from django.utils import translation

from rapport.consent import plain_words
from rapport.consent.gates import GATES, saying


def test_no_gate_topic_or_channel_reads_as_its_code():
    assert {gate.name for gate in GATES} == set(plain_words.GATES)
    assert set(saying.TOPIC_WORDS) == set(plain_words.TOPICS)
    assert set(saying.CHANNEL_WORDS) | {"all"} == set(plain_words.CHANNELS)


def test_pages_speak_spanish_and_reasons_are_kept_in_english():
    with translation.override("es"):
        assert plain_words.channel("email") == "correo electrónico"
        assert plain_words.topic("health_services") == "servicios de salud"
        assert saying.topic("health_services") == "health services"
    assert plain_words.gate("of_tomorrow") == "of tomorrow"
