"""Pieces that say the same in other channels."""

import pytest

from rapport.content import actions, families
from rapport.content.models import Piece
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def piece(now):
    return actions.start(by=SYSTEM, name="Visit", topic="care", language="en", now=now)


def test_the_first_word_for_another_channel_makes_a_family(piece, ana, now):
    made = families.begin(by=ana, piece=piece, channel="print", now=now)
    piece.refresh_from_db()
    assert (made.channel, made.topic, made.family, piece.family) == ("print", "care", "visit", "visit")
    assert families.of(piece) == [piece, made]
    assert families.missing(families.of(made)) == ["sms", "call", "portal", "push"]
    assert AuditEntry.objects.get(verb="content.join_family").actor == ana


def test_no_channel_has_words_twice_in_a_family(piece, ana, now):
    families.begin(by=ana, piece=piece, channel="call", now=now)
    for channel in ("call", "email", "smoke"):
        with pytest.raises(families.NoSuchWay):
            families.begin(by=ana, piece=piece, channel=channel, now=now)


def test_a_marketer_starts_a_letter_from_the_piece_and_designs_it(client, ana, piece, now):
    client.force_login(ana)
    assert "Letter on paper" in client.get("/content/piece/visit/").content.decode()
    made = client.post("/content/piece/visit/family/", {"channel": "print"})
    assert made.headers["Location"] == "/content/piece/visit-print/edit/"
    shown = client.get("/content/piece/visit-print/edit/", follow=True)
    assert shown.status_code == 200
    assert Piece.objects.get(slug="visit-print").family == "visit"
    assert "Letter on paper" in client.get("/content/piece/visit/").content.decode()


def test_the_same_words_in_another_language_join_the_family_and_answer_for_nobody_else(client, ana, piece, now):
    client.force_login(ana)
    assert "Write it in Spanish" in client.get("/content/piece/visit/").content.decode()
    made = client.post("/content/piece/visit/family/", {"language": "es"})
    assert made.headers["Location"] == "/content/piece/visit-es/edit/"
    spanish, piece = Piece.objects.get(slug="visit-es"), Piece.objects.get(slug="visit")
    assert (spanish.language, spanish.channel, spanish.family) == ("es", "email", piece.family)
    assert families.of(piece) == [piece], "a way to somebody who reads English is never in Spanish"
    assert (families.tongues(piece), families.unspoken(piece)) == ([spanish], [])
    assert "Spanish" in client.get("/content/piece/visit/").content.decode()
    client.post("/content/piece/visit/family/", {"language": "es"})
    assert Piece.objects.count() == 2
