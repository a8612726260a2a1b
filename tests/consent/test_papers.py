"""Signed papers on a real PostgreSQL: kept with their defects, ended by an event, taken back, proven."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rapport.consent import ledger, papers
from rapport.consent.authorizations import Paper
from rapport.consent.models import Authorization, ConsentRecord, ExpiryEvent
from rapport.trust.models import AuditEntry
from tests.people_cast import person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
TODAY = date(2026, 3, 4)


def complete(**changed) -> Paper:
    said = {
        "information": "Date and type of my knee surgery",
        "discloser": "Riverbend Health",
        "recipient": "Hipline Implants",
        "purposes": ("P7",),
        "expires_at": NOW + timedelta(days=300),
        "signed_on": date(2026, 2, 1),
        "signature": "on paper",
        "says_revocation": True,
        "says_conditioning": True,
        "says_redisclosure": True,
        "says_remuneration": True,
        "is_plain": True,
        "copy_given_at": NOW - timedelta(days=31),
    } | changed
    return Paper(**said)


def sign(by, who, **changed):
    return papers.sign(by=by, person_id=who.pk, paper=complete(**changed), now=NOW)


def only(who, *, on=TODAY):
    (found,) = papers.of([who.pk], on=on)[who.pk]
    return found


def test_a_complete_paper_is_kept_whole_and_valid(cole, pat):
    said = complete()
    papers.sign(by=cole, person_id=pat.pk, paper=said, now=NOW)
    found = only(pat)
    assert found.is_valid
    assert found.paper == said
    assert found.record.recipient == "Hipline Implants"
    assert AuditEntry.objects.get(verb="consent.grant").person_id == pat.pk


def test_a_defective_paper_is_kept_too_and_says_why(cole, pat):
    sign(cole, pat, signature="", copy_given_at=None)
    found = only(pat)
    assert [one.sentence for one in found.reasons] == ["Nobody signed it.", "The person did not get a copy."]


def test_a_paper_known_to_be_false_stays_void(cole, pat):
    sign(cole, pat, known_false=True)
    assert only(pat).defects == ("known_false",)


def test_a_paper_needs_no_edit_to_expire(cole, pat):
    sign(cole, pat, expires_at=datetime(2026, 4, 1, 4, 0, tzinfo=UTC))
    assert only(pat, on=date(2026, 3, 31)).is_valid
    assert only(pat, on=date(2026, 4, 1)).defects == ("expired",)


def test_an_event_ends_the_papers_that_name_it_and_no_others(cole, pat, quinn):
    """Golden 29."""
    for who, event in ((pat, "End of programme"), (quinn, "end of treatment")):
        sign(cole, who, expires_at=None, expires_event=event)
    papers.occur(by=cole, name="end of  Programme", now=NOW)
    assert only(pat).defects == ("event_occurred",)
    assert only(quinn).is_valid
    assert ExpiryEvent.objects.get().noted_by == cole


def test_an_event_of_one_person_ends_only_their_papers(cole, pat, quinn):
    for who in (pat, quinn):
        sign(cole, who, expires_at=None, expires_event="end of programme")
    papers.occur(by=cole, name="end of programme", person_id=quinn.pk, now=NOW)
    assert only(pat).is_valid
    assert only(quinn).defects == ("event_occurred",)


def test_an_event_before_the_signature_ends_nothing(cole, pat):
    papers.occur(by=cole, name="end of programme", now=NOW, occurred_at=NOW - timedelta(days=400))
    sign(cole, pat, expires_at=None, expires_event="end of programme")
    assert only(pat).is_valid


def test_an_event_without_a_name_is_refused(cole):
    with pytest.raises(papers.NamelessEvent):
        papers.occur(by=cole, name="  ", now=NOW)
    assert not ExpiryEvent.objects.exists()


def test_what_was_taken_back_is_void_and_a_new_paper_holds(cole, pat):
    sign(cole, pat)
    record = only(pat).record
    papers.revoke(by=cole, record=record, via="letter", now=NOW)
    assert only(pat).defects == ("revoked",)
    papers.sign(by=cole, person_id=pat.pk, paper=complete(signed_on=TODAY), now=NOW + timedelta(minutes=5))
    new, old = papers.of([pat.pk], on=TODAY)[pat.pk]
    assert (new.is_valid, old.defects) == (True, ("revoked",))


def test_taking_one_back_leaves_the_paper_for_another_recipient(cole, pat):
    sign(cole, pat)
    sign(cole, pat, recipient="The University")
    (hipline,) = [one for one in papers.of([pat.pk], on=TODAY)[pat.pk] if one.record.recipient == "Hipline Implants"]
    papers.revoke(by=cole, record=hipline.record, via="letter", now=NOW)
    standing = {one.record.recipient: one.is_valid for one in papers.of([pat.pk], on=TODAY)[pat.pk]}
    assert standing == {"Hipline Implants": False, "The University": True}


def test_an_old_signature_does_not_undo_a_later_no(cole, pat):
    """Entered today, signed in February; in between the person took everything back."""
    said = ledger.NewRecord(
        person_id=pat.pk, kind="authorization", channel="all", topic="all", status="withdrawn", via="letter",
        at=datetime(2026, 2, 20, 12, 0, tzinfo=UTC), text_version="", source_key=ledger.uuid.uuid4(), tier="written",
    )  # fmt: skip
    ledger.state(by=cole, record=said, now=NOW)
    sign(cole, pat)
    assert only(pat).defects == ("revoked",)


def test_a_consent_is_no_paper(cole, pat):
    with pytest.raises(papers.NotAPaper):
        sign(cole, pat, kind="consent")
    assert not ConsentRecord.objects.exists()


def test_signing_the_same_paper_twice_writes_it_once(cole, pat):
    key = ledger.uuid.uuid4()
    for _ in range(2):
        papers.sign(by=cole, person_id=pat.pk, paper=complete(), now=NOW, source_key=key)
    assert Authorization.objects.count() == 1


def test_people_are_read_together(cole):
    people = [person() for _ in range(3)]
    for who in people:
        sign(cole, who)
    assert set(papers.of([one.pk for one in people], on=TODAY)) == {one.pk for one in people}
