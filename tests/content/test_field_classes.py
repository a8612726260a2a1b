"""A merge field that tells of somebody's care stands only where the purpose may use it."""

import uuid
from datetime import timedelta

import pytest

from rapport.campaigns import plan
from rapport.content import actions, fields
from rapport.content.models import Version
from rapport.messaging import compose
from rapport.messaging.models import Intent
from rapport.people import profile
from rapport.people.models import ContactPoint
from rapport.people.records import NewFact
from tests.campaigns import clinic
from tests.messaging import stage

VISIT = stage.MJML.replace("come and ask.", "see you on {{ appointment.day }} at {{ appointment.place }}.")


@pytest.mark.parametrize(
    ("purpose", "names"),
    [("P1", []), ("P2", []), ("P13", ["appointment.day"]), ("P12", ["appointment.day"]), ("P99", ["appointment.day"])],
)
def test_a_field_of_care_is_asked_by_its_class(now, purpose, names):
    told = fields.forbidden({"person.given", "appointment.day", "clinic.name"}, purpose, on=now.date())
    assert [one.field.name for one in told] == names
    assert all(one.rule in one.sentence for one in told)


@pytest.mark.django_db
def test_publishing_refuses_a_field_that_no_purpose_of_the_topic_may_use(now):
    with pytest.raises(actions.NotPublishable, match="Day of the next appointment"):
        stage.wording(now, topic="billing", slug="bill", mjml=VISIT)
    assert stage.wording(now, topic="care", slug="visit", mjml=VISIT).state == Version.State.PUBLISHED


@pytest.mark.django_db
def test_a_campaign_refuses_a_wording_whose_fields_its_purpose_may_not_use(ana, now):
    version = stage.wording(now, topic="care", slug="visit", mjml=VISIT)
    stops = plan.missing(clinic.campaign(ana, now, purpose="P13", version=version), now=now)
    assert any("Day of the next appointment" in one.text for one in stops)
    assert plan.missing(clinic.campaign(ana, now, purpose="P1", version=version), now=now) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data_class", "said"), [("general", "Thursday, March 12"), ("mental_health", "your next appointment")]
)
def test_the_next_appointment_is_filled_in_and_a_delicate_one_is_not_told(pat, now, data_class, said):
    profile.fold(
        facts=[
            NewFact(
                person_id=pat.pk, kind="appointment", source_key=uuid.uuid4(), status="booked", data_class=data_class,
                starts_at=now + timedelta(days=days),
            )
            for days in (8, 30)
        ],
        now=now,
    )  # fmt: skip
    version = stage.wording(now, topic="care", slug="visit", mjml=VISIT)
    (intent,) = stage.due([pat], version, now, purpose="P1")
    to = {intent.pk: ContactPoint.objects.get(person=pat, kind="email").pk}
    made = compose.compose([Intent.objects.get(pk=intent.pk)], to, now).messages[intent.pk]
    assert f"see you on {said} at" in made.rendered.html


def test_every_field_of_health_has_a_class():
    assert all(bool(one.data_class) == (one.privacy == "phi") for one in fields.FIELDS.values())
