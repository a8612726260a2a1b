"""Audiences for advertising platforms: off by default, of those who signed for it, never chosen by health, always on record."""

import csv
import hashlib
import io
from datetime import timedelta

import pytest

from rapport.consent import restrictions, suppressions
from rapport.governance import social
from rapport.governance.models import AudienceExport, AudienceSwitch, Disclosure
from rapport.kit import clock as time
from rapport.people.models import Person
from rapport.segments import actions, queries
from rapport.segments.language import Age, All, HasAppointment, None_, Sex
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry
from tests import people_cast
from tests.governance.test_disclosures import paper

EVERYBODY = Sex(("F", "M", "O", "U"))


def test_addresses_are_hashed_in_the_form_each_platform_asks_for():
    meta, google = social.PLATFORMS["meta"], social.PLATFORMS["google"]

    def sha(text):
        return hashlib.sha256(text.encode()).hexdigest()

    assert social.hashed("email", " Pat.R@Gmail.com ", meta) == sha("pat.r@gmail.com")
    assert social.hashed("email", "Pat.R@gmail.com", google) == sha("patr@gmail.com")
    assert social.hashed("email", "Pat.R@mail.example", google) == sha("pat.r@mail.example")
    assert social.hashed("phone", "+1 978 453 6600", meta) == sha("19784536600")
    assert social.hashed("phone", "+19784536600", google) == sha("+19784536600")


def test_only_who_people_are_and_where_they_live_may_choose():
    assert social.is_general(All((Age(at_least=40), None_((Sex(("M",)),)))))
    assert not social.is_general(All((Age(at_least=40), None_((HasAppointment(),)))))


@pytest.fixture
def on(settings, cole, now):
    settings.SOCIAL_AUDIENCES = True
    return social.turn_on(
        by=cole, platform="meta", purpose="Find people like our patients", agreement="Contract 9", now=now,
        until=now.date() + timedelta(days=90),
    )  # fmt: skip


@pytest.fixture
def everybody(now, monkeypatch):
    """A segment of everybody; who is in a segment is asked elsewhere (`tests/segments`)."""
    monkeypatch.setattr(queries, "person_ids", lambda *_a, **_k: sorted(Person.objects.values_list("pk", flat=True)))
    return actions.save(by=SYSTEM, now=now, name="Everybody", node=EVERYBODY)


def signed(person, cole, now, recipient="Meta"):
    paper(cole, person, now, kind="authorization", recipient=recipient)


@pytest.mark.django_db
def test_it_is_off_until_the_installation_and_compliance_say_yes(settings, cole, now, everybody):
    assert settings.SOCIAL_AUDIENCES is False
    told = {"platform": "meta", "purpose": "Why", "agreement": "C", "until": now.date() + timedelta(days=9)}
    with pytest.raises(social.Off):
        social.turn_on(by=cole, now=now, **told)
    settings.SOCIAL_AUDIENCES = True
    with pytest.raises(social.Off):
        social.export(by=cole, segment=everybody, platform="meta", now=now)
    with pytest.raises(social.Incomplete):
        social.turn_on(by=cole, now=now, **told | {"agreement": " "})
    social.turn_on(by=cole, now=now, **told)
    assert social.standing("meta", now.date()) is not None
    assert social.standing("meta", now.date() + timedelta(days=10)) is None
    assert social.standing("google", now.date()) is None
    social.turn_off(by=cole, platform="meta", now=now)
    assert social.standing("meta", now.date()) is None
    assert AudienceSwitch.objects.count() == 1


@pytest.mark.django_db
def test_only_those_whose_paper_names_the_platform_are_in_the_file_and_each_is_a_disclosure(on, everybody, cole, now):
    names = ("signed", "silent", "other", "gone", "child", "hidden", "nowhere")
    who = {one: people_cast.person(given=one.title()) for one in names if one not in {"child", "nowhere"}}
    who["child"] = people_cast.person(birth_date=now.date() - timedelta(days=4000))
    who["nowhere"] = people_cast.person(emails=(), phones=())
    for one in ("signed", "gone", "child", "hidden", "nowhere"):
        signed(who[one], cole, now)
    signed(who["other"], cole, now, recipient="Google Ads")
    restrictions.leave_alone(by=cole, person_id=who["gone"].pk, via="desk", words="no", now=now)
    for kind in ("email", "phone"):
        suppressions.suppress_person(
            by=cole, person_id=who["hidden"].pk, kind=kind, topic="all", reason="staff", now=now
        )
    made = social.export(by=cole, segment=everybody, platform="meta", now=now)
    rows = list(csv.reader(io.StringIO(made.file.decode("utf-8-sig"))))
    assert rows[0] == ["email", "phone"]
    assert len(rows) == 2
    assert all(len(one) == 64 for one in rows[1])
    assert Disclosure.objects.get().person_id == who["signed"].pk
    assert Disclosure.objects.get().recipient == "Meta"
    receipt = AudienceExport.objects.get()
    assert (receipt.people, receipt.asked) == (1, len(names))
    assert receipt.left_out == {
        "not_of_age": 1, "asked_to_be_left_alone": 1, "no_address": 2, "no_authorization": 2,
    }  # fmt: skip
    assert receipt.checksum == hashlib.sha256(made.file).hexdigest()
    assert AuditEntry.objects.get(verb="audience.export").details["people"] == 1


@pytest.mark.django_db
def test_a_segment_that_knows_of_health_makes_no_audience(on, cole, now):
    segment = actions.save(by=SYSTEM, now=now, name="Comes soon", node=HasAppointment())
    with pytest.raises(social.NotGeneral):
        social.export(by=cole, segment=segment, platform="meta", now=now)
    assert not Disclosure.objects.exists()


@pytest.mark.django_db
def test_compliance_turns_it_on_makes_a_file_and_turns_it_off(client, settings, cole, now, everybody):
    settings.SOCIAL_AUDIENCES = True
    signed(people_cast.person(), cole, now)
    client.force_login(cole)
    told = {"platform": "meta", "do": "on", "purpose": "Find people", "agreement": "Contract 9"}
    with time.travel(now):
        assert client.post("/trust/desk/audiences/switch/", told | {"until": "yesterday"}).status_code == 422
        client.post("/trust/desk/audiences/switch/", told | {"until": "2026-06-01"})
        made = client.post("/trust/desk/audiences/make/", {"platform": "meta", "segment": everybody.slug})
        assert made.headers["Content-Disposition"].startswith("attachment")
        assert made.content.count(b"\n") == 2
        html = client.get("/trust/desk/audiences/").content.decode()
        assert "Everybody" in html
        assert "Contract 9" in html
        client.post("/trust/desk/audiences/switch/", {"platform": "meta", "do": "off"})
    assert social.standing("meta", now.date()) is None


@pytest.mark.django_db
def test_the_page_says_that_it_is_off(client, cole):
    client.force_login(cole)
    assert "Off in this installation" in client.get("/trust/desk/audiences/").content.decode()
