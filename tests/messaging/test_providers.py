"""What the channel over a provider says of messages, against servers that speak a provider's interface and behave badly."""

import socket
from urllib.parse import unquote

import msgspec
import pytest
from django.core.exceptions import ImproperlyConfigured

from rapport.messaging import message
from rapport.messaging.carried import Always
from rapport.messaging.channels.email.providers import KINDS, Provider
from tests.messaging import stage
from tests.messaging.bad_provider import (
    CUT,
    Reply,
    channel,
    postmark_says,
    provider,
    taken_by_postmark,
    taken_by_sendgrid,
)
from tests.messaging.test_smtp import letters

OURS = {"List-Unsubscribe", "List-Unsubscribe-Post", "Message-ID", "Auto-Submitted"}


def kinds(made, messages, timeout=2.0):
    return [one.kind for one in made.send(messages, Always(), timeout)]


def test_many_messages_go_over_one_line_and_keep_the_name_the_provider_gave():
    with provider("postmark", taken_by_postmark) as (server, made):
        said = list(made.send(letters("ada", "ben", "cal"), Always(), 2.0))
    assert [(one.kind, one.words) for one in said] == [("accepted", "pm-1"), ("accepted", "pm-2"), ("accepted", "pm-3")]
    assert server.lines == 1


def test_postmark_is_told_who_writes_what_and_that_it_must_not_track():
    with provider("postmark", taken_by_postmark) as (server, made):
        assert kinds(made, letters("ada")) == ["accepted"]
    (asked,) = server.asked
    told = asked.told
    assert (asked.path, asked.headers["X-Postmark-Server-Token"]) == ("/email", "server_token-x")
    assert (told["To"], told["From"]) == ("ada@mail.example", "Riverbend Health <hello@riverbend.example>")
    assert (told["TextBody"], told["HtmlBody"]) == ("Hello\n", "<p>Hello\n</p>")
    assert (told["TrackOpens"], told["TrackLinks"]) == (False, "None")
    assert told["Metadata"] == {"rapport": "<1.x@riverbend.example>"}
    named = {one["Name"]: one["Value"] for one in told["Headers"]}
    assert named["Message-ID"] == "<1.x@riverbend.example>"
    assert named["X-PM-KeepID"] == "true"
    assert named["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_sendgrid_takes_without_a_word_and_is_told_not_to_track():
    with provider("sendgrid", taken_by_sendgrid) as (server, made):
        assert kinds(made, letters("ada", "ben")) == ["accepted"] * 2
    told = server.asked[0].told
    assert server.asked[0].headers["Authorization"] == "Bearer api_key-x"
    assert told["tracking_settings"]["click_tracking"]["enable"] is False
    assert told["tracking_settings"]["open_tracking"]["enable"] is False
    assert told["custom_args"]["rapport"] == "<1.x@riverbend.example>"


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_provider_gets_our_name_of_the_message_and_the_way_to_stop_it(name):
    with provider(name, lambda _: Reply(500)) as (server, made):
        kinds(made, letters("ada"))
    whole = unquote(server.asked[0].body.decode())
    assert "1.x@riverbend.example" in whole
    assert "riverbend.example/u/x" in whole
    assert "One-Click" in whole


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (postmark_says(422, 300, "Invalid 'To' address: 'ada@mail.example'."), "refused"),
        (postmark_says(422, 406, "Found inactive addresses: ada@mail.example. Inactive recipients are ones"), "refused"),
        (Reply(body='{"ErrorCode":0,"Message":"OK","MessageID":"x","To":"ada@mail.example"}'), "accepted"),
        (postmark_says(422, 300, "Invalid metadata content."), "refused"),
        (postmark_says(413, 0), "refused"),
        (postmark_says(401, 10), "busy"),
        (postmark_says(422, 400, "The sender signature was not found"), "busy"),
        (postmark_says(422, 405, "Not allowed to send: you ran out of credits"), "busy"),
        (Reply(301, "", {"Location": "https://elsewhere.example/"}), "busy"),
        (Reply(429, "", {"Retry-After": "7"}), "busy"),
        (Reply(503, ""), "busy"),
        (Reply(500, "oops"), "lost"),
        (Reply(502, ""), "lost"),
        (Reply(504, ""), "lost"),
        (Reply(408, ""), "lost"),
        (Reply(200, "<html>a proxy speaks</html>"), "lost"),
        (Reply(200, "[]"), "lost"),
        (CUT, "lost"),
    ],
)  # fmt: skip
def test_each_answer_means_one_thing(said, kind):
    with provider("postmark", lambda _: said) as (server, made):
        (answer,) = made.send(letters("ada"), Always(), 2.0)
    assert answer.kind == kind, answer
    assert "ada" not in answer.words, "the words of a provider may name people"
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "86400"}, 600),
        ({"Retry-After": "Wed, 04 Mar 2026 15:00:30 GMT", "Date": "Wed, 04 Mar 2026 15:00:10 GMT"}, 20),
        ({"Retry-After": "soon"}, 0),
        ({}, 0),
    ],
)
def test_a_provider_may_ask_for_patience(headers, wait):
    with provider("sendgrid", lambda _: Reply(429, "", headers)) as (_, made):
        answers = list(made.send(letters("ada", "ben"), Always(), 2.0))
    assert [(one.kind, one.wait) for one in answers] == [("busy", wait), ("untouched", 0)]


def test_a_slow_answer_leaves_it_open_and_the_next_stays_where_it_is():
    with provider("postmark", lambda _: Reply(after=0.6)) as (server, made):
        assert kinds(made, letters("ada", "ben", "cal"), 0.2) == ["lost", "busy", "untouched"]
    assert len(server.asked) == 1


def test_without_a_line_everybody_waits():
    made = channel("postmark", f"http://127.0.0.1:{stage.free_port()}/")
    assert kinds(made, letters("ada", "ben")) == ["busy", "untouched"]


class TestWhereTheProviderKnowsKeys:
    def test_a_message_left_open_is_asked_again_by_the_same_key(self):
        with provider("resend", lambda one: CUT if one.number == 1 else Reply(body='{"id": "re-1"}')) as (server, made):
            (answer,) = made.send(letters("ada"), Always(), 2.0)
        assert (answer.kind, answer.words) == ("accepted", "re-1")
        assert [one.headers["Idempotency-Key"] for one in server.asked] == ["<1.x@riverbend.example>"] * 2
        assert server.asked[0].body == server.asked[1].body

    def test_once_more_and_not_for_ever(self):
        with provider("resend", lambda _: Reply(500)) as (server, made):
            assert kinds(made, letters("ada", "ben")) == ["lost", "busy"]
        assert len(server.asked) == 2

    def test_a_no_of_patience_to_the_second_question_does_not_close_the_first(self):
        with provider("resend", lambda one: CUT if one.number == 1 else Reply(429)) as (_, made):
            assert kinds(made, letters("ada")) == ["lost"]


class TestTheWayOut:
    @pytest.mark.parametrize("url", ["http://api.postmarkapp.com/", "http://127.0.0.1:9/", "https://127.0.0.1:9/"])
    def test_neither_clear_text_nor_this_machine_is_called_whatever_a_setting_says(self, url):
        made = Provider("postmark", {"server_token": "x", "api_url": url})
        (answer,) = made.send(letters("ada"), Always(), 2.0)
        assert (answer.kind, answer.words[:19]) == ("busy", "No line to postmark")

    @pytest.mark.parametrize("inside", [["10.0.0.8"], ["169.254.169.254"], ["93.184.216.34", "192.168.1.1"]])
    def test_a_name_with_one_private_address_is_not_called(self, monkeypatch, inside):
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (one, 443)) for one in inside])
        made = Provider("postmark", {"server_token": "x"})
        (answer,) = made.send(letters("ada"), Always(), 2.0)
        assert (answer.kind, "leads to a private address" in answer.words) == ("busy", True)

    def test_a_redirect_is_not_followed(self):
        with provider("postmark", taken_by_postmark) as (inside, _):
            away = Reply(307, "", {"Location": f"{inside.url}email"})
            with provider("postmark", lambda _: away) as (_, made):
                assert kinds(made, letters("ada")) == ["busy"]
            assert inside.asked == []

    def test_the_environment_has_no_say(self, monkeypatch, tmp_path):
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login eve password secret\n")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        with provider("postmark", taken_by_postmark) as (server, made):
            assert kinds(made, letters("ada")) == ["accepted"]
        assert "Authorization" not in server.asked[0].headers


class TestSettings:
    def test_an_unknown_provider_stops_the_start(self):
        with pytest.raises(ImproperlyConfigured, match="is none of"):
            Provider("pigeon", {})
        with pytest.raises(ImproperlyConfigured, match="reached as a relay"):
            Provider("ses", {})

    def test_a_missing_or_strange_key_stops_the_start(self):
        with pytest.raises(ImproperlyConfigured, match="RAPPORT_MAIL_PROVIDER_SERVER_TOKEN"):
            Provider("postmark", {})
        with pytest.raises(ImproperlyConfigured, match="has no use for RAPPORT_MAIL_PROVIDER_DEBUG_API_REQUESTS"):
            Provider("postmark", {"server_token": "x", "debug_api_requests": "1"})

    def test_mail_over_a_provider_does_not_end_in_this_house(self, settings):
        assert message.is_embedded("email")
        settings.MAIL_PROVIDER = "postmark"
        assert not message.is_embedded("email")


def test_a_line_break_in_a_subject_goes_nowhere():
    with provider("postmark", taken_by_postmark) as (server, made):
        (one,) = letters("ada")
        bad = msgspec.structs.replace(one, rendered=type(one.rendered)("News\r\nBcc: eve@x.example", "<p>x</p>", "x"))
        assert kinds(made, [bad]) == ["refused"]
    assert server.asked == []
