"""Machine translations: nobody publishes them unreviewed, and nobody reviews his or her own (golden test 26)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from rapport.content import actions, starters
from rapport.content.models import Version
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(now):
    return starters.load(by=SYSTEM, now=now)["newsletter"]


@pytest.fixture
def spanish(ana, letter, now):
    """Ana let a machine translate the newsletter."""
    piece = actions.start(by=ana, name="Boletín", topic="newsletter", language="es", now=now)
    return actions.draft(by=ana, piece=piece, now=now, is_machine=True, **words(letter))


def words(letter, subject="Noticias de la clínica"):
    return {"subject": subject, "preheader": "", "mjml": letter.mjml, "text": ""}


def publish(by, spanish, letter, now, **more):
    return actions.publish(by=by, piece=spanish.piece, now=now, **words(letter, **more))


def test_unreviewed_words_of_a_machine_are_not_published(ana, spanish, letter, now):
    with pytest.raises(actions.NotPublishable, match=r"45 CFR 92\.201"):
        publish(ana, spanish, letter, now)
    spanish.refresh_from_db()
    assert (spanish.state, spanish.translation) == ("draft", "machine")


def test_somebody_else_with_a_qualification_reviews_and_then_it_is_published(ana, cole, spanish, letter, now):
    later = now + timedelta(hours=2)
    reviewed = actions.review(by=cole, version=spanish, credential="CCHI 20145", now=later)
    assert (reviewed.translation, reviewed.reviewed_by, reviewed.reviewed_at) == ("reviewed", cole, later)
    assert AuditEntry.objects.get(verb="content.review").details["credential"] == "CCHI 20145"
    made = publish(ana, spanish, letter, later)
    assert (made.pk, made.state, made.reviewer_credential) == (spanish.pk, "published", "CCHI 20145")


@pytest.mark.parametrize("credential", ["", "   "])
def test_a_review_needs_a_qualification(cole, spanish, now, credential):
    with pytest.raises(actions.CanNotReview, match="qualification"):
        actions.review(by=cole, version=spanish, credential=credential, now=now)


def test_nobody_reviews_what_he_or_she_put_there(ana, spanish, now):
    with pytest.raises(actions.CanNotReview, match="somebody else"):
        actions.review(by=ana, version=spanish, credential="CCHI 20145", now=now)


def test_a_change_after_the_review_asks_for_another_one(ana, cole, spanish, letter, now):
    actions.review(by=cole, version=spanish, credential="CCHI 20145", now=now)
    with pytest.raises(actions.NotPublishable, match="machine"):
        publish(ana, spanish, letter, now, subject="Otro asunto")
    changed = actions.draft(by=ana, piece=spanish.piece, now=now, **words(letter, subject="Otro asunto"))
    assert (changed.translation, changed.reviewed_by, changed.reviewer_credential) == ("machine", None, "")


def test_what_a_machine_wrote_is_never_declared_a_persons_own(ana, spanish, letter, now):
    again = actions.draft(by=ana, piece=spanish.piece, now=now, is_machine=False, **words(letter))
    assert again.translation == "machine"


def test_the_next_version_of_a_reviewed_translation_is_reviewed_too(ana, cole, spanish, letter, now):
    actions.review(by=cole, version=spanish, credential="CCHI 20145", now=now)
    publish(ana, spanish, letter, now)
    second = actions.draft(by=ana, piece=spanish.piece, now=now, **words(letter, subject="Nuevas noticias"))
    assert (second.number, second.translation) == (2, "machine")


def test_the_database_refuses_an_unreviewed_published_wording_and_a_forged_review(cole, spanish, letter, now):
    with pytest.raises(DatabaseError, match="no_machine"), transaction.atomic():
        Version.objects.filter(pk=spanish.pk).update(state="published")
    with pytest.raises(DatabaseError, match="reviewer"), transaction.atomic():
        Version.objects.filter(pk=spanish.pk).update(translation="reviewed")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Version.objects.filter(pk=letter.pk).update(translation="machine")


def test_a_reviewer_finds_the_button_on_the_page_and_the_author_does_not(client, ana, cole, spanish):
    page = f"/content/piece/{spanish.piece.slug}/"
    client.force_login(ana)
    assert "I reviewed these words" not in client.get(page).content.decode()
    client.force_login(cole)
    assert "I reviewed these words" in client.get(page).content.decode()
    client.post(f"/content/version/{spanish.pk}/review/", {"credential": "CCHI 20145"})
    assert "Cole Adeyemi reviewed them" in client.get(page).content.decode()


def test_the_editor_says_why_it_does_not_publish(client, ana, spanish, letter):
    client.force_login(ana)
    said = {**words(letter), "is_machine": "on", "do": "publish"}
    answer = client.post(f"/content/piece/{spanish.piece.slug}/edit/", said)
    assert answer.status_code == 422
    assert "no qualified human translator has reviewed them" in answer.content.decode()
