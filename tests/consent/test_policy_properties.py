"""What must hold for every world, not only for those somebody thought of."""

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rapport.consent import policy, rules
from rapport.consent.policy import ConsentFact, ContactFact, Facts, SuppressionFact

START = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 200 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
channels = st.sampled_from(["email", "sms", "all"])
topics = st.sampled_from(["care", "health_services", "newsletter", "survey", "all"])


either = st.sampled_from(["granted", "withdrawn"])


def statements(status=either):
    return st.builds(
        ConsentFact,
        id=st.integers(1, 10_000),
        channel=channels,
        topic=topics,
        status=status,
        at=moments,
        tier=st.sampled_from(["express", "authorization"]),
        expires_at=st.none() | moments,
        says_paid=st.booleans(),
    )


worlds = st.builds(
    Facts,
    person_id=st.just(1),
    at=moments,
    channel=st.sampled_from(["email", "sms"]),
    purpose=st.sampled_from([f"P{n}" for n in range(1, 15)]),
    topic=st.sampled_from(["care", "health_services", "newsletter", "survey", "billing"]),
    remunerated=st.booleans(),
    deceased_at=st.none() | moments,
    state=st.sampled_from(["MA", "TX", ""]),
    timezone=st.sampled_from(["America/New_York", "Pacific/Honolulu", "Australia/Lord_Howe", "", "Nowhere/Land"]),
    contact=st.none() | st.builds(ContactFact, is_valid=st.booleans(), bounced_at=st.none() | moments),
    consents=st.lists(statements(), max_size=6, unique_by=lambda one: one.id).map(tuple),
    suppressions=st.lists(
        st.builds(SuppressionFact, topic=topics, reason=st.sampled_from(["staff", "bounced"]), at=moments), max_size=2
    ).map(tuple),
    sent_at=st.lists(moments, max_size=6).map(tuple),
    on_their_way=st.integers(0, 2),
)


@given(worlds, statements(status=st.just("withdrawn")))
def test_one_more_revocation_never_turns_a_no_into_a_yes(world, revocation):
    more = msgspec.structs.replace(world, consents=(*world.consents, revocation))
    assert not (policy.decide(more).allowed and not policy.decide(world).allowed)


@given(worlds, st.randoms())
def test_the_order_of_facts_does_not_matter(world, random):
    def shuffled(many):
        mixed = list(many)
        random.shuffle(mixed)
        return tuple(mixed)

    other = msgspec.structs.replace(
        world,
        consents=shuffled(world.consents),
        suppressions=shuffled(world.suppressions),
        sent_at=shuffled(world.sent_at),
    )
    assert policy.decide(other) == policy.decide(world)
    assert policy.facts_json(other) == policy.facts_json(world)


@given(st.lists(worlds, max_size=5))
def test_a_batch_answers_like_one_by_one(many):
    assert policy.decide_many(many) == [policy.decide(one) for one in many]


@given(worlds)
def test_a_wait_ends_at_an_hour_that_is_open_and_in_the_future(world):
    verdict = policy.decide(world)
    if verdict.only_waits:
        assert verdict.try_again_at > world.at
        later = msgspec.structs.replace(world, at=verdict.try_again_at, on_their_way=0, sent_at=())
        quiet = next(one for one in policy.decide(later).gates if one.gate == "quiet_hours")
        assert quiet.passed


@given(worlds)
def test_a_yes_means_that_every_gate_said_yes(world):
    verdict = policy.decide(world)
    assert verdict.allowed == all(one.passed for one in verdict.gates)
    assert len(verdict.gates) == 7
    assert verdict.rules_version == rules.fingerprint()


@given(worlds)
def test_facts_survive_being_written_down(world):
    again = policy.facts_from_json(policy.facts_json(world))
    assert policy.decide(again) == policy.decide(world)
