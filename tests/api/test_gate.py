"""The door of programs: what a key may, how often, and how the door says no."""

from datetime import timedelta

import pytest
from django.test import Client

from rapport.api import consents as operations
from rapport.consent.models import ConsentRecord
from rapport.kit import clock as house
from rapport.trust import api_keys
from rapport.trust.models import ApiKey, AuditEntry, Grant

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


def is_problem(answer, status, kind):
    told = answer.json()
    return (
        answer.status_code == told["status"] == status
        and answer.headers["Content-Type"] == PROBLEM
        and told["type"].endswith(f"#problem-{kind}")
        and len(told["request_id"]) == 16
    )


def test_without_a_key_and_with_a_wrong_one_it_says_what_to_do(db):
    absent = Client().get("/api/v1/rules")
    assert is_problem(absent, 401, "no-key")
    assert absent.headers["WWW-Authenticate"].startswith("Bearer")
    assert "API keys" in absent.json()["do"]
    wrong = Client(headers={"Authorization": "Bearer rapport_0123456789_abc"}).get("/api/v1/rules")
    assert is_problem(wrong, 401, "bad-key")


def test_a_key_that_was_revoked_or_has_ended_opens_nothing(program, ana, now):
    browser = program(ana)
    assert browser.get("/api/v1/rules").status_code == 200
    with house.travel(house.now() + timedelta(days=31)):
        assert is_problem(browser.get("/api/v1/rules"), 401, "bad-key")
    api_keys.revoke(by=ana, key=ApiKey.objects.get(), now=now)
    assert is_problem(browser.get("/api/v1/rules"), 401, "bad-key")


def test_a_key_has_less_than_its_owner_where_it_was_made_so(program, bea, pat):
    browser = program(bea, ["trust.rules"])
    assert browser.get("/api/v1/rules").status_code == 200
    refused = browser.get(f"/api/v1/people/{pat.pk}/consents")
    assert is_problem(refused, 403, "forbidden")
    assert "Open a person" in refused.json()["detail"]
    line = AuditEntry.objects.get(verb="access.refused")
    assert (line.actor, line.details) == (bea, {"needs": "people.read"})


def test_what_the_owner_loses_the_key_loses_with_the_next_question(program, bea, pat):
    browser = program(bea)
    assert browser.get(f"/api/v1/people/{pat.pk}/consents").status_code == 200
    Grant.objects.filter(user=bea).delete()
    assert is_problem(browser.get(f"/api/v1/people/{pat.pk}/consents"), 403, "forbidden")


def test_a_key_that_asks_too_often_waits(program, ana, settings):
    settings.API_PER_MINUTE = 2
    browser = program(ana)
    with house.travel(house.now().replace(second=20)):
        assert [browser.get("/api/v1/rules").status_code for _ in range(3)] == [200, 200, 429]
        late = browser.get("/api/v1/rules")
    assert is_problem(late, 429, "too-many")
    assert late.headers["Retry-After"] == "40"


def test_no_session_begins_and_no_cookie_is_set(program, ana):
    answer = program(ana).get("/api/v1/rules")
    assert not answer.cookies
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "address",
    ["/api/v1/", "/api/v1/nothing", "/api/v1/people/x/consents", "/api/v1/people/1/consents/", "/api/v1/no%0Athing"],
)
def test_a_wrong_address_is_a_problem_too(program, ana, address):
    assert is_problem(program(ana).get(address), 404, "not-found")


def test_a_wrong_method_says_which_ones_are_taken(program, ana, pat):
    refused = program(ana).delete(f"/api/v1/people/{pat.pk}/consents")
    assert is_problem(refused, 405, "method")
    assert refused.headers["Allow"] == "GET, POST"


def test_a_body_that_is_no_json_is_unreadable(program, bea):
    refused = program(bea).post("/api/v1/suppressions", "{not json", content_type="application/json")
    assert is_problem(refused, 400, "unreadable")


def test_our_own_mistake_is_a_reference_without_a_trace_and_leaves_nothing(program, bea, pat, monkeypatch):
    def broken(*_given):
        raise RuntimeError("Pat Rivera, 12 Elm Street")

    monkeypatch.setattr(operations, "Status", broken)  # after the ledger was written
    browser = program(bea)
    answer = browser.post(
        f"/api/v1/people/{pat.pk}/consents", {"status": "granted"}, content_type="application/json",
        headers={"Idempotency-Key": "k"},
    )  # fmt: skip
    assert is_problem(answer, 500, "ours")
    assert "Rivera" not in answer.text
    assert "Traceback" not in answer.text
    assert not ConsentRecord.objects.exists()


def test_the_description_is_public_and_names_verb_and_problems_of_each_operation(db):
    told = Client().get("/api/v1/openapi.json").json()
    operations = [one for methods in told["paths"].values() for one in methods.values()]
    assert len(operations) == 24
    assert all(one["x-verb"] and one["security"] for one in operations)
    assert all({"401", "403", "404", "422", "429"} <= set(one["responses"]) for one in operations)


def test_the_handbook_page_is_ours_and_asks_nobody(client, ana, zoe):
    client.force_login(ana)
    page = client.get("/api/")
    assert page.status_code == 200
    assert "/api/v1/people/{person_id}/permissions" in page.text
    assert "cdn" not in page.text
    client.force_login(zoe)
    assert client.get("/api/").status_code == 403


def test_an_address_with_a_line_end_is_answered_like_any_other_that_is_not_there(client):
    answer = client.get("/api/v1/people/6%0A7/why")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_a_program_is_answered_in_english_whatever_it_asks_for(program, ana):
    """Its makers wrote down our words."""
    browser, address = program(ana), "/api/v1/people/1/permissions?day=yesterday"
    english, spanish = (browser.get(address, headers={"Accept-Language": one}) for one in ("en", "es"))
    assert english.status_code >= 400
    assert english.json() | {"request_id": ""} == spanish.json() | {"request_id": ""}
    assert spanish.headers["Content-Language"] == "en"
    assert spanish.json()["request_id"] == spanish.headers["X-Request-ID"]
