"""Machines that follow every link of a message are let through, kept as what they are, and counted nowhere."""

import pytest
from django.db import connection, transaction

from rapport.home import timeline as home_timeline
from rapport.integrations import take_in
from rapport.integrations.models import Landing
from rapport.integrations.web import scanners
from rapport.kit import clock as house_clock
from rapport.messaging import tracking
from rapport.messaging.models import Intent
from rapport.people import touches
from rapport.people.models import Event, Gone
from tests import people_cast
from tests.messaging import stage

pytestmark = pytest.mark.django_db(transaction=True)
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
SCANNER = "Mozilla/5.0 (compatible; Proofpoint URL Defense)"
HEARD = ("message_opened", "message_clicked", "message_scanned")


class Reader:
    """Somebody, or something, that has one message."""

    def __init__(self, client, clock):
        scanners.forget()
        self.client, self.clock = client, clock
        now = clock.now()
        (self.intent,) = stage.due([people_cast.pat()], stage.wording(now), now)
        Intent.objects.filter(pk=self.intent.pk).update(state="sent", settled_at=now)

    def follow(self, link, *, agent=BROWSER, **headers):
        return self._get("c", "click", link, agent, **headers)

    def trap(self, *, agent=BROWSER, **headers):
        return self._get("t", "trap", None, agent, **headers)

    def see(self, *, agent=BROWSER):
        return self._get("o", "open", None, agent)

    def _get(self, door, kind, link, agent, **headers):
        with house_clock.travel(self.clock.now()):
            token = tracking.token(kind, self.intent.pk, link, self.intent.version_id)
            end = ".gif" if door == "o" else ""
            return self.client.get(f"/{door}/{token}{end}", headers={"User-Agent": agent, **headers})

    def told(self):
        """What stands on the timeline of it: as it was written, and as it counts."""
        now = self.clock.forward(seconds=1)
        with transaction.atomic():
            take_in.take(landings=take_in.claim(limit=20, now=now), now=now)
        rows = list(Event.objects.filter(kind__in=HEARD).order_by("at", "id"))
        machines = touches.by_machines(rows)
        return [row.kind for row in rows], [
            row.kind for row in rows if row.pk not in machines and row.kind in touches.TOUCHES
        ]


@pytest.fixture
def reader(client, clock):
    return Reader(client, clock)


def test_a_person_is_counted(reader, clock):
    clock.forward(minutes=5)
    reader.see()
    clock.forward(seconds=20)
    assert reader.follow(0).status_code == 302
    assert reader.told() == (["message_opened", "message_clicked"],) * 2


def test_a_click_within_seconds_of_the_hand_over_leads_on_and_counts_as_a_machine(reader, clock):
    clock.forward(seconds=2)
    assert reader.follow(0).status_code == 302
    clock.forward(seconds=30)
    assert reader.follow(0).status_code == 302
    assert reader.told() == (["message_scanned", "message_clicked"], ["message_clicked"])


def test_who_says_that_it_is_a_machine_is_believed(reader, clock):
    clock.forward(minutes=5)
    reader.see(agent=SCANNER)
    reader.follow(0, agent=SCANNER)
    assert reader.told() == (["message_scanned"] * 2, [])
    assert {one.detail["of"] for one in Event.objects.filter(kind="message_scanned")} == touches.TOUCHES
    assert all(one.detail["machine"] for one in Event.objects.filter(kind="message_scanned"))


def test_several_links_at_once_are_a_machines_and_so_was_the_first_of_them(reader, clock):
    clock.forward(minutes=5)
    assert [reader.follow(link).status_code for link in (0, 1)] == [302, 302]
    clock.forward(minutes=1)
    reader.follow(1)
    assert reader.told() == (["message_clicked", "message_scanned", "message_clicked"], ["message_clicked"])


class TestTheLinkThatNobodySees:
    def test_who_follows_it_was_a_machine_for_a_minute_before_and_after(self, reader, clock):
        clock.forward(minutes=5)
        reader.see()
        clock.forward(seconds=1)
        reader.follow(0)
        clock.forward(seconds=3)
        assert reader.trap().status_code == 404, "a friendly page, should a person come by hand"
        clock.forward(seconds=40)
        reader.follow(0)
        clock.forward(seconds=80)
        reader.follow(1)
        written, counted = reader.told()
        assert written == ["message_opened", "message_clicked", "message_scanned", "message_clicked", "message_clicked"]
        assert counted == ["message_clicked"]

    def test_what_was_taken_in_already_counts_no_more_and_stands_as_it_was_written(self, reader, clock):
        clock.forward(minutes=5)
        reader.follow(0)
        assert reader.told() == (["message_clicked"],) * 2
        before = Event.objects.filter(kind="message_clicked").values().get()
        reader.trap()
        assert reader.told() == (["message_clicked", "message_scanned"], [])
        assert Event.objects.filter(kind="message_clicked").values().get() == before
        assert Gone.objects.filter(name="people_event", key=before["id"]).exists(), "copies must drop it"

    def test_another_message_of_the_same_person_is_not_touched_by_it(self, reader, clock):
        clock.forward(minutes=5)
        now = clock.now()
        pat = reader.intent.person
        (other,) = stage.due([pat], stage.wording(now, slug="b"), now, cause_id=2)
        reader.follow(0)
        reader.intent = other
        clock.forward(seconds=1)
        reader.trap()
        assert reader.told()[1] == ["message_clicked"]

    def test_a_browser_that_looks_ahead_is_no_scanner(self, reader, clock):
        clock.forward(minutes=5)
        reader.follow(0)
        reader.trap(**{"Sec-Purpose": "prefetch"})
        assert reader.told()[1] == ["message_clicked"]

    def test_a_token_of_another_kind_springs_no_trap(self, reader, clock):
        token = tracking.token("click", reader.intent.pk, 0, reader.intent.version_id)
        assert reader.client.get(f"/t/{token}", headers={"User-Agent": BROWSER}).status_code == 404
        assert not Landing.objects.exists()

    def test_the_timeline_says_so_quietly(self, reader, clock):
        clock.forward(minutes=5)
        reader.follow(0)
        reader.trap()
        reader.told()
        lines = home_timeline.entries(list(Event.objects.filter(kind__in=HEARD)))
        assert [(str(one["title"]), one["tone"]) for one in lines] == [
            ("Opened by a mail scanner, not counted", "quiet")
        ] * 2

    def test_the_database_agrees_with_the_page(self, reader, clock):
        """Two writings of one rule: in the queries of results, and where rows are shown."""
        clock.forward(minutes=5)
        for step in range(6):
            reader.follow(step % 2)
            if step == 3:
                reader.trap()
            clock.forward(seconds=25)
        reader.told()
        rows = list(Event.objects.filter(kind__in=touches.TOUCHES))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM people_event WHERE kind = ANY(%s) AND people_by_machine(person_id, at, detail)",
                [list(touches.TOUCHES)],
            )
            assert {row[0] for row in cursor.fetchall()} == touches.by_machines(rows) != set()
