# ruff: noqa: E501 - reports as providers write them
"""151 real reports of 13 providers, each through our own door: what stands in the landing is read as the event it must become."""

import io
from datetime import UTC, datetime
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import msgspec
import pytest

from rapport.integrations import landing
from rapport.integrations.mail import events
from rapport.integrations.mail.envelope import unpack
from rapport.integrations.models import Landing, Reply
from rapport.kit import clock as house_clock
from tests.integrations.mail import signing

pytestmark = pytest.mark.django_db
EVENT_FIELDS = {
    "event_type": "kind", "recipient": "recipient", "message_id": "message_id", "event_id": "event_id", "mta_response": "mta_response",
    "reject_reason": "reject_reason", "description": "description", "user_agent": "user_agent", "click_url": "click_url", "tags": "tags",
    "metadata": "metadata", "timestamp": "at",
}  # fmt: skip
CASES = signing.cases()
# What Amazon keeps in a bucket is not fetched; all else of such a mail is compared.
WHERE_THEY_LIE = {"message.subject", "message.text", "message.html"}


def told_by(case):
    """What the provider would have posted."""
    payloads = case["payloads"]
    if "metadata" in payloads:  # our fields of the same name follow the provider's own, and precede what is signed
        ours, theirs = payloads["metadata"], payloads["raw_event"]
        both = {name: [*listed(theirs.get(name)), *listed(ours.get(name))] for name in {**theirs, **ours}}
        return both | {
            name: [ours[name], *listed(theirs.get(name, ""))] for name in ("signature", "timestamp", "token")
        }
    return (
        payloads.get("raw_sns_message")
        or payloads.get("raw_events")
        or payloads.get("raw_event")
        or payloads.get("payload", payloads.get("data"))
    )


def listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def latest():
    one = Landing.objects.order_by("-pk").first()
    return unpack(landing.raw_of([one])[one.pk])


def plain(value):
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC)
    if isinstance(value, tuple):
        return list(value)
    return value


def same(wanted, got):
    if isinstance(got, datetime):
        return datetime.fromisoformat(wanted) == got
    if isinstance(got, str):
        return (wanted is None and got == "") or str(wanted) == got
    return (wanted or None) == (got or None)


@pytest.mark.parametrize(
    ("provider", "door", "case"),
    CASES,
    ids=[f"{provider}-{one['test'].split('.')[-1]}-{one['line']}" for provider, _, one in CASES],
)
def test_a_real_report_becomes_the_event_it_must_become(post, client, clock, settings, provider, door, case):
    if "filenames" in case["payloads"]:
        assert_names_of_files_do_no_harm(client, clock, provider, case["payloads"]["filenames"])
        return
    told = told_by(case)
    if provider == "amazon_ses" and told.get("Timestamp"):  # reported then, so posted then
        clock.at = datetime.fromisoformat(told["Timestamp"])
    settings.ANYMAIL = {"SPARKPOST_TRACK_INITIAL_OPEN_AS_OPENED": case["test"].endswith("_as_opened")}
    if provider == "mailgun":
        clock.at = datetime.fromtimestamp(signed_at(told) or clock.at.timestamp(), UTC)
    answer = post(provider, told, door=door)
    wanted = case["expected_events"]
    if not wanted:
        assert answer.status_code in {200, 400}  # nothing is claimed of these but that they do no harm
        return
    assert answer.status_code == 200, answer.content
    if door == "inbound":
        (message,) = events.inbound(*latest())
        for name, value in wanted[0].items():
            if name.startswith("message.") and not (in_a_bucket(case) and name in WHERE_THEY_LIE):
                got = getattr(message, name.removeprefix("message."))
                assert lines(got) == lines(value), name
        return
    found = list(events.tracked(*latest()))
    assert len(found) >= len(wanted)
    for want, got in zip(wanted, found, strict=False):
        for name, value in want.items():
            if (
                provider == "postmark" and name == "timestamp"
            ):  # the corpus lost the offset: the clock on the wall is compared
                value, got = value.replace("Z", ""), msgspec.structs.replace(got, at=got.at.replace(tzinfo=None))
            assert same(value, plain(getattr(got, EVENT_FIELDS[name]))), (name, value, got)


def signed_at(told):
    given = told.get("signature", {}) if "event-data" in told else told
    moment = given.get("timestamp", 0)
    return float(moment[-1] if isinstance(moment, list) else moment)


def lines(value):
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def in_a_bucket(case):
    return '"type": "S3"' in str(case["payloads"].get("raw_sns_message", {}).get("Message", ""))


def assert_names_of_files_do_no_harm(client, clock, provider, names):
    """Names of attachments that point somewhere are only names; nothing is written anywhere."""
    mail = MIMEMultipart()
    mail["From"], mail["Subject"] = "someone@mail.example", "with files"
    mail.attach(MIMEText("see the files"))
    files = {f"attachment-{n}": named(name) for n, name in enumerate(names, 1)}
    fields = {"from": "someone@mail.example", "sender": "someone@mail.example", "recipient": "us@riverbend.example", "text": "see",
              "body-plain": "see the files", "headers": "From: someone@mail.example\nSubject: with files\n",
              "attachment-count": str(len(names)), "message-headers": '[["From", "someone@mail.example"], ["Subject", "with files"]]'}  # fmt: skip
    headers = signing.BASIC
    fields |= {} if provider == "mailgun" else {"attachments": str(len(names))}
    if provider == "mailgun":
        signed = signing.mailgun({}, clock.now(), "", "a-token")
        fields |= dict(pair.split("=") for pair in signed.body.decode().split("&"))
        headers = {}
    with house_clock.travel(clock.now()):
        answer = client.post(f"/hooks/mail/{provider}/inbound/", {**fields, **files}, headers=headers)
    assert answer.status_code == 200
    assert Reply.objects.get().channel == "email"


def named(name):
    file = io.BytesIO(b"content")
    file.name = name
    return file


def test_nothing_of_the_corpus_is_left_out():
    assert len(CASES) == 151
    assert len({provider for provider, _, _ in CASES}) == 13
