"""Which visits count for a campaign, and what they brought."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from rapport.attribution import conversions, queries
from rapport.attribution.models import Conversion
from rapport.campaigns.models import Campaign, Lesson
from rapport.messaging.models import Intent
from rapport.people.models import Event, Person
from rapport.trust.actors import SYSTEM
from tests.campaigns import clinic

pytestmark = pytest.mark.django_db


@pytest.fixture
def launched(now: datetime) -> Campaign:
    made = clinic.campaign(SYSTEM, now)
    made.state, made.launched_at, made.send_at = Campaign.State.LAUNCHED, now, now
    made.save()
    return made


def found(campaign: Campaign, **wish: Any) -> list[Conversion]:
    return list(Conversion.objects.filter(campaign=campaign, **wish).order_by("at"))


def test_a_visit_in_the_window_counts_with_its_payment_less_its_cost(launched: Campaign, now: datetime) -> None:
    pat, sam = clinic.patients(2, now, consenting=False)
    clinic.assign(launched, now, contact=[pat], holdout=[sam])
    clinic.visit(pat, now + timedelta(days=5), paid=200, cost=80, line_id=launched.service_line_id)
    clinic.visit(sam, now + timedelta(days=6), paid=150, cost=80, line_id=launched.service_line_id)
    assert conversions.refresh(launched, now + timedelta(days=60)) == 2
    assert [(one.person_id, one.margin_cents, one.meets_objective) for one in found(launched)] == [
        (pat.pk, 12_000, True),
        (sam.pk, 7_000, True),
    ]


def test_money_that_has_not_arrived_is_not_counted_yet(launched: Campaign, now: datetime) -> None:
    (pat,) = clinic.patients(1, now, consenting=False)
    clinic.assign(launched, now, contact=[pat])
    clinic.visit(pat, now + timedelta(days=5), paid=200, cost=80, line_id=launched.service_line_id)
    conversions.refresh(launched, now + timedelta(days=10))
    assert found(launched)[0].margin_cents == -8_000
    assert conversions.refresh(launched, now + timedelta(days=60)) == 1
    assert found(launched)[0].margin_cents == 12_000


def test_visits_outside_the_window_unfinished_ones_and_those_of_others_do_not_count(
    launched: Campaign, now: datetime
) -> None:
    pat, stranger, refused = clinic.patients(3, now, consenting=False)
    clinic.assign(launched, now, contact=[pat], not_permitted=[refused])
    clinic.visit(pat, now - timedelta(minutes=1))
    clinic.visit(pat, now + timedelta(days=90))
    clinic.visit(pat, now + timedelta(days=5), status="planned")
    clinic.visit(stranger, now + timedelta(days=5))
    clinic.visit(refused, now + timedelta(days=5))
    conversions.refresh(launched, now + timedelta(days=200))
    assert found(launched) == []


def test_the_window_opens_when_the_message_goes_out_not_when_it_was_planned(launched: Campaign, now: datetime) -> None:
    launched.send_at = now + timedelta(days=7)
    launched.save()
    (pat,) = clinic.patients(1, now, consenting=False)
    clinic.assign(launched, now, contact=[pat])
    clinic.visit(pat, now + timedelta(days=3))
    clinic.visit(pat, now + timedelta(days=96))
    conversions.refresh(launched, now + timedelta(days=200))
    assert [one.at for one in found(launched)] == [now + timedelta(days=96)]


def test_a_visit_to_another_service_line_counts_only_overall(launched: Campaign, now: datetime) -> None:
    (pat,) = clinic.patients(1, now, consenting=False)
    clinic.assign(launched, now, contact=[pat])
    clinic.visit(pat, now + timedelta(days=2), line_id=clinic.line("cardiology").pk)
    clinic.visit(pat, now + timedelta(days=3))
    conversions.refresh(launched, now + timedelta(days=60))
    assert [one.meets_objective for one in found(launched)] == [False, False]
    result = queries.result(launched, now + timedelta(days=60))
    assert (result.objective.contact.visitors, result.everything.contact.visitors) == (0, 1)
    assert result.everything.contact.visits == 2


def test_a_new_patient_has_no_visit_in_the_three_years_before(launched: Campaign, now: datetime) -> None:
    known, old, new = clinic.patients(3, now, consenting=False)
    clinic.assign(launched, now, contact=[known, old, new])
    clinic.visit(known, now - timedelta(days=200))
    clinic.visit(old, now - timedelta(days=365 * 3 + 30))
    for person in (known, old, new):
        clinic.visit(person, now + timedelta(days=4), line_id=launched.service_line_id)
    conversions.refresh(launched, now + timedelta(days=60))
    assert {one.person_id for one in found(launched, is_new_patient=True)} == {old.pk, new.pk}


def test_who_clicked_or_booked_before_coming_has_responded(launched: Campaign, now: datetime) -> None:
    clicked, booked, late = clinic.patients(3, now, consenting=False)
    clinic.assign(launched, now, contact=[clicked, booked, late])
    clinic.heard(clicked, launched, "message_clicked", now + timedelta(days=1))
    clinic.heard(booked, launched, "booked", now + timedelta(days=1))
    clinic.heard(late, launched, "message_clicked", now + timedelta(days=9))
    for person in (clicked, booked, late):
        clinic.visit(person, now + timedelta(days=4), line_id=launched.service_line_id)
    conversions.refresh(launched, now + timedelta(days=60))
    assert {one.person_id for one in found(launched, responded=True)} == {clicked.pk, booked.pk}


def test_what_a_mail_scanner_clicked_is_no_response_and_stands_in_no_funnel(launched: Campaign, now: datetime) -> None:
    scanned, clicked = clinic.patients(2, now, consenting=False)
    clinic.assign(launched, now, contact=[scanned, clicked])
    at = now + timedelta(days=1)
    for person, seconds in ((scanned, 30), (clicked, 90)):
        clinic.heard(person, launched, "message_clicked", at, intent=person.pk)
        later = at + timedelta(seconds=seconds)
        clinic.heard(person, launched, "message_scanned", later, intent=person.pk, machine=True, around=60)
        clinic.visit(person, now + timedelta(days=4), line_id=launched.service_line_id)
    conversions.refresh(launched, now + timedelta(days=60))
    assert {one.person_id for one in found(launched, responded=True)} == {clicked.pk}


def test_what_came_back_from_a_way_that_was_left_does_not_count_against_the_next(
    launched: Campaign, now: datetime
) -> None:
    version = clinic.wording(now)
    went_on, stays = clinic.patients(2, now, consenting=False)
    clinic.assign(launched, now, contact=[went_on, stays])
    for person, channel in ((went_on, "print"), (stays, "email")):
        Intent.objects.create(
            cause="campaign", cause_id=launched.pk, person=person, channel=channel, purpose="P2", topic="care", version=version,
            due_at=now, state="sent", settled_at=now, trace=uuid4(), created_at=now,
        )  # fmt: skip
        clinic.heard(person, launched, "message_bounced", now + timedelta(minutes=1))
    Event.objects.filter(kind="message_bounced").update(code="email")
    conversions.refresh(launched, now + timedelta(days=1))
    funnel = queries.result(launched, now + timedelta(days=1)).funnel
    assert (funnel.sent, funnel.delivered) == (2, 1)


def test_reading_again_changes_nothing_and_a_shorter_window_takes_back(launched: Campaign, now: datetime) -> None:
    (pat,) = clinic.patients(1, now, consenting=False)
    clinic.assign(launched, now, contact=[pat])
    clinic.visit(pat, now + timedelta(days=40))
    later = now + timedelta(days=100)
    assert conversions.refresh(launched, later) == 1
    first = found(launched)[0]
    assert conversions.refresh(launched, later) == 0
    assert found(launched)[0].pk == first.pk
    launched.window_days = 30
    launched.save()
    conversions.refresh(launched, later)
    assert found(launched) == []


def test_a_merged_person_is_followed_and_counted_once(launched: Campaign, now: datetime) -> None:
    """Both records were in the campaign, one in each arm; after the merge their one visit counts for the first assignment."""
    kept, gone = clinic.patients(2, now, consenting=False)
    clinic.assign(launched, now, contact=[gone], holdout=[kept])
    Person.objects.filter(pk=gone.pk).update(merged_into=kept)
    clinic.visit(kept, now + timedelta(days=3))
    conversions.refresh(launched, now + timedelta(days=60))
    assert [one.assignment.person_id for one in found(launched)] == [gone.pk]


def test_the_result_counts_people_and_costs_and_labels_what_is_provisional(launched: Campaign, now: datetime) -> None:
    people = clinic.patients(12, now, consenting=False)
    clinic.assign(launched, now, contact=people[:8], holdout=people[8:])
    for person in [*people[:4], people[8]]:
        clinic.visit(person, now + timedelta(days=4), paid=200, cost=100, line_id=launched.service_line_id)
    conversions.refresh(launched, now + timedelta(days=60))
    result = queries.result(launched, now + timedelta(days=60))
    assert (result.objective.contact.people, result.objective.contact.visitors) == (8, 4)
    assert (result.objective.holdout.people, result.objective.holdout.visitors) == (4, 1)
    assert result.cost_cents == 50_000
    headline = result.headline
    assert headline is not None
    assert headline.roi is not None
    assert headline.roi.value == pytest.approx(8 * (4 * 10_000 / 8 - 10_000 / 4) / 50_000)
    assert result.attributed.ratio == pytest.approx(4 * 10_000 / 50_000)
    assert result.is_provisional
    assert result.days_left == 30
    assert queries.result(launched, now + timedelta(days=90)).days_left == 0


def test_a_campaign_without_visits_or_without_control_says_nothing_causal(launched: Campaign, now: datetime) -> None:
    (pat,) = clinic.patients(1, now, consenting=False)
    assert queries.result(launched, now).headline is None
    clinic.assign(launched, now, contact=[pat])
    clinic.visit(pat, now + timedelta(days=1), line_id=launched.service_line_id)
    conversions.refresh(launched, now + timedelta(days=60))
    result = queries.result(launched, now + timedelta(days=60))
    assert result.headline is None
    assert result.objective.contact.visitors == 1


def test_a_closed_window_teaches_the_next_campaign(launched: Campaign, now: datetime) -> None:
    people = clinic.patients(6, now, consenting=False)
    clinic.assign(launched, now, contact=people[:3], holdout=people[3:])
    clinic.visit(people[0], now + timedelta(days=3), line_id=launched.service_line_id)
    conversions.refresh(launched, now + timedelta(days=30))
    assert not Lesson.objects.exists()
    conversions.refresh(launched, now + timedelta(days=91))
    lesson = Lesson.objects.get(campaign=launched)
    assert lesson.lift == pytest.approx(1 / 3)
    assert lesson.low < 0 < lesson.high


def test_only_campaigns_whose_money_may_still_arrive_are_read_again(launched: Campaign, now: datetime) -> None:
    assert conversions.due(now + timedelta(days=200)) == [launched]
    assert conversions.due(now + timedelta(days=90 + 181)) == []


def test_a_draft_has_no_window(now: datetime) -> None:
    with pytest.raises(conversions.NotLaunched):
        conversions.refresh(clinic.campaign(SYSTEM, now), now)
