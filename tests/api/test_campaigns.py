"""Programs ask about campaigns: plans, runs, comparisons, what was not sent, forecasts; and about the reviews of words."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from rapport.campaigns import actions, comparison, due, unsent
from rapport.campaigns.models import Assignment
from rapport.content.reviewing import actions as reviewing
from rapport.kit import clock
from rapport.segments import store, sync
from rapport.trust.actors import SYSTEM
from tests.campaigns import clinic
from tests.content.reviewing import desk

NAME = re.compile(r"Testa|Given")


@pytest.fixture
def tested(transactional_db, ana, now, still):
    """Two variants tried on half of forty people; one of A and three of B clicked, and the rest waits."""
    store.forget()
    clinic.patients(40, now)
    sync.refresh(now=now)
    draft = clinic.campaign(ana, now, holdout_percent=Decimal(0), test_percent=Decimal(50), decide_after_hours=48)
    variants = [{"percent": 50}, {"percent": 50, "version": clinic.wording(now), "sender_name": "Dr Ito"}]
    actions.vary(by=ana, campaign=draft, variants=variants, now=now)
    campaign = actions.launch(by=ana, campaign=draft, now=now)
    asked = Assignment.objects.filter(campaign=campaign, variant__isnull=False).order_by("variant__label", "id")
    for one in [*asked[:1], *asked[10:13]]:
        clinic.heard(one.person, campaign, "message_clicked", now + timedelta(hours=1))
    yield campaign
    store.forget()


def test_campaigns_are_listed_with_their_plan(sent, program, ana, now):
    actions.draft(by=ana, name="Winter news", now=now + timedelta(hours=1), planned={"kind": "newsletter"})
    browser = program(ana)
    told = browser.get("/api/v1/campaigns?limit=1").json()
    assert (told["total"], told["pages"]) == (2, 2)
    assert [one["slug"] for one in told["items"]] == ["winter-news"]
    one = browser.get(f"/api/v1/campaigns/{sent.slug}").json()
    assert (one["state"], one["kind"], one["segment"], one["holdout_percent"]) == (
        "launched",
        "once",
        sent.segment.slug,
        50,
    )
    assert browser.get("/api/v1/campaigns/nothing").status_code == 404


def test_runs_tell_their_waves_and_the_numbers_add_up(tested, program, ana, now):
    browser = program(ana)
    (run,) = browser.get(f"/api/v1/campaigns/{tested.slug}/runs").json()["items"]
    assert (run["run"], run["waits_for"], run["winner"]) == ("1", "winner", None)
    assert (run["meant"], run["permitted"], run["held_out"], run["invited"], run["waiting"]) == (40, 40, 0, 20, 20)
    later = now + timedelta(hours=50)
    due.launch_due(by=SYSTEM, now=later)
    with clock.travel(later):
        (run,) = browser.get(f"/api/v1/campaigns/{tested.slug}/runs").json()["items"]
    assert (run["winner"], run["waiting"]) == ("B", 0)
    assert [wave["people"] for wave in run["waves"]] == [20, 20]


def test_a_comparison_is_the_one_of_the_page(tested, program, ana, now):
    later = now + timedelta(hours=2)
    with clock.travel(later):
        told = program(ana).get(f"/api/v1/campaigns/{tested.slug}/comparison").json()
        shown = comparison.of(tested.runs.select_related("campaign").get(), later)
    first, second = told["items"]
    assert (first["people"], second["people"], second["clicked"], second["rate"]) == (10, 10, 3, 0.3)
    assert first["against_first"] is None
    difference = shown.lines[1].against_first
    assert second["against_first"] == {
        "value": difference.value, "low": difference.low, "high": difference.high, "p": difference.p,
    }  # fmt: skip
    assert (second["sender_name"], second["subject"]) == ("Dr Ito", "Come and see us")
    assert (told["because"], told["is_split_alarm"], told["sample_ratio_p"]) == ("few", False, 1.0)


def test_a_split_that_came_out_wrong_is_an_alarm(tested, program, ana, now):
    other = tested.variants.get(label="B")
    Assignment.objects.filter(campaign=tested, variant__label="A").update(variant=other)
    told = program(ana).get(f"/api/v1/campaigns/{tested.slug}/comparison?run=1").json()
    assert (told["is_split_alarm"], told["because"]) == (True, "split")


def test_a_comparison_of_nothing_or_of_no_run_says_so(sent, tested, program, ana):
    browser = program(ana)
    assert browser.get(f"/api/v1/campaigns/{sent.slug}/comparison").status_code == 409
    assert browser.get(f"/api/v1/campaigns/{tested.slug}/comparison?run=2").status_code == 404


def test_who_sees_a_service_line_alone_gets_the_same_comparison(tested, program, hire):
    """Its holder sees nobody by name, and counts everybody."""
    lou = hire("Lou Line", "marketer", service_line_id=clinic.line().pk)
    with clock.travel(clock.now() + timedelta(hours=2)):
        told = program(lou).get(f"/api/v1/campaigns/{tested.slug}/comparison").json()
    assert [one["clicked"] for one in told["items"]] == [1, 3]


def test_what_was_not_sent_is_told_by_reason_and_without_people(sent, program, ana, now):
    browser = program(ana)
    told = browser.get(f"/api/v1/campaigns/{sent.slug}/unsent").json()
    assert (told["held_out"], told["items"]) == (2, [])
    assert [(one["gate"], one["people"]) for one in told["not_permitted"]] == [("consent", 1)]
    paused = actions.launch(by=ana, campaign=clinic.campaign(ana, now, holdout_percent=Decimal(0)), now=now)
    actions.pause(by=ana, campaign=paused, now=now)
    told = browser.get(f"/api/v1/campaigns/{paused.slug}/unsent").json()
    assert [(one["reason"], one["waits"]) for one in told["items"]] == [(unsent.PAUSED, True)]
    assert told["items"][0]["people"] == 4


def test_nobody_is_named_anywhere(sent, program, ana):
    browser = program(ana)
    for part in ("", "/runs", "/unsent", "/forecast"):
        words = browser.get(f"/api/v1/campaigns/{sent.slug}{part}").content.decode()
        assert not NAME.search(words)
        assert "person" not in words.replace("person has", "").replace("the person", "")


@pytest.mark.parametrize("part", ["", "/runs", "/comparison", "/unsent", "/forecast"])
def test_a_campaign_of_another_line_is_not_found(program, hire, ana, now, transactional_db, still, part):
    draft = clinic.campaign(ana, now)
    other = hire("Lou Line", "marketer", service_line_id=clinic.line("cardiology").pk)
    assert program(other).get(f"/api/v1/campaigns/{draft.slug}{part}").status_code == 404
    assert program(other).get("/api/v1/campaigns").json()["total"] == 0


def test_a_key_without_the_verb_is_refused(program, bea, ana, now, still):
    draft = clinic.campaign(ana, now)
    assert program(bea).get(f"/api/v1/campaigns/{draft.slug}/runs").status_code == 403
    assert program(ana, ["campaigns.read"]).get("/api/v1/pieces/x/reviews").status_code == 403


def test_the_reviews_of_a_version_tell_who_looked_and_who_must(program, ana, cole, dr_ito, now, still):
    version = desk.handed_in(ana, now, topic="care")
    path = f"/api/v1/pieces/{version.piece.slug}/versions/{version.number}/review"
    browser = program(ana)
    told = browser.get(path).json()
    assert (told["state"], told["may_be_sent"], told["expires_at"]) == ("review", False, None)
    assert [(one["kind"], one["is_done"]) for one in told["looks"]] == [("marketing", False), ("clinical", False)]
    reviewing.comment(by=cole, version=version, words="Is the number right?", now=now)
    end = now + timedelta(days=10)
    desk_words = version.digest
    reviewing.approve(by=cole, version=version, kind="marketing", digest_seen=desk_words, expires_at=end, now=now)
    version = reviewing.approve(
        by=dr_ito, version=version, kind="clinical", digest_seen=desk_words, credential="MD, MA 204417", now=now
    )
    told = browser.get(path).json()
    assert (told["state"], told["may_be_sent"]) == ("approved", True)
    assert [(one["by"], one["credential"]) for one in told["looks"]] == [
        (cole.name, None),
        (dr_ito.name, "MD, MA 204417"),
    ]
    assert told["comments"] == {"open": 1, "settled": 0}
    assert "Is the number right" not in browser.get(path).content.decode()
    with clock.travel(end):
        assert browser.get(path).json()["may_be_sent"] is False, "the approval has ended"
    listed = browser.get(f"/api/v1/pieces/{version.piece.slug}/reviews").json()
    assert [one["version"] for one in listed["items"]] == [version.number]
    assert browser.get(f"/api/v1/pieces/{version.piece.slug}/versions/99/review").status_code == 404
    assert browser.get("/api/v1/pieces/nothing/reviews").status_code == 404


def test_a_forecast_counts_by_channel_and_reason(sent, program, ana):
    told = program(ana).get(f"/api/v1/campaigns/{sent.slug}/forecast").json()
    assert [one["channel"] for one in told["items"]] == ["email", "sms", "call", "print", "portal"]
    for one in told["items"]:
        assert one["people"] == one["now"] + one["later"] + one["held"] == 5
        assert sum(reason["people"] for reason in one["held_back"]) == one["held"]


def test_a_forecast_of_a_plan_without_a_segment_says_what_lacks(program, ana, now, transactional_db, still):
    draft = clinic.campaign(ana, now, segment=None)
    refused = program(ana).get(f"/api/v1/campaigns/{draft.slug}/forecast")
    assert refused.status_code == 409
    assert "segment" in refused.json()["detail"]
