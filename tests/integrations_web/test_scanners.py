"""Machines that follow every link of a message are let through and not counted."""

import pytest

from rapport.integrations.models import Landing
from rapport.integrations.web import scanners
from rapport.kit import clock as house_clock
from rapport.messaging import tracking
from rapport.messaging.models import Intent
from tests import people_cast
from tests.messaging import stage

pytestmark = pytest.mark.django_db
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@pytest.fixture
def follow(client, clock):
    scanners.forget()
    now = clock.now()
    (intent,) = stage.due([people_cast.pat()], stage.wording(now), now)
    Intent.objects.filter(pk=intent.pk).update(state="sent", settled_at=now)

    def go(link):
        with house_clock.travel(clock.now()):
            token = tracking.token("click", intent.pk, link, intent.version_id)
            return client.get(f"/c/{token}", headers={"User-Agent": BROWSER})

    return go


def test_a_click_within_seconds_of_the_hand_over_leads_on_and_is_not_counted(follow, clock):
    clock.forward(seconds=2)
    assert follow(0).status_code == 302
    assert not Landing.objects.exists()
    clock.forward(seconds=30)
    assert follow(0).status_code == 302
    assert Landing.objects.count() == 1


def test_other_links_of_one_message_at_once_lead_on_and_are_not_counted(follow, clock):
    clock.forward(minutes=5)
    assert [follow(link).status_code for link in (0, 1)] == [302, 302]
    assert Landing.objects.count() == 1
    clock.forward(minutes=1)
    follow(1)
    assert Landing.objects.count() == 2
