"""What keeps messages back, on the person page: complaints at the desk, life events, covered entries."""

import uuid
from datetime import timedelta

import pytest

from rapport.consent.models import LifeEvent
from rapport.kit import clock as time
from rapport.messaging.models import Intent
from rapport.trust.models import AuditEntry
from tests.home.test_pages import NOW, as_, happened, text
from tests.messaging import stage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today():
    with time.travel(NOW):
        yield


def test_a_complaint_at_the_desk_stops_what_is_not_care_until_it_is_answered(bea, pat):
    version = stage.wording(NOW)
    for number, purpose in enumerate(("P1", "P2", "P11"), 1):
        stage.due([pat], version, NOW + timedelta(days=2), cause_id=number, purpose=purpose)
    desk = as_(bea)
    assert "No complaint is open" in text(desk.get(f"/people/{pat.pk}/"))
    desk.post(f"/people/{pat.pk}/complaint/", {"kind": "bill"})
    assert dict(Intent.objects.values_list("purpose", "state")) == {
        "P1": "queued",
        "P2": "suppressed",
        "P11": "suppressed",
    }
    assert AuditEntry.objects.get(verb="person.complaint").details == {"kind": "bill", "messages_stopped": 2}
    assert "Open complaint" in text(desk.get(f"/people/{pat.pk}/"))
    desk.post(f"/people/{pat.pk}/complaint/close/")
    assert LifeEvent.objects.get().ended_at == NOW
    assert "No complaint is open" in text(desk.get(f"/people/{pat.pk}/"))


def test_a_kind_of_complaint_that_is_not_offered_is_refused(bea, pat):
    as_(bea).post(f"/people/{pat.pk}/complaint/", {"kind": "shouted at me in the hall"})
    assert not LifeEvent.objects.exists()


def test_the_front_desk_is_not_told_which_delicate_thing_happened(bea, dr_ito, pat):
    LifeEvent.objects.create(person=pat, kind="pregnancy_loss", at=NOW, source_key=uuid.uuid4(), recorded_at=NOW)
    seen = text(as_(bea).get(f"/people/{pat.pk}/"))
    assert "A covered event" in seen
    assert "pregnancy" not in seen
    assert "Loss or end of a pregnancy" in text(as_(dr_ito).get(f"/people/{pat.pk}/"))


def test_covered_entries_say_what_marketing_may_not_do_with_them(bea, pat):
    happened(pat, "condition", code_system="icd10cm", code="F11.20", data_class="sud_part2")
    assert "may not be used for “Our own health service”" in text(as_(bea).get(f"/people/{pat.pk}/?part=clinical"))
