"""Drafting, saving and cloning a plan."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from rapport.campaigns import actions, audience, plan, queries
from rapport.campaigns.models import Campaign
from rapport.segments import language
from rapport.trust.models import AuditEntry, User
from rapport.trust.sight import Sight
from tests.campaigns import clinic

pytestmark = pytest.mark.django_db


def test_two_campaigns_of_one_name_have_their_own_address_and_salt(ana: User, now: datetime) -> None:
    one, other = (actions.draft(by=ana, name="Knee seminar", now=now) for _ in range(2))
    assert (one.slug, other.slug) == ("knee-seminar", "knee-seminar-2")
    assert one.salt != other.salt


def test_no_campaign_takes_the_address_of_the_page_for_new_ones(ana: User, now: datetime) -> None:
    assert actions.draft(by=ana, name="New", now=now).slug != "new"


def test_saving_keeps_the_class_and_its_clause_in_the_audit_line(ana: User, now: datetime) -> None:
    campaign = actions.draft(by=ana, name="Knee seminar", now=now)
    actions.save(by=ana, campaign=campaign, planned={"purpose": "P2", "remunerated": True}, now=now)
    details = AuditEntry.objects.get(verb="campaigns.save").details
    assert details["is_hipaa_marketing"] is True
    assert "164.508" in details["clause"]


def test_saving_what_is_already_so_writes_no_line(ana: User, now: datetime) -> None:
    campaign = actions.draft(by=ana, name="Knee seminar", now=now)
    actions.save(by=ana, campaign=campaign, planned={"name": "Knee seminar"}, now=now)
    assert not AuditEntry.objects.filter(verb="campaigns.save").exists()


def test_the_topic_follows_the_purpose(ana: User, now: datetime) -> None:
    campaign = actions.draft(by=ana, name="Knee seminar", now=now)
    assert actions.save(by=ana, campaign=campaign, planned={"purpose": "P2"}, now=now).topic == "health_services"
    assert actions.save(by=ana, campaign=campaign, planned={"purpose": "P11"}, now=now).topic == "survey"


def test_a_launched_plan_is_not_changed_and_what_is_no_plan_is_refused(ana: User, now: datetime) -> None:
    campaign = actions.draft(by=ana, name="Knee seminar", now=now)
    with pytest.raises(ValueError, match="salt"):
        actions.save(by=ana, campaign=campaign, planned={"salt": "mine"}, now=now)
    Campaign.objects.update(state=Campaign.State.LAUNCHED, launched_at=now)
    with pytest.raises(actions.NotADraft):
        actions.save(by=ana, campaign=campaign, planned={"name": "Other"}, now=now)


def test_a_clone_has_the_plan_but_its_own_lot_and_no_time(ana: User, now: datetime) -> None:
    campaign = clinic.campaign(ana, now, send_at=now + timedelta(days=1), holdout_percent=Decimal(20))
    copy = actions.clone(by=ana, campaign=campaign, now=now)
    assert (copy.segment, copy.version, copy.holdout_percent) == (campaign.segment, campaign.version, Decimal(20))
    assert copy.send_at is None
    assert copy.salt != campaign.salt
    assert copy.state == Campaign.State.DRAFT


def test_a_draft_cannot_be_stopped(ana: User, now: datetime) -> None:
    with pytest.raises(actions.NotRunning):
        actions.stop(by=ana, campaign=clinic.campaign(ana, now), now=now)


def test_a_wording_that_is_not_published_stops_the_launch(ana: User, now: datetime) -> None:
    campaign = clinic.campaign(ana, now)
    campaign.version.state = "retired"
    assert [remark.step for remark in plan.missing(campaign, now=now)] == ["what"]


def test_without_a_control_group_there_is_advice_and_no_stop(ana: User, now: datetime) -> None:
    campaign = clinic.campaign(ana, now, holdout_percent=Decimal(0))
    assert plan.missing(campaign, now=now) == []
    assert any(remark.step == "control" for remark in plan.remarks(campaign, now=now))


def test_a_paid_campaign_is_warned_about_authorizations(ana: User, now: datetime) -> None:
    campaign = clinic.campaign(ana, now, remunerated=True)
    assert any("authorization" in remark.text for remark in plan.remarks(campaign, now=now))


def test_giving_data_to_third_parties_is_blocked(ana: User, now: datetime) -> None:
    assert any("blocked" in remark.text for remark in plan.missing(clinic.campaign(ana, now, purpose="P9"), now=now))


def test_a_service_line_sees_its_own_campaigns_and_those_of_no_line(ana: User, now: datetime) -> None:
    mine = clinic.campaign(ana, now)
    clinic.campaign(ana, now, service_line=clinic.line("cardiology"))
    free = clinic.campaign(ana, now, service_line=None)
    sight = Sight(lines=frozenset({mine.service_line_id}))
    assert set(queries.in_sight(sight)) == {mine, free}


def test_a_segment_built_for_another_purpose_is_asked_again_for_this_one(ana: User, now: datetime) -> None:
    therapy = clinic.segment(now, language.HasCode((language.CodeIs("icd10cm", "F32.9"),)))
    campaign = clinic.campaign(ana, now, segment=therapy)
    (stop,) = plan.missing(campaign, now=now)
    assert stop.step == "who"
    assert "Mental health may not be used" in stop.text
    assert "F32.9" in stop.text
    with pytest.raises(actions.Incomplete, match="may not be used"):
        actions.launch(by=ana, campaign=campaign, now=now)
    care = clinic.campaign(ana, now, segment=therapy, purpose="P1")
    assert plan.missing(care, now=now) == []
    assert any("clinician" in remark.text for remark in plan.remarks(care, now=now))


def test_care_that_somebody_else_pays_for_is_marketing_and_may_not_use_it(ana: User, now: datetime) -> None:
    therapy = clinic.segment(now, language.HasCode((language.CodeIs("icd10cm", "F32.9"),)))
    paid = clinic.campaign(ana, now, segment=therapy, purpose="P1", remunerated=True)
    assert [remark.step for remark in plan.missing(paid, now=now)] == ["who"]


def test_a_newsletter_may_not_choose_by_diagnosis(ana: User, now: datetime) -> None:
    knees = clinic.segment(now, language.HasCode((language.CodeIs("icd10cm", "M17.11"),)))
    assert any(
        "M17.11" in one.text for one in plan.missing(clinic.campaign(ana, now, purpose="P13", segment=knees), now=now)
    )


def test_the_policy_is_told_which_classes_of_data_chose_the_people(ana: User, now: datetime) -> None:
    therapy = clinic.segment(now, language.HasCode((language.CodeIs("icd10cm", "F32.9"),)))
    care = clinic.campaign(ana, now, segment=therapy, purpose="P1")
    assert audience.said_of(care)["data_classes"] == ["general", "mental_health"]
    assert audience.message_of(care, now).data_classes == ("general", "mental_health")
    assert audience.said_of(clinic.campaign(ana, now)) == {}
