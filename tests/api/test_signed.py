"""Papers by the door of programs: with what stands on them, answered with what is wrong with them; without it, refused."""

import pytest

from rapport.consent import papers
from rapport.consent.models import Authorization, ConsentRecord
from rapport.trust.models import AuditEntry
from tests.api.test_consents import JSON, post

pytestmark = pytest.mark.django_db
WHOLE = {
    "information": "Date and type of my knee surgery", "discloser": "Riverbend Health", "recipient": "Hipline Implants",
    "purposes": ["P7"], "expires_at": "2026-12-31T05:00:00Z", "signed_on": "2026-02-01", "signature": "on paper",
    "says_revocation": True, "says_conditioning": True, "says_redisclosure": True, "says_remuneration": True,
    "is_plain": True, "copy_given_at": "2026-02-01T15:00:00Z",
}  # fmt: skip


def sign(browser, person, key="k-1", paper=WHOLE, **said):
    body = {"kind": "authorization", "channel": "all", "topic": "all", "paper": paper}
    return post(browser, person, key, **(body | said))


def test_a_whole_paper_is_signed_as_at_the_desk_and_valid(program, bea, pat, still):
    answer = sign(program(bea), pat, evidence={"form": "scan-4711"}, text_version="auth-3")
    assert answer.status_code == 201
    told = answer.json()
    assert told["defects"] == []
    assert (told["kind"], told["recipient"], told["tier"], told["via"]) == (
        "authorization", "Hipline Implants", "written", "api",
    )  # fmt: skip
    (found,) = papers.of([pat.pk], on=still.date())[pat.pk]
    assert found.is_valid
    assert found.paper.purposes == ("P7",)
    assert found.record.evidence["form"] == "scan-4711"
    assert AuditEntry.objects.filter(verb="consent.grant", person_id=pat.pk, actor=bea).count() == 1


def test_a_paper_with_defects_is_kept_and_each_is_named_with_its_clause(program, bea, pat, still):
    lacking = WHOLE | {"signature": "", "information": "All my records"}
    told = sign(program(bea), pat, paper=lacking).json()
    assert [(one["code"], one["clause"]) for one in told["defects"]] == [
        ("vague_description", "45 CFR 164.508(c)(1)(i)"), ("no_signature", "45 CFR 164.508(c)(1)(vi)"),
    ]  # fmt: skip
    assert told["defects"][1]["sentence"] == "Nobody signed it."
    assert Authorization.objects.get().record_id == told["id"]


def test_under_part_2_the_clauses_are_its_own(program, bea, pat, still):
    told = sign(program(bea), pat, kind="part2", paper=WHOLE | {"signature": ""}).json()
    assert [one["clause"] for one in told["defects"]] == ["42 CFR 2.31(a)(8)", "42 CFR 2.31(a)(10)(ii)"]
    assert sign(program(bea), pat, "k-2", kind="part2", paper=WHOLE | {"says_refusal": True}).json()["defects"] == []


@pytest.mark.parametrize("kind", ["authorization", "part2"])
def test_without_a_paper_these_kinds_are_refused_with_what_to_send(program, bea, pat, still, kind):
    refused = post(program(bea), pat, kind=kind, channel="all", topic="all")
    told = refused.json()
    assert (refused.status_code, refused.headers["Content-Type"]) == (422, "application/problem+json")
    assert told["type"].endswith("#problem-paper-needed")
    assert told["where"][0]["at"] == "body/said/paper"
    for element in ("information", "recipient", "signature", "says_revocation", "164.508(c)"):
        assert element in told["do"]
    assert not ConsentRecord.objects.exists()


@pytest.mark.parametrize(("said", "at"), [
    ({"kind": "consent"}, "body/said/paper"), ({"status": "withdrawn"}, "body/said/paper"),
    ({"recipient": "Somebody"}, "body/said/recipient"), ({"channel": "email"}, "body/said/channel"),
    ({"expires_at": "2026-12-31T00:00:00Z"}, "body/said/expires_at"), ({"at": "2026-01-01T00:00:00Z"}, "body/said/at"),
    ({"paper": WHOLE | {"purposes": ["P99"]}}, "body/said/paper/purposes"),
    ({"paper": WHOLE | {"purposes": ["knee"]}}, "body/said/paper/purposes/0"),
    ({"paper": WHOLE | {"signd_on": "2026-02-01"}}, "body/said/paper/signd_on"),
    ({"paper": WHOLE | {"information": "x" * 501}}, "body/said/paper/information"),
    ({"paper": WHOLE | {"signed_by": "a neighbour"}}, "body/said/paper/signed_by"),
], ids=str)  # fmt: skip
def test_what_does_not_fit_is_told_at_its_place(program, bea, pat, still, said, at):
    refused = sign(program(bea), pat, **said)
    assert refused.status_code == 422
    assert at in [one["at"] for one in refused.json()["where"]]
    assert not ConsentRecord.objects.exists()


def test_the_same_key_again_signs_nothing_twice_and_answers_the_same(program, bea, pat, still):
    browser = program(bea)
    paper = WHOLE | {"signature": "", "known_false": True, "expires_event": "end of programme"}
    first, again = sign(browser, pat, paper=paper), sign(browser, pat, paper=paper)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Authorization.objects.count() == 1


@pytest.mark.parametrize("change", [
    {"paper": WHOLE | {"recipient": "Somebody else"}}, {"paper": WHOLE | {"says_remuneration": False}}, {"topic": "survey"},
    {"evidence": {"form": "x"}}, {"kind": "part2"}, {"paper": WHOLE | {"known_false": True}},
], ids=str)  # fmt: skip
def test_the_same_key_for_another_paper_is_refused(program, bea, pat, still, change):
    browser = program(bea)
    sign(browser, pat)
    refused = sign(browser, pat, **change)
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("#problem-key-reused")
    assert Authorization.objects.count() == 1


def test_the_same_paper_again_after_it_was_taken_back_is_still_the_same(program, bea, pat, still):
    browser = program(bea)
    sign(browser, pat)
    taken = {"kind": "authorization", "channel": "all", "topic": "all", "status": "withdrawn"}
    assert post(browser, pat, "k-2", **taken).status_code == 201
    again = sign(browser, pat)
    assert again.status_code == 200
    assert [one["code"] for one in again.json()["defects"]] == ["revoked"]


def test_every_other_statement_has_no_defects(program, bea, pat, still):
    assert post(program(bea), pat).json()["defects"] == []


def test_the_handbook_page_names_each_element(client, bea):
    client.force_login(bea)
    page = client.get("/api/").content.decode()
    for element in ("paper.information", "paper.says_revocation", "paper.expires_event"):
        assert f"<code>{element}</code>" in page


def test_a_paper_of_somebody_out_of_sight_is_not_found(program, bea, pat, still):
    answer = program(bea).post(
        "/api/v1/people/987654/consents", {"status": "granted", "kind": "authorization", "paper": WHOLE},
        content_type=JSON, headers={"Idempotency-Key": "k"},
    )  # fmt: skip
    assert answer.status_code == 404
