"""Rights requests: the clock of each law, one extension, a decision; the pages; and erasing only with a second look."""

from datetime import date, timedelta

import pytest
from django.test import Client

from rapport.governance import clocks
from rapport.governance.models import Erasure, RightsRequest
from rapport.governance.rights import asking
from rapport.kit import clock as time
from rapport.people.models import Person
from rapport.trust.models import AuditEntry

pytestmark = pytest.mark.django_db
CAME = date(2026, 3, 4)


@pytest.fixture
def browser(now):
    def enter(user) -> Client:
        from django.conf import settings

        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    with time.travel(now):
        yield enter


def ask(by, person, now, **more):
    return asking.receive(by=by, person_id=person.pk, via="in_person", now=now, **{"kind": "access", **more})


@pytest.mark.parametrize(
    ("regime", "right", "due", "extended"),
    [
        ("HIPAA", "access", date(2026, 4, 3), date(2026, 5, 3)),
        ("HIPAA", "amendment", date(2026, 5, 3), date(2026, 6, 2)),
        ("HIPAA", "accounting", date(2026, 5, 3), date(2026, 6, 2)),
        ("Texas", "access", date(2026, 3, 25), None),
        ("GDPR", "access", date(2026, 4, 4), date(2026, 6, 4)),
        ("GDPR", "erasure", date(2026, 4, 4), date(2026, 6, 4)),
        ("MHMDA", "erasure", date(2026, 4, 18), date(2026, 6, 2)),
        ("CCPA", "access", date(2026, 4, 18), date(2026, 6, 2)),
    ],
)
def test_each_law_has_its_clock(regime, right, due, extended):
    clock = clocks.find(right, regime, CAME)
    assert clock.due_on(CAME) == due
    assert (clock.extended(due) if clock.can_be_extended else None) == extended


def test_a_month_that_is_shorter_ends_on_its_last_day():
    assert clocks.find("access", "GDPR", CAME).due_on(date(2026, 1, 31)) == date(2026, 2, 28)


def test_every_kind_of_request_has_a_clock_under_hipaa_and_texas_knows_only_the_copy():
    assert all(clocks.find(kind, "HIPAA", CAME) for kind in RightsRequest.Kind.values)
    with pytest.raises(clocks.NoClock):
        clocks.find("erasure", "Texas", CAME)


def test_what_she_wrote_is_sealed_under_her_key(bea, pat, now):
    made = ask(bea, pat, now, wish="Everything about my knee")
    made.refresh_from_db()
    assert b"knee" not in bytes(made.wish)
    assert asking.wish_of(made) == "Everything about my knee"
    entry = AuditEntry.objects.latest("id")
    assert (entry.verb, entry.person_id, entry.details["due_on"]) == ("rights.receive", pat.pk, "2026-04-03")


def test_it_is_extended_once_with_a_reason_and_only_in_time(bea, pat, now):
    made = ask(bea, pat, now)
    with pytest.raises(asking.NotSo, match="reason"):
        asking.extend(by=bea, request=made, reason=" ", now=now)
    longer = asking.extend(by=bea, request=made, reason="The archive is off site", now=now)
    assert longer.due_on == date(2026, 5, 3)
    with pytest.raises(asking.NotSo, match="once"):
        asking.extend(by=bea, request=made, reason="Again", now=now)
    late = ask(bea, pat, now)
    with pytest.raises(asking.NotSo, match="passed"):
        asking.extend(by=bea, request=late, reason="Too late", now=now + timedelta(days=31))


def test_a_denial_needs_a_reason_and_a_decision_stands(bea, pat, now):
    made = ask(bea, pat, now)
    with pytest.raises(asking.NotSo, match="reason"):
        asking.decide(by=bea, request=made, state="denied", reason="", now=now)
    done = asking.decide(by=bea, request=made, state="denied", reason="Not our record", now=now)
    assert (done.state, done.decided_by) == ("denied", bea)
    with pytest.raises(asking.NotSo, match="meantime"):
        asking.decide(by=bea, request=made, state="granted", reason="", now=now)


def test_an_erasure_is_granted_by_erasing_and_in_no_other_way(bea, pat, now):
    made = ask(bea, pat, now, kind="erasure")
    with pytest.raises(asking.NotSo, match="by erasing"):
        asking.decide(by=bea, request=made, state="granted", reason="", now=now)


def test_the_list_shows_the_most_pressing_first_and_how_late_it_is(browser, bea, pat, quinn, now):
    ask(bea, pat, now)
    ask(bea, quinn, now, received_at=now - timedelta(days=33))
    text = browser(bea).get("/trust/rights/").content.decode()
    assert text.index("Quinn") < text.index("Pat Rivera")
    assert "3 days late" in text
    assert "30 days left" in text
    assert "1 request is overdue" in text


def test_the_front_desk_takes_one_in_after_finding_the_person(browser, bea, pat, now):
    desk = browser(bea)
    assert "Pat Rivera" in desk.post("/trust/rights/new/", {"q": "Rivera"}).content.decode()
    asked = {
        "person": pat.pk, "kind": "accounting", "regime": "HIPAA", "via": "phone", "received_on": "2026-03-01",
        "wish": "To whom?",
    }  # fmt: skip
    assert desk.post("/trust/rights/new/", asked).status_code == 302
    made = RightsRequest.objects.get()
    assert (made.due_on, made.received_via, made.taken_by) == (date(2026, 4, 30), "phone", bea)
    shown = desk.get(f"/trust/rights/{made.pk}/").content.decode()
    assert "To whom?" in shown
    assert "What to do next" in shown
    wrong = desk.post("/trust/rights/new/", asked | {"regime": "Texas"})
    assert wrong.status_code == 422
    assert "does not know this right" in wrong.content.decode()


def test_the_front_desk_may_not_erase(browser, bea, pat, now):
    made = ask(bea, pat, now, kind="erasure")
    desk = browser(bea)
    assert desk.get(f"/trust/rights/{made.pk}/erase/").status_code == 403
    assert "See what would be erased" not in desk.get(f"/trust/rights/{made.pk}/").content.decode()


def test_erasing_shows_what_will_happen_and_takes_the_name_typed_once_more(browser, cole, pat, now):
    made = ask(cole, pat, now, kind="erasure", wish="Forget me")
    office, address = browser(cole), f"/trust/rights/{made.pk}/erase/"
    shown = office.get(address).content.decode()
    assert "Numbers such as the MRN" in shown
    assert "Kept, without a name" in shown
    wrong = office.post(address, {"name": "Pat Riviera", "reason": "asked in writing"})
    assert wrong.status_code == 422
    assert not Erasure.objects.exists()
    done = office.post(address, {"name": "pat  rivera", "reason": "asked in writing"}, follow=True)
    assert "The person was erased" in done.content.decode()
    assert Person.objects.get(pk=pat.pk).erased_at == now
    made.refresh_from_db()
    assert (made.state, made.wish, Erasure.objects.get().request) == ("granted", None, made)
    assert office.get(address).status_code == 404
    assert "Pat Rivera" not in office.get("/trust/rights/?show=decided").content.decode()
    assert office.get(f"/people/{pat.pk}/").status_code == 404
