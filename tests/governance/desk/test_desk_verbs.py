"""The calendar, the courses, the speed of a no, and what needs compliance today; on a real PostgreSQL."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError

from rapport.consent import ledger, papers, vendors
from rapport.content.models import Piece, Version
from rapport.directory.models import Location, Organization
from rapport.governance.desk import calendar, expiring, revocations, today, training
from rapport.governance.desk.training import months_later
from rapport.governance.models import Review, RightsRequest, Training
from rapport.messaging.models import Intent
from rapport.trust.models import AuditEntry
from tests.consent.test_papers import complete

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
TODAY = date(2026, 3, 4)


def keys(may=lambda verb: False, now=NOW):
    return {one.key: one.count for one in today.tasks(may=may, now=now)}


def test_months_later_keeps_to_the_end_of_a_short_month():
    assert months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_later(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months_later(date(2026, 12, 15), 12) == date(2027, 12, 15)


def test_a_repeating_review_makes_its_next_date_when_it_is_done(cole):
    review = calendar.plan(by=cole, title="Access", subject="access", due_on=date(2026, 2, 28), every_months=3, now=NOW)
    following = calendar.finish(by=cole, review=review, finding="Two stale accounts closed.", now=NOW)
    assert following.due_on == date(2026, 5, 28)
    assert [one.pk for one in calendar.open_reviews()] == [following.pk]
    done = calendar.done_reviews().get()
    assert (done.done_by, done.finding) == (cole, "Two stale accounts closed.")
    with pytest.raises(calendar.AlreadyDone):
        calendar.finish(by=cole, review=review, finding="Again", now=NOW)


def test_a_review_done_years_late_plans_no_date_in_the_past(cole):
    review = calendar.plan(by=cole, title="Access", subject="access", due_on=date(2024, 1, 31), every_months=6, now=NOW)
    assert calendar.finish(by=cole, review=review, finding="Fine.", now=NOW).due_on == date(2026, 7, 31)


def test_a_review_without_a_finding_or_a_title_is_refused(cole):
    with pytest.raises(calendar.NoTitle):
        calendar.plan(by=cole, title=" ", subject="", due_on=TODAY, now=NOW)
    review = calendar.plan(by=cole, title="Once", subject="", due_on=TODAY, now=NOW)
    with pytest.raises(calendar.NoFinding):
        calendar.finish(by=cole, review=review, finding=" ", now=NOW)
    assert calendar.finish(by=cole, review=review, finding="Fine.", now=NOW) is None


def test_the_calendar_takes_the_dates_of_the_rules_once(cole):
    assert calendar.fill(by=cole, now=NOW) > 0
    dates = dict(Review.objects.values_list("title", "due_on"))
    assert dates["Risk analysis"] == date(2026, 9, 30)
    assert date(2027, 1, 31) in dates.values(), "the day from which one STOP ends everything"
    assert calendar.fill(by=cole, now=NOW) == 0
    assert AuditEntry.objects.filter(verb="review.fill").count() == 1


def test_dates_of_the_rules_that_passed_go_on_or_fall_away(cole):
    calendar.fill(by=cole, now=datetime(2028, 2, 1, 15, 0, tzinfo=UTC))
    dates = dict(Review.objects.values_list("title", "due_on"))
    assert dates["Risk analysis"] == date(2028, 9, 30)
    assert date(2027, 1, 31) not in dates.values()


def joined(user, at):
    user.joined_at = at
    user.save()
    return user


def test_a_new_member_of_staff_has_time_and_is_then_overdue(ana):
    joined(ana, NOW - timedelta(days=20))
    states = {one.course.course: one.state for one in training.standings(on=TODAY)}
    assert states["HIPAA privacy"] == "soon"
    later = {one.course.course: one.state for one in training.standings(on=TODAY + timedelta(days=11))}
    assert later["HIPAA privacy"] == "overdue"


def test_a_course_is_asked_of_the_roles_it_names(ana, cole):
    needs = {(one.user.name, one.course.course) for one in training.standings(on=TODAY)}
    assert ("Ana Marsh", "Consent and marketing rules") in needs
    assert ("Cole Adeyemi", "Consent and marketing rules") not in needs
    assert ("Cole Adeyemi", "HIPAA privacy") in needs


def test_the_course_of_texas_is_asked_where_we_have_a_place_in_texas(ana):
    assert "Texas medical privacy" not in {one.course for one in training.courses(on=TODAY)}
    ours = Organization.objects.create(name="Riverbend Health", is_ours=True)
    Location.objects.create(organization=ours, name="Austin", slug="austin", is_ours=True, state="TX")
    (texas,) = [one for one in training.courses(on=TODAY) if one.course == "Texas medical privacy"]
    assert texas.within_days == 90


def test_a_course_taken_holds_for_its_time(ana, cole):
    joined(ana, NOW - timedelta(days=400))
    taken = training.note(by=cole, user=ana, course="HIPAA privacy", completed_on=date(2025, 6, 30), now=NOW)
    assert taken.valid_until == date(2026, 6, 30)

    def state(day):
        (one,) = [one for one in training.standings(on=day) if one.user == ana and one.course.course == "HIPAA privacy"]
        return one.state

    assert [state(date(2026, 3, 4)), state(date(2026, 6, 1)), state(date(2026, 7, 1))] == ["done", "soon", "overdue"]


def test_a_course_can_not_be_taken_tomorrow_or_twice_on_a_day(ana, cole):
    with pytest.raises(training.NotYet):
        training.note(by=cole, user=ana, course="HIPAA privacy", completed_on=TODAY + timedelta(days=1), now=NOW)
    training.note(by=cole, user=ana, course="HIPAA privacy", completed_on=TODAY, now=NOW)
    with pytest.raises(training.Noted):
        training.note(by=cole, user=ana, course="HIPAA privacy", completed_on=TODAY, now=NOW)
    assert Training.objects.count() == 1


def test_a_closed_account_is_asked_for_nothing(ana):
    ana.is_active = False
    ana.save()
    assert training.standings(on=TODAY) == []


@pytest.fixture
def version():
    piece = Piece.objects.create(name="News", slug="news", channel="email", created_at=NOW)
    return Version.objects.create(piece=piece, number=1, created_at=NOW)


def waiting(person, version, **more):
    said = {
        "cause_id": 1, "occurrence": uuid.uuid4().hex[:12], "person": person, "channel": "email", "purpose": "P2",
        "topic": "newsletter", "version": version, "due_at": NOW, "trace": uuid.uuid4(),
        "created_at": NOW - timedelta(hours=1),
    } | more  # fmt: skip
    return Intent.objects.create(**said)


def no(by, person, *, said=timedelta(0), topic="newsletter", channel="email"):
    record = ledger.NewRecord(
        person_id=person.pk, channel=channel, topic=topic, status="withdrawn", at=NOW - said, via="phone",
        text_version="", source_key=uuid.uuid4(),
    )  # fmt: skip
    return ledger.state(by=by, record=record, now=NOW)


def later(seconds):
    return NOW + timedelta(seconds=seconds)


def test_the_time_from_a_no_to_the_last_message_it_stopped(bea, pat, version):
    no(bea, pat, said=timedelta(minutes=3))
    waiting(pat, version, state="suppressed", settled_at=later(2))
    waiting(pat, version, state="suppressed", settled_at=later(5))
    waiting(pat, version, state="suppressed", settled_at=later(60), channel="sms")
    waiting(pat, version, state="sent", begun_at=NOW - timedelta(minutes=1), settled_at=NOW)
    (one,) = revocations.revocations(now=later(100))
    assert (one.written_in, one.stopped, one.stopped_in, one.sent_after) == (180, 2, 5, 0)
    summary = revocations.summary([one])
    assert (summary.count, summary.median, summary.worst, summary.stop_worst) == (1, 180, 180, 5)


def test_a_no_with_nothing_waiting_has_no_time_to_stop(bea, pat):
    no(bea, pat)
    (one,) = revocations.revocations(now=NOW)
    assert (one.stopped, one.stopped_in, one.waiting) == (0, None, 0)


def test_a_message_that_began_after_a_no_is_a_breach(bea, pat, version):
    no(bea, pat, topic="all", channel="all")
    waiting(pat, version, state="sent", begun_at=later(10), settled_at=later(11))
    assert revocations.summary(revocations.revocations(now=later(100))).sent_after == 1
    assert keys(now=later(100))["sent_after"] == 1


def test_a_message_about_something_else_or_after_a_new_yes_is_none(bea, pat, version):
    no(bea, pat)
    waiting(pat, version, state="sent", topic="care", begun_at=later(10), settled_at=later(11))
    ledger.grant(by=bea, person_id=pat.pk, channel="email", topic="newsletter", via="desk", now=later(20))
    waiting(pat, version, state="sent", begun_at=later(30), settled_at=later(31))
    assert revocations.summary(revocations.revocations(now=later(100))).sent_after == 0


def test_nobody_said_no():
    assert revocations.summary(revocations.revocations(now=NOW)) == revocations.Summary(0, None, None, None, None, 0)


def granted(by, person, days, **more):
    said = {"channel": "email", "topic": "newsletter", "via": "form"} | more
    return ledger.grant(
        by=by, person_id=person.pk, now=NOW - timedelta(days=5), expires_at=NOW + timedelta(days=days), **said
    )


def test_what_ends_soon_is_counted_by_how_soon(bea, pat, quinn):
    granted(bea, pat, 10)
    granted(bea, pat, 45, topic="survey")
    granted(bea, quinn, 89)
    granted(bea, quinn, 91, topic="survey")
    granted(bea, quinn, -1, topic="care")
    assert expiring.counts(NOW) == {30: 1, 60: 2, 90: 3}
    assert [one.person_id for one in expiring.expiring(now=NOW, days=90)] == [pat.pk, pat.pk, quinn.pk]


def test_what_something_newer_has_replaced_does_not_end(bea, pat):
    granted(bea, pat, 10)
    ledger.grant(by=bea, person_id=pat.pk, channel="email", topic="newsletter", via="form", now=NOW)
    assert expiring.counts(NOW)[90] == 0


def test_a_house_in_order_has_nothing_to_do(cole):
    for course in training.courses(on=TODAY):
        training.note(by=cole, user=cole, course=course.course, completed_on=TODAY, now=NOW)
    assert keys() == {}


def test_what_needs_compliance_today_is_counted_once_each(cole, pat):
    for course in training.courses(on=TODAY):
        training.note(by=cole, user=cole, course=course.course, completed_on=TODAY, now=NOW)
    calendar.plan(by=cole, title="Late", subject="", due_on=TODAY - timedelta(days=1), now=NOW)
    calendar.plan(by=cole, title="Soon", subject="", due_on=TODAY + timedelta(days=30), now=NOW)
    calendar.plan(by=cole, title="Far", subject="", due_on=TODAY + timedelta(days=31), now=NOW)
    vendors.add(by=cole, terms=vendors.Terms(name="Bare", channels=("sms",)), now=NOW)
    papers.sign(by=cole, person_id=pat.pk, paper=complete(signature=""), now=NOW)
    papers.sign(by=cole, person_id=pat.pk, paper=complete(expires_at=NOW - timedelta(days=1)), now=NOW)
    RightsRequest.objects.create(
        person=pat, kind="access", received_at=NOW, received_via="letter", due_on=TODAY - timedelta(days=1),
        clock_rule="x",
    )  # fmt: skip
    no(cole, pat, said=timedelta(days=2))
    assert keys() == {
        "reviews_late": 1, "vendors_bare": 1, "rights_late": 1, "papers": 1, "slow": 1, "reviews_soon": 1,
    }  # fmt: skip
    tones = [one.tone for one in today.tasks(may=lambda verb: False, now=NOW)]
    assert tones == sorted(tones, key=("bad", "warn", "info").index)


def test_a_review_is_done_by_somebody(cole):
    review = calendar.plan(by=cole, title="X", subject="", due_on=TODAY, now=NOW)
    review.done_at = NOW
    with pytest.raises(IntegrityError):
        review.save()
