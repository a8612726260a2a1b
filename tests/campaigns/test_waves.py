"""Who is invited when: the test first, then the rest; never more than can be seen, never more than is paid for; and pauses."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.campaigns import actions, best_hour, capacity, deciding, due, pace, timing, unsent
from rapport.campaigns.models import Assignment, Campaign, Run
from rapport.messaging.models import Brief, Intent
from rapport.people.models import Fact, Person
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry, User
from rapport.trust.sealing import source_key
from tests.campaigns import clinic

World = Callable[..., list[Person]]
TWO = [{"percent": 50}, {"percent": 50, "sender_name": "Dr Ito"}]


def launched(ana: User, now: datetime, variants: list[dict] | None = None, **changes: object) -> Campaign:
    plan = {"holdout_percent": Decimal(0), "fixed_cost_cents": 0, **changes}
    campaign = clinic.campaign(ana, now, **plan)
    if variants:
        actions.vary(by=ana, campaign=campaign, variants=variants, now=now)
    return actions.launch(by=ana, campaign=campaign, now=now)


def intents(campaign: Campaign) -> int:
    return Intent.objects.filter(cause_id=campaign.pk).count()


def labels(campaign: Campaign) -> Counter[str]:
    return Counter(Assignment.objects.filter(campaign=campaign, arm="contact").values_list("variant__label", flat=True))


def test_variants_have_exactly_their_share_and_a_sender_of_their_own(world: World, ana: User, now: datetime) -> None:
    world(10)
    campaign = launched(ana, now, TWO)
    assert labels(campaign) == {"A": 5, "B": 5}
    named = Brief.objects.filter(cause_id=campaign.pk).exclude(sender_name="")
    assert [one.sender_name for one in named] == ["Dr Ito"]
    assert Intent.objects.filter(brief__in=named).count() == 5


def test_the_test_share_goes_first_and_the_rest_gets_the_winner_when_the_time_is_up(
    world: World, ana: User, now: datetime
) -> None:
    world(10)
    campaign = launched(ana, now, TWO, test_percent=Decimal(40), decide_after_hours=24)
    assert intents(campaign) == 4
    run = Run.objects.get(campaign=campaign)
    assert run.waits_for == "winner"
    assert labels(campaign) == {"A": 2, "B": 2, None: 6}
    for one in Assignment.objects.filter(campaign=campaign, variant__label="B"):
        clinic.heard(one.person, campaign, "message_clicked", now + timedelta(hours=2))
    due.launch_due(by=SYSTEM, now=now + timedelta(hours=23))
    assert intents(campaign) == 4
    due.launch_due(by=SYSTEM, now=now + timedelta(hours=25))
    run.refresh_from_db()
    assert run.winner is not None
    assert (run.winner.label, run.decision["because"], run.decision["answer"]) == ("B", "time", "clicked")
    assert run.decision["arms"] == [
        {"label": "A", "people": 2, "answered": 0},
        {"label": "B", "people": 2, "answered": 2},
    ]
    assert labels(campaign) == {"A": 2, "B": 8}
    assert intents(campaign) == 10
    assert AuditEntry.objects.get(verb="campaigns.decide").details["winner"] == "B"
    assert run.look_at is None


def test_a_person_may_decide_earlier_and_only_once(world: World, ana: User, now: datetime) -> None:
    world(10)
    campaign = launched(ana, now, TWO, test_percent=Decimal(40))
    run = Run.objects.get(campaign=campaign)
    first = campaign.variants.get(label="A")
    with pytest.raises(deciding.NotToBeDecided):
        deciding.decide(by=ana, run=run, now=now)
    decided = deciding.decide(by=ana, run=run, now=now, winner=first)
    assert decided.decision["because"] == "by_hand"
    with pytest.raises(deciding.NotToBeDecided):
        deciding.decide(by=ana, run=run, now=now, winner=campaign.variants.get(label="B"))
    due.launch_due(by=SYSTEM, now=now)
    assert labels(campaign) == {"A": 8, "B": 2}


def test_opens_decide_nothing(world: World, ana: User, now: datetime) -> None:
    world(4)
    campaign = launched(ana, now, TWO)
    for one in Assignment.objects.filter(campaign=campaign):
        clinic.heard(one.person, campaign, "message_opened", now + timedelta(minutes=5))
    counted = deciding.counts(Run.objects.get(campaign=campaign), now + timedelta(hours=1))
    assert [(one.people, one.clicked, one.booked, one.came) for one in counted] == [(2, 0, 0, 0)] * 2


def test_a_budget_stops_the_invitations_and_says_what_was_not_sent(world: World, ana: User, now: datetime) -> None:
    world(10)
    campaign = launched(ana, now, message_cost_cents=Decimal(10), fixed_cost_cents=50, budget_cents=99)
    assert intents(campaign) == 4
    run = Run.objects.get(campaign=campaign)
    assert run.waits_for == "budget"
    assert [(row.reason, row.people) for row in unsent.reasons(campaign) if not row.state] == [
        ("the budget is used up", 6)
    ]
    Intent.objects.filter(cause_id=campaign.pk, pk=Intent.objects.order_by("id")[0].pk).update(state="suppressed")
    due.launch_due(by=SYSTEM, now=now + timedelta(hours=2))
    assert intents(campaign) == 5, "a message that was not sent costs nothing"


def test_no_more_are_invited_than_can_be_seen_and_the_rest_follows_as_visits_open(
    world: World, ana: User, now: datetime
) -> None:
    world(30)
    line = clinic.line()
    week = capacity.monday(now) + timedelta(weeks=1)
    capacity.put(by=ana, service_line=line, weeks={week: 2}, now=now)
    campaign = launched(ana, now, is_paced=True, response_percent=Decimal(10))
    run = Run.objects.get(campaign=campaign)
    assert run.waits_for == "capacity"
    first = intents(campaign)
    room = capacity.room(campaign, now)
    assert 0 < first <= 20, "two visits at one in ten are twenty people, spread over the days left"
    assert room.now == 0
    assert room.expected == pytest.approx(first / 10)
    total = first
    for day in range(1, 12):
        due.launch_due(by=SYSTEM, now=now + timedelta(days=day))
        total = intents(campaign)
        assert total <= 20
    assert total == 20
    later = now + timedelta(days=12)
    capacity.put(by=ana, service_line=line, weeks={week + timedelta(weeks=1): 3}, now=later)
    due.launch_due(by=SYSTEM, now=later)
    assert intents(campaign) > 20


def test_a_booked_visit_takes_its_place_and_one_called_off_gives_it_back(
    world: World, ana: User, now: datetime
) -> None:
    (pat,) = world(1)
    line = clinic.line()
    week = capacity.monday(now) + timedelta(weeks=1)
    capacity.put(by=ana, service_line=line, weeks={week: 5}, now=now)
    for number, status in enumerate(("booked", "cancelled", "arrived")):
        Fact.objects.create(
            person=pat, kind="appointment", source_key=source_key("test", "visit", str(number)), status=status,
            starts_at=now + timedelta(days=8), service_line_id=line.pk, changed_at=now,
        )  # fmt: skip
    shown = {one.week_on: one for one in capacity.weeks(line.pk, now)}
    assert (shown[week].slots, shown[week].taken, shown[week].free) == (5, 2, 3)
    assert capacity.put(by=ana, service_line=line, weeks={week: 5}, now=now) == 0
    assert capacity.put(by=ana, service_line=line, weeks={week: None}, now=now) == 1


@settings(max_examples=80, deadline=None)
@given(
    slots=st.lists(st.integers(0, 60), min_size=4, max_size=4),
    rate=st.floats(0.01, 1),
    answers=st.lists(st.floats(0, 1), min_size=20, max_size=20),
)
def test_never_more_come_than_can_be_seen_as_long_as_no_more_come_than_expected(
    slots: list[int], rate: float, answers: list[float]
) -> None:
    weeks, out, booked, invited = [pace.Week(one, 0) for one in slots], 0, 0, 0
    for day, share in enumerate(answers):
        room = pace.room(weeks, invited=out, rate=rate, workdays=20 - day, invited_today=0)
        out, invited = out + room.now, invited + room.now
        asked = int(max(invited * rate - booked, 0) * share)  # in all, no more than were expected to
        out, booked = out - asked, booked + asked
        left = asked
        for at, week in enumerate(weeks):
            taken = min(left, week.free)
            weeks[at], left = pace.Week(week.slots, week.taken + taken), left - taken
        assert left == 0, "somebody found no open visit"
        assert booked <= sum(slots)


def test_a_pause_holds_what_has_not_left_and_resuming_lets_it_go(world: World, ana: User, now: datetime) -> None:
    world(6)
    campaign = launched(ana, now)
    gone = Intent.objects.filter(cause_id=campaign.pk)[0]
    Intent.objects.filter(pk=gone.pk).update(state="sent", settled_at=now)
    paused = actions.pause(by=ana, campaign=campaign, now=now, reason="typo")
    assert paused.state == Campaign.State.PAUSED
    assert Counter(Intent.objects.values_list("state", flat=True)) == {"sent": 1, "held": 5}
    assert actions.pause(by=ana, campaign=campaign, now=now).state == Campaign.State.PAUSED
    assert AuditEntry.objects.filter(verb="campaigns.pause").count() == 1
    assert actions.resume(by=ana, campaign=campaign, now=now).state == Campaign.State.LAUNCHED
    assert Counter(Intent.objects.values_list("state", flat=True)) == {"sent": 1, "queued": 5}
    actions.pause(by=ana, campaign=campaign, now=now)
    actions.stop(by=ana, campaign=campaign, now=now)
    assert Counter(Intent.objects.values_list("state", flat=True)) == {"sent": 1, "stopped": 5}
    with pytest.raises(actions.NotRunning):
        actions.resume(by=ana, campaign=campaign, now=now)


def test_a_paused_campaign_invites_nobody_and_runs_no_more(world: World, ana: User, now: datetime) -> None:
    world(10)
    campaign = launched(ana, now, TWO, test_percent=Decimal(40), decide_after_hours=1)
    again = launched(ana, now, kind="repeats", rule="FREQ=DAILY", send_at=now + timedelta(hours=1))
    for one in (campaign, again):
        actions.pause(by=ana, campaign=one, now=now)
    later = now + timedelta(days=2, minutes=1)
    assert due.launch_due(by=SYSTEM, now=later) == []
    assert intents(campaign) == 4
    resumed = actions.resume(by=ana, campaign=again, now=later)
    assert resumed.next_at is not None
    assert resumed.next_at > later, "what passed in the pause is left out"


def test_what_was_not_sent_is_counted_by_reason(world: World, ana: User, now: datetime) -> None:
    world(6)
    campaign = launched(ana, now, TWO, test_percent=Decimal(50))
    campaign = actions.stop(by=ana, campaign=campaign, now=now, reason="wrong price")
    found = {row.reason: row.people for row in unsent.reasons(campaign)}
    assert found == {"Stopped by staff before it went out.": 3, "stopped before it was this person's turn": 3}
    assert len(list(unsent.rows(campaign))) == 6


def test_local_time_is_the_hour_of_the_place_each_lives_in(world: World, ana: User, now: datetime) -> None:
    here, west = world(2)
    Person.objects.filter(pk=west.pk).update(timezone="America/Los_Angeles")
    at = now + timedelta(days=1)
    campaign = launched(ana, now, timing="local", send_at=at)
    times = dict(Intent.objects.filter(cause_id=campaign.pk).values_list("person_id", "due_at"))
    assert times == {here.pk: at, west.pk: at + timedelta(hours=3)}


def test_spread_is_even_over_the_window(world: World, ana: User, now: datetime) -> None:
    world(4)
    campaign = launched(ana, now, timing="spread", spread_hours=8)
    times = sorted(Intent.objects.filter(cause_id=campaign.pk).values_list("due_at", flat=True))
    assert times == [now + timedelta(hours=2 * step) for step in range(4)]


def test_a_scanner_decides_nothing_also_when_its_click_was_taken_for_a_persons_at_first(
    world: World, ana: User, now: datetime
) -> None:
    world(4)
    campaign = launched(ana, now, TWO)
    for one in Assignment.objects.filter(campaign=campaign):
        clinic.heard(one.person, campaign, "message_clicked", now + timedelta(minutes=5), intent=one.pk)
        at = now + timedelta(minutes=5, seconds=20)
        clinic.heard(one.person, campaign, "message_scanned", at, intent=one.pk, machine=True, around=60)
    run = Run.objects.get(campaign=campaign)
    assert [(one.people, one.clicked) for one in deciding.counts(run, now + timedelta(hours=1))] == [(2, 0)] * 2
    assert best_hour.of([one.person_id], now + timedelta(hours=1))[one.person_id].own == 0
    clinic.heard(one.person, campaign, "message_clicked", now + timedelta(minutes=9), intent=one.pk)
    assert sum(one.clicked for one in deciding.counts(run, now + timedelta(hours=1))) == 1


def test_the_best_hour_is_learnt_from_answers_and_one_answer_moves_nobody_far(
    world: World, ana: User, now: datetime
) -> None:
    noon, new = world(2)
    other = clinic.campaign(ana, now)
    for day in range(1, 9):
        clinic.heard(noon, other, "message_clicked", now.replace(hour=17, minute=10) - timedelta(days=day))
    found = best_hour.of([noon.pk, new.pk], now)
    assert found[noon.pk].hour == 12
    assert found[new.pk].own == 0
    everybody = {10: 500.0, 18: 100.0}
    assert best_hour.choose({18: 3.0}, everybody).hour == 10
    assert best_hour.choose({18: 30.0}, everybody).hour == 18
    assert best_hour.choose({3: 99.0}, everybody).hour in best_hour.HOURS, "nobody is written to at night"
    assert best_hour.choose({}, {}).hour == 10 or best_hour.choose({}, {}).hour == 9


def test_the_next_time_it_is_that_hour() -> None:
    zone = ZoneInfo("America/New_York")
    base = datetime(2026, 3, 7, 15, 20, tzinfo=ZoneInfo("UTC"))
    assert timing.at_hour(base, 10, zone) == base
    assert timing.at_hour(base, 12, zone).isoformat() == "2026-03-07T17:00:00+00:00"
    assert timing.at_hour(base, 9, zone).isoformat() == "2026-03-08T13:00:00+00:00"
