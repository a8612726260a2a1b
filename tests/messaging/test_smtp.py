"""What the SMTP channel says of messages, against relays that behave badly."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from rapport.content.render import Rendered
from rapport.messaging.carried import Always, Outgoing
from rapport.messaging.channels.email import CHANNEL
from tests.messaging import bad_relay
from tests.messaging.bad_relay import CUT

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
both_ways = pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "one by one"])


def letters(*names: str, text: str = "Hello\n") -> list[Outgoing]:
    return [
        Outgoing(
            intent_id=number,
            message_id=f"<{number}.x@riverbend.example>",
            address=f"{name}@mail.example",
            rendered=Rendered("News", f"<p>{text}</p>", text),
            unsubscribe_url="https://riverbend.example/u/x",
            at=NOW,
        )
        for number, name in enumerate(names, 1)
    ]


def kinds(messages: list[Outgoing], go=None) -> list[str]:
    return [one.kind for one in CHANNEL.send(messages, go or Always(), 2.0)]


def names(relay: bad_relay.Relay) -> list[str]:
    return [address.partition("@")[0] for address, _ in relay.taken]


@both_ways
def test_many_messages_go_over_one_line(settings, pipelining):
    with bad_relay.relay(settings, pipelining=pipelining) as relay:
        assert kinds(letters("ada", "ben", "cal")) == ["accepted"] * 3
    assert (names(relay), relay.lines) == (["ada", "ben", "cal"], 1)


@both_ways
def test_a_recipient_who_is_refused_is_refused_alone(settings, pipelining):
    said = {"ben@mail.example": "550 5.1.1 nobody of that name"}
    with bad_relay.relay(settings, pipelining=pipelining, at_envelope=lambda who, _: said.get(who)) as relay:
        assert kinds(letters("ada", "ben", "cal")) == ["accepted", "refused", "accepted"]
    assert names(relay) == ["ada", "cal"]


@both_ways
def test_a_recipient_who_is_put_off_may_be_tried_again_and_the_others_go(settings, pipelining):
    said = {"ada@mail.example": "450 4.2.0 greylisted"}
    with bad_relay.relay(settings, pipelining=pipelining, at_envelope=lambda who, _: said.get(who)) as relay:
        assert kinds(letters("ada", "ben")) == ["later", "accepted"]
    assert names(relay) == ["ben"]


@both_ways
@pytest.mark.parametrize("said", ["421 4.3.2 closing", "451 4.7.28 unusual rate of mail"])
def test_a_relay_that_asks_for_patience_is_left_alone(settings, pipelining, said):
    with bad_relay.relay(settings, pipelining=pipelining, at_end=lambda who, _: said) as relay:
        assert kinds(letters("ada", "ben", "cal")) == ["busy", "untouched", "untouched"]
    assert names(relay) == []


@both_ways
def test_a_line_cut_at_the_end_of_the_words_leaves_it_open_and_the_next_goes_over_a_new_line(settings, pipelining):
    with bad_relay.relay(
        settings, pipelining=pipelining, at_end=lambda who, _: CUT if who.startswith("ada") else None
    ) as relay:
        assert kinds(letters("ada", "ben")) == ["lost", "accepted"]
    assert (names(relay), relay.lines) == (["ben"], 2)


@both_ways
def test_a_line_that_the_relay_closed_since_is_opened_again_and_nobody_notices(settings, pipelining):
    with bad_relay.relay(settings, pipelining=pipelining, per_line=2) as relay:
        assert kinds(letters("ada", "ben", "cal", "dan", "eve")) == ["accepted"] * 5
    assert (names(relay), relay.lines) == (["ada", "ben", "cal", "dan", "eve"], 3)


@both_ways
def test_a_line_cut_at_the_envelope_of_a_new_line_is_an_outage(settings, pipelining):
    with bad_relay.relay(settings, pipelining=pipelining, at_envelope=lambda who, _: CUT) as relay:
        assert kinds(letters("ada", "ben")) == ["busy", "untouched"]
    assert names(relay) == []


def test_a_message_that_may_not_go_any_more_is_not_sent_though_its_envelope_was_named(settings):
    class Once:
        """The first may go; the second seemed so until its turn came."""

        def __call__(self, message: Outgoing) -> bool:
            return message.intent_id == 1

        def soon(self, message: Outgoing) -> bool:
            return True

    with bad_relay.relay(settings) as relay:
        assert kinds(letters("ada", "ben"), Once()) == ["accepted", "untouched"]
        assert kinds(letters("cal")) == ["accepted"]
    assert (names(relay), relay.lines) == (["ada", "cal"], 2)


@both_ways
def test_dots_at_the_beginning_of_lines_arrive_as_they_were(settings, pipelining):
    text = ".\n..two\n.bashrc\nend."
    with bad_relay.relay(settings, pipelining=pipelining) as relay:
        assert kinds(letters("ada", "ben", text=text)) == ["accepted"] * 2
    for _, words in relay.taken:
        plain = message_from_bytes(words, policy=policy.default).get_body(("plain",))
        assert plain.get_content().splitlines() == text.splitlines()


def test_without_encryption_nothing_is_said_where_encryption_is_asked(settings):
    settings.SMTP_TLS = "starttls"
    with bad_relay.relay(settings) as relay:
        assert kinds(letters("ada")) == ["busy"]
    assert names(relay) == []


def test_a_message_that_can_not_be_put_into_bytes_holds_nobody_up(settings):
    ada, ben = letters("ada", "ben")
    with bad_relay.relay(settings) as relay:
        strange = Outgoing(**{**{f: getattr(ada, f) for f in ada.__struct_fields__}, "address": "a\r\nb@mail.example"})
        assert kinds([strange, ben]) == ["refused", "accepted"]
    assert names(relay) == ["ben"]
