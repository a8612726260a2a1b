"""Keys of programs: shown once, never more than their owner, ended by date, by hand and with the account."""

from datetime import timedelta

import pytest

from rapport.kit import clock as house
from rapport.trust import api_keys
from rapport.trust.models import ApiKey, AuditEntry, Grant, Role

pytestmark = pytest.mark.django_db
WAYS = ["people.read", "consent.write"]


def make(by, now, verbs=tuple(WAYS), days=90):
    return api_keys.make(by=by, name="portal", verbs=verbs, expires_at=now + timedelta(days=days), now=now)


def test_a_key_is_found_by_its_secret_and_the_secret_is_nowhere(bea, now):
    made = make(bea, now)
    assert api_keys.find(made.secret, now=now) == made.key
    row = ApiKey.objects.values_list().get()
    assert made.secret.rpartition("_")[2] not in repr(
        [bytes(one) if isinstance(one, memoryview) else one for one in row]
    )
    line = AuditEntry.objects.get(verb="key.make")
    assert (line.actor, line.details["verbs"]) == (bea, sorted(WAYS))


SPOILT = [
    lambda text: text[:-1],
    lambda text: text + "0",
    lambda text: text.replace("rapport", "other"),
    lambda text: "",
    lambda text: "rapport_",
    lambda text: "rapport__",
    lambda text: "rapport_\x00_é",
]


@pytest.mark.parametrize("spoil", SPOILT)
def test_anything_but_the_secret_finds_nothing(bea, now, spoil):
    made = make(bea, now)
    assert api_keys.find(spoil(made.secret), now=now) is None


def test_a_key_has_no_more_than_its_owner_and_than_programs_have(bea, ana, now):
    with pytest.raises(api_keys.MoreThanOwner):
        make(ana, now, ["consent.write"])
    with pytest.raises(api_keys.MoreThanOwner):
        make(bea, now, ["people.write"])
    with pytest.raises(api_keys.MoreThanOwner):
        make(bea, now, [])
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_a_key_ends_within_a_year(bea, now, days):
    with pytest.raises(api_keys.EndsWrong):
        make(bea, now, days=days)


def test_a_key_ends_by_its_date_by_hand_and_with_its_owner(bea, dee, now):
    made = make(bea, now, days=30)
    assert api_keys.find(made.secret, now=now + timedelta(days=29)) is not None
    assert api_keys.find(made.secret, now=now + timedelta(days=30)) is None
    bea.is_active = False
    bea.save()
    assert api_keys.find(made.secret, now=now) is None
    bea.is_active = True
    bea.save()
    api_keys.revoke(by=dee, key=made.key, now=now)
    assert api_keys.find(made.secret, now=now) is None
    assert AuditEntry.objects.get(verb="key.revoke").actor == dee


def test_a_key_is_revoked_by_its_owner_or_an_administrator_and_once(bea, ana, now):
    made = make(bea, now)
    with pytest.raises(api_keys.NotYours):
        api_keys.revoke(by=ana, key=made.key, now=now)
    api_keys.revoke(by=bea, key=made.key, now=now)
    api_keys.revoke(by=bea, key=made.key, now=now + timedelta(hours=1))
    made.key.refresh_from_db()
    assert made.key.revoked_at == now
    assert AuditEntry.objects.filter(verb="key.revoke").count() == 1


def test_questions_are_counted_by_the_minute(bea, clock):
    made = make(bea, clock.now())
    assert [api_keys.count(made.key, now=clock.now()) for _ in range(3)] == [1, 2, 3]
    assert api_keys.count(made.key, now=clock.forward(minutes=1)) == 1
    made.key.refresh_from_db()
    assert made.key.last_used_on == clock.now().date()


def test_the_page_shows_the_secret_once(signed_in, bea, now):
    browser = signed_in(bea)
    with house.travel(now):
        assert "No key yet" in browser.get("/access/keys/").text
        made = browser.post("/access/keys/", {"name": "portal", "verbs": WAYS, "days": "90"})
        secret = made.text.partition('id="new-secret">')[2].partition("<")[0]
        assert api_keys.find(secret, now=now) is not None
        assert made.headers["Cache-Control"] == "no-store"
        again = browser.get("/access/keys/").text
    assert secret not in again
    assert "portal" in again


def test_the_page_offers_and_takes_only_what_the_owner_may(signed_in, ana, now):
    browser = signed_in(ana)
    with house.travel(now):
        assert 'value="consent.write"' not in browser.get("/access/keys/").text
        refused = browser.post("/access/keys/", {"name": "x", "verbs": ["consent.write"], "days": "90"})
    assert refused.status_code == 422
    assert not ApiKey.objects.exists()


def test_everybody_sees_their_own_keys_and_the_administrator_all(signed_in, bea, ana, dee, now):
    make(bea, now)
    with house.travel(now):
        assert "rapport_" not in signed_in(ana).get("/access/keys/").text
        assert "acts as Bea Flores" in signed_in(dee).get("/access/keys/").text
        key = ApiKey.objects.get()
        signed_in(ana).post(f"/access/keys/{key.pk}/revoke/")
        key.refresh_from_db()
        assert key.revoked_at is None
        signed_in(dee).post(f"/access/keys/{key.pk}/revoke/")
    key.refresh_from_db()
    assert key.revoked_by == dee


def test_a_role_that_is_taken_away_takes_the_key_with_it(bea, now):
    made = make(bea, now)
    Grant.objects.filter(user=bea, role=Role.FRONT_DESK).delete()
    assert api_keys.offered(bea) == []
    assert api_keys.find(made.secret, now=now).verbs == sorted(WAYS), "the key stands, and opens nothing: see tests/api"
