"""Four eyes on exactly these words, until a day; and nothing else is ever in the state that is sent."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from rapport.consent.gates import words as gate
from rapport.consent.policy import Facts
from rapport.consent.rules import in_force
from rapport.content import actions, lint
from rapport.content.models import Approval, Version
from rapport.content.reviewing import actions as reviewing
from rapport.content.reviewing import queries, standing
from rapport.messaging import message
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry, Role
from tests.content.reviewing import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(hire):
    """Another marketer."""
    return hire("Mia Ortiz", Role.MARKETER)


def test_handing_in_sends_nothing_and_names_the_words(ana, now):
    version = desk.handed_in(ana, now)
    assert (version.state, len(version.digest), version.authors) == ("review", 64, [ana.pk])
    assert "track.open" in version.html, "reviewers see what would be sent"
    assert AuditEntry.objects.get(verb="content.hand_in").details["needs"] == ["marketing", "compliance"]


def test_with_the_last_look_it_is_approved_for_a_year(ana, mia, cole, now):
    version = desk.approve(desk.handed_in(ana, now), now, marketing=mia)
    assert (version.state, version.published_at) == ("review", None)
    version = desk.approve(version, now, compliance=cole)
    assert (version.state, version.published_by, version.expires_at) == ("published", cole, now + timedelta(days=365))
    said = [(one.kind, one.role, one.by) for one in Approval.objects.order_by("id")]
    assert said == [("marketing", "marketer", mia), ("compliance", "compliance", cole)]
    assert AuditEntry.objects.filter(verb="content.approve").latest("id").details["approved"] is True


def test_clinical_words_wait_for_a_clinician_with_a_credential(ana, mia, cole, dr_ito, now):
    version = desk.handed_in(ana, now, topic="health_services", tags=["condition:knee pain"])
    version = desk.approve(version, now, marketing=mia, compliance=cole)
    assert version.state == "review"
    with pytest.raises(reviewing.CanNotApprove, match="qualification"):
        reviewing.approve(by=dr_ito, version=version, kind="clinical", digest_seen=version.digest, now=now)
    assert desk.approve(version, now, clinical=dr_ito).state == "published"
    assert Approval.objects.get(kind="clinical").credential == "MD, MA 204417"


@pytest.mark.parametrize("kind", ["marketing", "compliance", "clinical", "translation", "nonsense"])
def test_nobody_approves_words_of_ones_own(ana, now, kind):
    version = desk.handed_in(ana, now)
    with pytest.raises(reviewing.CanNotApprove):
        desk.approve(version, now, **{kind: ana})


def test_who_once_wrote_on_them_is_an_author_too(ana, mia, cole, now):
    version = desk.handed_in(ana, now)
    reviewing.hand_in(by=mia, piece=version.piece, now=now, **{**desk.SAID, "subject": "An evening with us"})
    version.refresh_from_db()
    for author in (ana, mia):
        with pytest.raises(reviewing.CanNotApprove, match="own words"):
            desk.approve(version, now, marketing=author)
    assert desk.approve(version, now, marketing=cole).authors == sorted([ana.pk, mia.pk])


@pytest.mark.parametrize(
    ("who", "kind"), [("dr_ito", "marketing"), ("dr_ito", "compliance"), ("mia", "compliance"), ("bea", "marketing")]
)
def test_a_role_gives_its_own_look_only(ana, now, who, kind, request):
    version = desk.handed_in(ana, now)
    with pytest.raises(reviewing.CanNotApprove, match="role"):
        desk.approve(version, now, **{kind: request.getfixturevalue(who)})


def test_a_look_is_given_once(ana, mia, cole, now):
    version = desk.approve(desk.handed_in(ana, now), now, marketing=mia)
    with pytest.raises(reviewing.CanNotApprove, match="somebody has had it"):
        desk.approve(version, now, marketing=cole)


def test_a_change_undoes_every_look(ana, mia, now):
    version = desk.approve(desk.handed_in(ana, now), now, marketing=mia)
    changed = actions.draft(by=ana, piece=version.piece, now=now, **{**desk.SAID, "preheader": "Free"})
    assert (changed.pk, changed.state, changed.digest) == (version.pk, "draft", "")
    assert Approval.objects.get().undone_at == now
    assert AuditEntry.objects.filter(verb="content.draft").latest("id").details["undone"] == 1


def test_the_very_same_words_stay_on_the_desk(ana, mia, now):
    version = desk.approve(desk.handed_in(ana, now), now, marketing=mia)
    again = reviewing.hand_in(by=ana, piece=version.piece, now=now, **desk.SAID)
    assert (again.pk, again.state, Approval.objects.get().undone_at) == (version.pk, "review", None)


def test_words_that_changed_behind_the_screen_are_not_approved(ana, mia, now):
    version = desk.handed_in(ana, now)
    seen = version.digest
    reviewing.hand_in(by=ana, piece=version.piece, now=now, **{**desk.SAID, "preheader": "Free"})
    with pytest.raises(reviewing.CanNotApprove, match="changed since"):
        reviewing.approve(by=mia, version=version, kind="marketing", digest_seen=seen, now=now)


@pytest.mark.parametrize(("days", "fits"), [(-1, False), (0, False), (30, True), (731, True), (800, False)])
def test_marketing_says_until_when(ana, mia, now, days, fits):
    version = desk.handed_in(ana, now)
    given = {"kind": "marketing", "digest_seen": version.digest, "expires_at": now + timedelta(days=days), "now": now}
    if fits:
        assert reviewing.approve(by=mia, version=version, **given).expires_at == given["expires_at"]
    else:
        with pytest.raises(reviewing.CanNotApprove, match="end after today"):
            reviewing.approve(by=mia, version=version, **given)


def test_a_reviewer_sends_it_back_with_a_reason(ana, mia, now):
    version = desk.approve(desk.handed_in(ana, now), now, marketing=mia)
    with pytest.raises(reviewing.CanNotApprove, match="what should be different"):
        reviewing.send_back(by=mia, version=version, words="  ", now=now)
    back = reviewing.send_back(by=mia, version=version, words="Which evening?", now=now)
    assert (back.state, back.comments.get().words, back.comments.get().sends_back) == ("draft", "Which evening?", True)
    assert Approval.objects.get().undone_at == now


def test_a_comment_is_settled_by_whoever_settles_it(ana, mia, now):
    made = reviewing.comment(by=mia, version=desk.handed_in(ana, now), words="Say the day.", now=now)
    later = now + timedelta(hours=1)
    reviewing.settle(by=ana, comment=made, now=later)
    made.refresh_from_db()
    assert (made.resolved_by, made.resolved_at) == (ana, later)


def test_a_person_can_not_publish_past_the_desk(ana, now):
    piece = actions.start(by=ana, name="Evening", topic="newsletter", language="en", now=now)
    with pytest.raises(actions.NeedsFourEyes):
        actions.publish(by=ana, piece=piece, now=now, **desk.SAID)


def test_what_ships_with_the_product_says_so(now):
    piece = actions.start(by=SYSTEM, name="Evening", topic="newsletter", language="en", now=now)
    version = actions.publish(by=SYSTEM, piece=piece, now=now, **desk.SAID)
    assert (version.state, version.expires_at) == ("published", None)
    assert version.approvals.get().role == "ships with the product"


def test_a_machines_words_become_a_clinicians_with_the_clinical_look(ana, mia, cole, dr_ito, now):
    version = desk.handed_in(ana, now, is_generated=True)
    assert [one.kind for one in standing.needed(version, now.date())] == ["marketing", "clinical", "compliance"]
    version = desk.approve(version, now, marketing=mia, compliance=cole, clinical=dr_ito)
    assert (version.state, version.written_by) == ("published", "machine_reviewed")
    second = actions.draft(by=ana, piece=version.piece, now=now, **{**desk.SAID, "preheader": "Free"})
    assert second.written_by == "machine", "a clinician has not seen these"


@pytest.mark.parametrize(
    ("when", "passed", "because"),
    [(0, True, "approved"), (364, True, "approved"), (366, False, "approval of the words ended")],
)
def test_the_gate_hears_when_the_approval_ends(ana, mia, cole, now, when, passed, because):
    version = desk.approve(desk.handed_in(ana, now), now, marketing=mia, compliance=cole)
    at = now + timedelta(days=when)
    said = message.planned(channel="email", purpose="P13", topic="newsletter", now=at, version=version)
    verdict = gate.content(Facts(person_id=1, at=at, message=said), in_force(at.date()))
    assert verdict.passed is passed
    assert because in verdict.reason


@pytest.mark.parametrize("state", ["draft", "review", "retired"])
def test_the_gate_refuses_whatever_is_not_approved(ana, now, state):
    version = desk.handed_in(ana, now)
    version.state = state
    said = message.planned(channel="email", purpose="P13", topic="newsletter", now=now, version=version)
    assert not gate.content(Facts(person_id=1, at=now, message=said), in_force(now.date())).passed


def test_the_gate_hears_what_todays_checks_find(ana, mia, cole, now):
    version = desk.approve(desk.handed_in(ana, now), now, marketing=mia, compliance=cole)
    version.piece.tags = ["class:reproductive"]
    version.subject = "Family planning at our clinic"
    version.digest = "as if it had slipped through"
    assert [one.rule for one in lint.blocking(version, now)] == ["X-02"]
    said = message.planned(channel="email", purpose="P13", topic="newsletter", now=now, version=version)
    assert (
        "gives a delicate matter away"
        in gate.content(Facts(person_id=1, at=now, message=said), in_force(now.date())).reason
    )


def held_at_commit() -> None:
    """The database looks when the transaction ends; here it is asked now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_the_database_refuses_words_without_approval(ana, now):
    version = desk.handed_in(ana, now)
    with pytest.raises(DatabaseError, match="without approval"), transaction.atomic():  # noqa: PT012
        Version.objects.filter(pk=version.pk).update(state="published")
        held_at_commit()
    with pytest.raises(DatabaseError, match="without approval"), transaction.atomic():  # noqa: PT012
        Version.objects.create(piece=version.piece, number=9, state="published", subject="x", mjml="", created_at=now)
        held_at_commit()


def test_the_database_refuses_an_approval_by_the_author_and_one_of_other_words(ana, mia, now):
    version = desk.handed_in(ana, now)
    for by, digest, words in ((ana, version.digest, "his or her own"), (mia, "0" * 64, "without approval")):
        with pytest.raises(DatabaseError, match=words), transaction.atomic():  # noqa: PT012
            Approval.objects.create(version=version, kind="marketing", by=by, role="marketer", digest=digest, at=now)
            Version.objects.filter(pk=version.pk).update(state="published")
            held_at_commit()


def test_the_database_keeps_approved_words_and_approvals_as_they_are(ana, mia, cole, now):
    version = desk.approve(desk.handed_in(ana, now), now, marketing=mia, compliance=cole)
    changes = ({"subject": "x"}, {"expires_at": None}, {"state": "review"}, {"authors": []}, {"written_by": "machine"})
    for change in changes:
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            Version.objects.filter(pk=version.pk).update(**change)
    for act in (lambda: Approval.objects.update(role="x"), lambda: Approval.objects.all().delete()):
        with pytest.raises(DatabaseError, match="only be undone"), transaction.atomic():
            act()


def test_the_desk_shows_first_what_waits_for_who_asks(ana, mia, cole, dr_ito, now):
    first = desk.handed_in(mia, now)
    second = desk.handed_in(ana, now + timedelta(hours=1), topic="care")
    assert [one.version.pk for one in queries.on_the_desk(mia, now)] == [second.pk, first.pk]
    assert [[line.need.kind for line in one.mine] for one in queries.waits_for(dr_ito, now)] == [["clinical"]]
    assert {line.need.kind for one in queries.waits_for(cole, now) for line in one.mine} == {"marketing", "compliance"}


def test_what_runs_out_is_told_a_month_before(ana, mia, cole, now):
    version = desk.approve(desk.handed_in(ana, now), now, marketing=mia, compliance=cole)
    assert queries.runs_out(now + timedelta(days=300)) == []
    assert queries.runs_out(now + timedelta(days=340)) == [version]
