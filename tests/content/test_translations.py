"""Machine translations: nobody publishes them unreviewed, and nobody reviews his or her own (golden test 26)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from rapport.content import actions, starters
from rapport.content.models import Version
from rapport.content.reviewing import actions as reviewing
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


def hand_in(by, spanish, letter, now, **more):
    return reviewing.hand_in(by=by, piece=spanish.piece, now=now, **words(letter, **more))


def approve(version, now, **by_kind):
    for kind, by in by_kind.items():
        version = reviewing.approve(by=by, version=version, kind=kind, digest_seen=version.digest, now=now)
    return version


def test_the_house_itself_can_not_publish_them(spanish, letter, now):
    with pytest.raises(actions.NotPublishable, match=r"45 CFR 92\.201"):
        actions.publish(by=SYSTEM, piece=spanish.piece, now=now, **words(letter))


def test_unreviewed_words_of_a_machine_wait_whoever_else_approves(ana, cole, spanish, letter, now):
    handed_in = hand_in(ana, spanish, letter, now)
    waiting = approve(handed_in, now, marketing=cole, compliance=cole)
    assert (waiting.state, waiting.translation) == ("review", "machine")


@pytest.mark.parametrize("when", ["before the others", "after them"])
def test_with_the_look_of_a_qualified_translator_they_are_approved(ana, cole, spanish, letter, now, when):
    later = now + timedelta(hours=2)
    version = hand_in(ana, spanish, letter, now)
    if when == "after them":
        approve(version, later, marketing=cole, compliance=cole)
    version = reviewing.review_translation(by=cole, version=version, credential="CCHI 20145", now=later)
    if when == "before the others":
        approve(version, later, marketing=cole, compliance=cole)
    version.refresh_from_db()
    assert (version.state, version.translation, version.reviewer_credential) == ("published", "reviewed", "CCHI 20145")
    assert (version.reviewed_by, version.reviewed_at) == (cole, later)
    assert AuditEntry.objects.get(verb="content.review").details["credential"] == "CCHI 20145"


@pytest.mark.parametrize("credential", ["", "   "])
def test_a_review_needs_a_qualification(cole, spanish, now, credential):
    with pytest.raises(actions.CanNotReview, match="qualification"):
        actions.review(by=cole, version=spanish, credential=credential, now=now)


def test_nobody_reviews_what_he_or_she_put_there(ana, spanish, now):
    with pytest.raises(actions.CanNotReview, match="somebody else"):
        actions.review(by=ana, version=spanish, credential="CCHI 20145", now=now)


def test_a_change_after_the_review_asks_for_another_one(ana, cole, spanish, letter, now):
    actions.review(by=cole, version=spanish, credential="CCHI 20145", now=now)
    changed = actions.draft(by=ana, piece=spanish.piece, now=now, **words(letter, subject="Otro asunto"))
    assert (changed.translation, changed.reviewed_by, changed.reviewer_credential) == ("machine", None, "")


def test_what_a_machine_wrote_is_never_declared_a_persons_own(ana, spanish, letter, now):
    again = actions.draft(by=ana, piece=spanish.piece, now=now, is_machine=False, **words(letter))
    assert again.translation == "machine"


def test_the_next_version_of_a_reviewed_translation_is_reviewed_too(ana, cole, spanish, letter, now):
    actions.review(by=cole, version=spanish, credential="CCHI 20145", now=now)
    approve(hand_in(ana, spanish, letter, now), now, marketing=cole, compliance=cole)
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


def test_the_editor_takes_them_and_the_desk_asks_for_a_translator(client, ana, spanish, letter):
    client.force_login(ana)
    said = {**words(letter), "is_machine": "on", "do": "hand_in"}
    answer = client.post(f"/content/piece/{spanish.piece.slug}/edit/", said, follow=True)
    assert "A machine translated it (45 CFR 92.201(c)(3))." in answer.content.decode()
