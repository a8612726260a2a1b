"""What leaves the house is written down, or refused; and the person is told what the law wants told."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from rapport.consent import ledger, papers
from rapport.governance import disclosures
from rapport.governance.disclosures import Basis, Packet, Refused, To
from rapport.governance.models import Disclosure
from rapport.governance.rights import asking
from rapport.kit import clock as time
from rapport.trust.models import AuditEntry
from tests.consent.test_papers import complete

pytestmark = pytest.mark.django_db
HEALTH = To("County health office", "1 Main Street, Lowell")


def give(by, person, now, **more):
    told = {"description": "Case report", "purpose": "Mandatory notification", "basis": "public_health"}
    what = disclosures.What(**{name: more.pop(name, told.get(name, ())) for name in (*told, "data_classes")})
    return disclosures.record(by=by, person_id=person.pk, to=more.pop("to", HEALTH), what=what, now=now, **more)


def paper(by, person, now, kind="part2", recipient="Sober House", status="granted", **more):
    if status == "granted":
        said = {
            "signed_on": now.date(),
            "copy_given_at": now,
            "expires_at": now + timedelta(days=90),
            "says_refusal": True,
        }
        whole = complete(kind=kind, recipient=recipient, **(said | more))
        return papers.sign(by=by, person_id=person.pk, paper=whole, now=now).record
    said = ledger.NewRecord(
        person_id=person.pk, kind=kind, channel="all", topic="all", status=status, at=now, via="paper", text_version="p1",
        source_key=uuid4(), recipient=recipient, **more,
    )  # fmt: skip
    return ledger.state(by=by, record=said, now=now)


def packet(now, consent="Copy of the consent of March 4: Sober House, for her treatment."):
    return Packet(disclosures.notices(now)[0], consent)


def test_a_disclosure_is_written_down_with_one_audit_line_and_cannot_be_changed(cole, pat, now):
    made = give(cole, pat, now)
    line = AuditEntry.objects.latest("id")
    assert (line.verb, line.person_id, line.details["basis"]) == ("disclosure.record", pat.pk, "public_health")
    with pytest.raises(Exception, match="append-only"):
        Disclosure.objects.filter(pk=made.pk).update(purpose="x")


@pytest.mark.parametrize("basis", ["sale", "third_party_marketing"])
def test_data_is_never_sold_nor_given_for_others_marketing(cole, pat, now, basis):
    signed = paper(cole, pat, now, kind="authorization")
    with pytest.raises(Refused, match="not sold"):
        give(cole, pat, now, basis=basis, consent_record_id=signed.pk)
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize("lacking", [{"to": To("")}, {"description": " "}, {"purpose": ""}, {"basis": "because"}])
def test_it_says_to_whom_what_why_and_on_what_ground(cole, pat, now, lacking):
    with pytest.raises(Refused):
        give(cole, pat, now, **lacking)


def part2(cole, pat, now, **more):
    return give(
        cole, pat, now, **{"to": To("Sober House"), "basis": "part2_consent", "data_classes": ("sud_part2",), **more}
    )


def test_part_2_records_go_with_consent_notice_and_its_copy(cole, pat, now):
    signed = paper(cole, pat, now)
    made = part2(cole, pat, now, consent_record_id=signed.pk, packet=packet(now))
    assert made.packet_hash == packet(now).digest()
    assert len(made.packet_hash) == 64


@pytest.mark.parametrize(
    ("why", "wrong"),
    [
        ("notice", lambda now: {"packet": None}),
        ("notice", lambda now: {"packet": Packet("Please keep this secret.", "copy")}),
        ("explanation", lambda now: {"packet": packet(now, consent=" ")}),
        ("another recipient", lambda now: {"packet": packet(now), "to": To("An employer")}),
        ("consent under 42 CFR", lambda now: {"packet": packet(now), "basis": "tpo"}),
        ("no such paper", lambda now: {"packet": packet(now), "consent_record_id": None}),
    ],
)
def test_part_2_records_are_refused_without_any_of_it(cole, pat, now, why, wrong):
    signed = paper(cole, pat, now)
    with pytest.raises(Refused, match=why):
        part2(cole, pat, now, **{"consent_record_id": signed.pk, **wrong(now)})


def test_a_withdrawn_or_expired_consent_is_no_ground(cole, pat, quinn, now):
    signed = paper(cole, pat, now)
    later = now + timedelta(days=1)
    paper(cole, pat, later, status="withdrawn")
    with pytest.raises(Refused, match="withdrawn"):
        part2(cole, pat, later, consent_record_id=signed.pk, packet=packet(now))
    short = paper(cole, quinn, now, expires_at=now + timedelta(hours=1))
    with pytest.raises(Refused, match="not in force"):
        part2(cole, quinn, later, consent_record_id=short.pk, packet=packet(now))


@pytest.mark.parametrize(
    ("lacking", "sentence"),
    [
        ({"signature": ""}, r"Nobody signed it\. \(42 CFR 2\.31\(a\)\(8\)\)"),
        ({"information": "All records"}, "too vague"),
    ],
)
def test_a_void_paper_is_no_ground(cole, pat, now, lacking, sentence):
    signed = paper(cole, pat, now, **lacking)
    with pytest.raises(Refused, match=sentence) as refused:
        part2(cole, pat, now, consent_record_id=signed.pk, packet=packet(now))
    assert refused.value.about == "paper"
    assert not Disclosure.objects.exists()


def test_the_accounting_looks_six_years_back_and_leaves_out_what_the_law_leaves_out(cole, pat, now):
    signed = paper(cole, pat, now, kind="authorization", recipient=HEALTH.name)
    for basis in Basis:
        if basis in disclosures.NEVER or basis == Basis.PART2:
            continue
        give(cole, pat, now, basis=basis, consent_record_id=signed.pk if basis == Basis.AUTHORIZATION else None)
    give(cole, pat, now, at=now - timedelta(days=6 * 366), description="Long ago")
    told = disclosures.accounting(by=cole, person_id=pat.pk, now=now)
    assert {one.basis for one in told} == {
        "required_by_law", "public_health", "abuse_report", "health_oversight", "judicial", "law_enforcement", "coroner",
        "research", "threat", "workers_comp", "mistake",
    }  # fmt: skip
    assert "Long ago" not in {one.description for one in told}


def test_the_accounting_is_a_paper_to_print(bea, cole, pat, now):
    give(cole, pat, now)
    asked = asking.receive(by=bea, person_id=pat.pk, kind="accounting", via="in_person", now=now)
    with time.travel(now):
        desk = Client()
        desk.force_login(bea, backend=settings.AUTHENTICATION_BACKENDS[-1])
        text = desk.get(f"/trust/rights/{asked.pk}/accounting/").content.decode()
    assert "County health office" in text
    assert "1 Main Street" in text
    assert "Mandatory notification" in text
    assert AuditEntry.objects.filter(verb="disclosure.account", person_id=pat.pk).count() == 1
