"""Programs record consents and read permissions: through the ledger, by the same policy, once per Idempotency-Key."""

from datetime import timedelta

import pytest

from rapport.api import consents as operations
from rapport.consent import ledger
from rapport.consent.models import ConsentRecord, Suppression
from rapport.directory.models import Location, Organization
from rapport.people.models import Person
from rapport.trust.models import AuditEntry

pytestmark = pytest.mark.django_db
JSON = "application/json"


def post(browser, person, key="k-1", **said):
    body = {"status": "granted", "channel": "email", "topic": "health_services"} | said
    return browser.post(
        f"/api/v1/people/{person.pk}/consents", body, content_type=JSON, headers={"Idempotency-Key": key}
    )


def test_a_grant_is_a_line_of_the_ledger_with_its_evidence(program, bea, pat, still):
    answer = post(
        program(bea), pat, text_version="portal-3", evidence={"form": "sign-up"}, expires_at="2027-01-01T00:00:00Z"
    )
    assert answer.status_code == 201
    row = ConsentRecord.objects.get()
    assert answer.json()["id"] == row.pk
    assert (row.status, row.channel, row.topic, row.via, row.text_version) == (
        "granted", "email", "health_services", "api", "portal-3",
    )  # fmt: skip
    assert row.evidence["form"] == "sign-up"
    line = AuditEntry.objects.get(verb="consent.grant")
    assert (line.actor, line.person_id) == (bea, pat.pk)
    assert line.actor_label == f"Bea Flores, key {row.evidence['key']}"


def test_the_same_key_again_changes_nothing_and_answers_the_same(program, bea, pat, still):
    browser = program(bea)
    first = post(browser, pat)
    again = post(browser, pat)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert ConsentRecord.objects.count() == 1
    assert AuditEntry.objects.filter(verb="consent.grant").count() == 1


@pytest.mark.parametrize("change", [
    {"status": "withdrawn"}, {"topic": "survey"}, {"evidence": {"form": "x"}}, {"at": "2026-01-01T00:00:00Z"},
])  # fmt: skip
def test_the_same_key_for_another_statement_is_refused(program, bea, pat, still, change):
    browser = program(bea)
    post(browser, pat)
    refused = post(browser, pat, **change)
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("#problem-key-reused")
    assert ConsentRecord.objects.count() == 1


def test_two_owners_may_use_the_same_key(program, bea, cole, pat, still):
    assert post(program(bea), pat).status_code == 201
    assert post(program(cole), pat, status="withdrawn").status_code == 201


@pytest.mark.parametrize("kind", operations.shapes.Kind.__args__)
def test_every_kind_of_statement_can_be_made_and_taken_back(program, cole, pat, still, kind):
    browser = program(cole)
    paper = {"paper": {"recipient": "Hipline Implants"}} if kind in {"authorization", "part2"} else {}
    assert post(browser, pat, "k-1", kind=kind, channel="all", topic="all", **paper).status_code == 201
    assert post(browser, pat, "k-2", kind=kind, channel="all", topic="all", status="withdrawn").status_code == 201
    assert list(ConsentRecord.objects.order_by("id").values_list("kind", "status")) == [
        (kind, "granted"), (kind, "withdrawn"),
    ]  # fmt: skip


def test_the_kinds_are_those_of_the_ledger():
    assert set(operations.shapes.Kind.__args__) == set(ConsentRecord.Kind.values)


@pytest.mark.parametrize(("said", "at"), [
    ({"status": "perhaps"}, "body/said/status"), ({"chanel": "email"}, "body/said/chanel"), ({"topic": "lottery"}, "body/said/topic"),
    ({"at": "2026-03-04T15:00:01Z"}, "body/said/at"), ({"at": "2026-03-04T15:00:00"}, "body/said/at"),
    ({"evidence": {"form": "x" * 201}}, "body/said/evidence/form"), ({"text_version": "a\x00b"}, "body/said/text_version"),
])  # fmt: skip
def test_what_does_not_fit_is_told_at_its_place(program, bea, pat, still, said, at):
    refused = post(program(bea), pat, **said)
    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert at in [one["at"] for one in refused.json()["where"]]
    assert not ConsentRecord.objects.exists()


def test_what_was_said_long_ago_is_taken_and_what_nobody_can_have_said_is_not(program, bea, pat, still):
    browser = program(bea)
    assert post(browser, pat, "k-1", at="1961-05-01T10:00:00-05:00").status_code == 201
    assert ConsentRecord.objects.get().at.isoformat() == "1961-05-01T15:00:00+00:00"
    for number, at in enumerate(["0070-06-06T05:34:24+19:08", "1899-12-31T00:00:00Z", "2000-01-01T00:00:00+23:59"]):
        assert post(browser, pat, f"n-{number}", at=at).status_code == 422


def test_a_statement_without_an_idempotency_key_is_refused(program, bea, pat, still):
    refused = program(bea).post(f"/api/v1/people/{pat.pk}/consents", {"status": "granted"}, content_type=JSON)
    assert refused.status_code == 422
    assert not ConsentRecord.objects.exists()


def test_the_history_comes_in_pages_newest_first_and_reading_it_is_recorded(program, ana, pat, still):
    for days in (3, 1, 2):
        ledger.grant(
            by=ana, person_id=pat.pk, channel="email", topic="survey", via="desk", now=still - timedelta(days=days)
        )
    AuditEntry.objects.exists()
    browser = program(ana)
    first = browser.get(f"/api/v1/people/{pat.pk}/consents?limit=2").json()
    second = browser.get(f"/api/v1/people/{pat.pk}/consents?limit=2&page=2").json()
    assert (first["total"], first["pages"], len(first["items"]), len(second["items"])) == (3, 2, 2, 1)
    hours = [one["at"] for one in first["items"] + second["items"]]
    assert hours == sorted(hours, reverse=True)
    assert AuditEntry.objects.filter(verb="consent.read", person_id=pat.pk, actor=ana).count() == 2
    assert browser.get(f"/api/v1/people/{pat.pk}/consents?limit=1000").status_code == 422


def test_permissions_follow_the_ledger_at_once(program, bea, pat, still):
    browser = program(bea)

    def asked():
        (one,) = browser.get(f"/api/v1/people/{pat.pk}/permissions?channel=email&topic=health_services").json()["items"]
        return one

    assert not asked()["allowed"]
    post(browser, pat)
    assert asked()["allowed"], asked()
    post(browser, pat, "k-2", status="withdrawn")
    assert (asked()["allowed"], asked()["gate"]) == (False, "consent")
    assert asked()["reason"]


def test_permissions_are_for_every_way_and_topic_with_a_reason_for_each_no(program, ana, pat, still):
    found = program(ana).get(f"/api/v1/people/{pat.pk}/permissions").json()
    assert len(found["items"]) == 36
    assert all(one["allowed"] or one["reasons"] for one in found["items"])
    assert found["rules_version"].startswith("rules-")


def test_permissions_read_the_person_once_a_channel(program, ana, pat, still, django_assert_max_num_queries):
    browser = program(ana)
    browser.get(f"/api/v1/people/{pat.pk}/permissions")
    with django_assert_max_num_queries(150):
        browser.get(f"/api/v1/people/{pat.pk}/permissions")


def test_an_address_is_put_on_the_list_once_and_not_kept(program, bea, still):
    browser = program(bea)
    body = {"kind": "email", "value": "Pat.Rivera@mail.example"}
    assert browser.post("/api/v1/suppressions", body, content_type=JSON).json() == {"added": 1}
    assert browser.post("/api/v1/suppressions", body, content_type=JSON).json() == {"added": 0}
    row = Suppression.objects.get()
    assert (row.kind, row.topic, row.reason) == ("email", "all", "list")
    assert b"rivera" not in bytes(row.digest).lower()


def test_what_is_no_address_is_refused_without_repeating_it(program, bea, still):
    refused = program(bea).post("/api/v1/suppressions", {"kind": "email", "value": "not-an-address"}, content_type=JSON)
    assert refused.status_code == 422
    assert "not-an-address" not in refused.text


def test_a_key_sees_the_people_of_its_owners_places_alone(program, hire, pat, quinn, still):
    house = Organization.objects.create(name="House", is_ours=True)
    here = Location.objects.create(slug="here", name="Here", organization=house, timezone="America/New_York")
    Person.objects.filter(pk=pat.pk).update(home_location=here)
    browser = program(hire("Bo Ost", "front_desk", location_id=here.pk))
    assert post(browser, pat).status_code == 201
    assert post(browser, quinn, "k-2").status_code == 404
    assert browser.get(f"/api/v1/people/{quinn.pk}/permissions").status_code == 404
    assert ConsentRecord.objects.filter(person_id=quinn.pk).count() == 0
