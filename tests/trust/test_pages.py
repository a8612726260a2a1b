"""The pages under /access/, as the cast sees them."""

import threading

import pytest
from django.db import connection

from rapport.trust import accounts, audit, breakglass
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry, BreakGlass, Grant, Role, User

pytestmark = pytest.mark.django_db


def verbs():
    return list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))


def test_the_permission_table_is_published_to_staff(signed_in, ana):
    page = signed_in(ana).get("/access/")
    assert page.status_code == 200
    assert "Launch and stop campaigns" in page.text
    assert "Compliance officer" in page.text


def test_the_administrator_invites_somebody_who_gets_a_mail_with_a_link(signed_in, dee, mailoutbox):
    page = signed_in(dee).post(
        "/access/people/invite/", {"name": "Noor Haddad", "email": "Noor@riverbend.example", "role": "analyst"}
    )
    noor = User.objects.get(email="noor@riverbend.example")
    assert page.status_code == 302
    assert [grant.role for grant in noor.grants.all()] == ["analyst"]
    assert not noor.has_usable_password()
    assert [mail.to for mail in mailoutbox] == [["noor@riverbend.example"]]
    assert "/account/password/reset/key/" in mailoutbox[0].body
    assert verbs() == ["account.create", "access.grant"]


def test_an_address_has_one_account(signed_in, dee, ana):
    page = signed_in(dee).post(
        "/access/people/invite/", {"name": "Ana Two", "email": "ANA@riverbend.example", "role": "analyst"}
    )
    assert page.status_code == 422
    assert "There is an account with this address." in page.text
    assert User.objects.count() == 2


def test_a_grant_may_be_limited_to_a_place_and_is_revoked_again(signed_in, dee, bea):
    browser = signed_in(dee)
    assert browser.get(f"/access/people/{bea.pk}/").status_code == 200
    browser.post(f"/access/people/{bea.pk}/", {"role": "clinician"})
    grant = bea.grants.get(role="clinician")
    browser.post(f"/access/grants/{grant.pk}/revoke/")
    assert not bea.grants.filter(role="clinician").exists()
    assert verbs() == ["access.grant", "access.revoke"]
    line = AuditEntry.objects.order_by("id").first()
    assert (line.actor, line.thing, line.details["role"]) == (dee, f"user:{bea.pk}", "clinician")


def test_nobody_changes_their_own_rights(signed_in, dee):
    browser = signed_in(dee)
    assert browser.post(f"/access/people/{dee.pk}/", {"role": "compliance"}).status_code == 422
    browser.post(f"/access/people/{dee.pk}/close/")
    browser.post(f"/access/grants/{dee.grants.get().pk}/revoke/")
    dee.refresh_from_db()
    assert dee.is_active
    assert [grant.role for grant in dee.grants.all()] == ["administrator"]
    assert verbs() == []


def test_the_last_administrator_stays(hire, dee, ana, now):
    other = hire("Lee Wong", Role.ADMINISTRATOR)
    accounts.close(by=dee, user=other, now=now)
    with pytest.raises(accounts.LastAdministrator):
        accounts.revoke(by=SYSTEM, grant=dee.grants.get(), now=now)
    with pytest.raises(accounts.LastAdministrator):
        accounts.close(by=SYSTEM, user=dee, now=now)
    accounts.close(by=dee, user=ana, now=now)


def test_an_administrator_of_one_location_does_not_count_as_the_last_one(hire, dee, now):
    hire("Lee Wong", Role.ADMINISTRATOR, location_id=1)
    with pytest.raises(accounts.LastAdministrator):
        accounts.close(by=SYSTEM, user=dee, now=now)


def test_a_closed_account_is_out_with_its_next_click(signed_in, dee, ana, now):
    browser = signed_in(ana)
    assert browser.get("/access/").status_code == 200
    accounts.close(by=dee, user=ana, now=now)
    assert browser.get("/access/").status_code == 302
    accounts.reopen(by=dee, user=ana, now=now)


def test_a_revoked_role_is_gone_with_the_next_click(signed_in, dee, ana, now):
    browser = signed_in(ana)
    assert browser.get("/access/").status_code == 200
    accounts.revoke(by=dee, grant=ana.grants.get(), now=now)
    assert browser.get("/access/").status_code == 403


def test_lost_factors_are_removed_and_recorded(signed_in, dee, ana):
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=ana, type=Authenticator.Type.TOTP, data={"secret": "x"})
    signed_in(dee).post(f"/access/people/{ana.pk}/factors/")
    assert not Authenticator.objects.exists()
    assert AuditEntry.objects.get(verb="account.factors").details == {"added": [], "removed": ["totp"]}


def test_compliance_searches_the_trail_and_is_recorded_doing_it(signed_in, cole, ana, now):
    audit.record(by=ana, verb="people.read", now=now, person=7, reason="call back")
    audit.record(by=ana, verb="people.search", now=now, people=[6, 7])
    audit.record(by=ana, verb="people.read", now=now, person=8)
    browser = signed_in(cole)
    page = browser.post("/access/audit/", {"person": "7", "actor": ana.pk, "first": "2026-03-04", "last": "2026-03-04"})
    assert page.status_code == 200
    assert "call back" in page.text
    assert "2 people" in page.text
    assert "person 8" not in page.text
    line = AuditEntry.objects.get(verb="audit.search")
    assert (line.actor, line.person_id, line.details["lines"]) == (cole, 7, 2)


@pytest.mark.parametrize(
    "typed", [{"person": "x"}, {"person": "0"}, {"person": str(2**70)}, {"first": "2026-13-45"}, {"actor": "999"}]
)
def test_a_question_that_makes_no_sense_is_answered_at_the_field(signed_in, cole, typed):
    assert signed_in(cole).post("/access/audit/", typed).status_code == 422


def test_many_lines_come_in_pages(signed_in, cole, now):
    for n in range(70):
        audit.record(by=SYSTEM, verb="people.read", now=now, person=n + 1)
    browser = signed_in(cole)
    page = browser.post("/access/audit/", {"verb": "people"}, headers={"HX-Request": "true"})
    assert "<html" not in page.text
    assert "person 70" in page.text
    assert "person 20<" not in page.text
    older = AuditEntry.objects.filter(verb="people.read").order_by("-id")[49].pk
    assert "person 20" in browser.post("/access/audit/", {"verb": "people", "before": older}).text


def test_breaking_the_glass_needs_a_reason_and_tells_compliance(signed_in, bea, cole):
    browser = signed_in(bea)
    assert browser.get("/access/break-glass/7/").status_code == 200
    assert browser.post("/access/break-glass/7/", {"reason": "because"}).status_code == 422
    assert not BreakGlass.objects.exists()
    assert browser.post("/access/break-glass/7/", {"reason": "Collapsed in the waiting room"}).status_code == 302
    glass = BreakGlass.objects.get()
    assert (glass.user, glass.person_id, (glass.closes_at - glass.opened_at).seconds) == (bea, 7, 3600)
    line = AuditEntry.objects.get(verb="breakglass.open")
    assert (line.person_id, line.reason) == (7, "Collapsed in the waiting room")
    compliance = signed_in(cole)
    assert "Collapsed in the waiting room" in compliance.get("/access/break-glass/").text
    compliance.post(f"/access/break-glass/{glass.pk}/review/", {"note": "Right to do so"})
    glass.refresh_from_db()
    assert (glass.reviewed_by, glass.review_note) == (cole, "Right to do so")
    assert AuditEntry.objects.filter(verb="breakglass.review", person_id=7).exists()


def test_an_access_is_reviewed_once_and_not_by_whoever_made_it(bea, cole, now):
    glass = breakglass.open(by=bea, person_id=7, reason="Collapsed in the waiting room", now=now)
    with pytest.raises(breakglass.OwnReview):
        breakglass.review(by=bea, glass=glass, note="fine", now=now)
    breakglass.review(by=cole, glass=glass, note="fine", now=now)
    with pytest.raises(breakglass.AlreadyReviewed):
        breakglass.review(by=cole, glass=glass, note="again", now=now)


def test_the_glass_closes_after_an_hour(bea, clock):
    breakglass.open(by=bea, person_id=7, reason="Collapsed in the waiting room", now=clock.now())
    assert breakglass.opened(by=bea, now=clock.forward(minutes=59)) == [7]
    assert breakglass.opened(by=bea, now=clock.forward(minutes=1)) == []
    assert breakglass.waiting() == 1


def test_a_role_can_be_given_once_with_the_same_limits(dee, ana, now):
    with pytest.raises(accounts.AlreadyGranted):
        accounts.grant(by=dee, user=ana, role=Role.MARKETER, now=now)
    accounts.grant(by=dee, user=ana, role=Role.MARKETER, location_id=3, now=now)
    assert Grant.objects.filter(user=ana).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_administrators_can_not_remove_each_other_at_the_same_moment(hire, now):
    one, two = hire("Dee Novak", Role.ADMINISTRATOR), hire("Lee Wong", Role.ADMINISTRATOR)
    gate, outcomes = threading.Barrier(2), []

    def remove(by, other):
        try:
            gate.wait(10)
            accounts.close(by=by, user=other, now=now)
            outcomes.append("closed")
        except accounts.LastAdministrator:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["closed", "refused"]
    assert User.objects.filter(is_active=True).count() == 1
