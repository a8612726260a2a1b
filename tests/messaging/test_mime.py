"""The bytes of an e-mail: read back by the standard library, signatures checked by hand."""

import base64
import email
import hashlib
import re
from datetime import UTC, datetime
from email import policy as mime_policy

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from rapport.content.render import Rendered
from rapport.messaging.carried import Outgoing
from rapport.messaging.channels.email import dkim, mime

AT = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


def outgoing(**more) -> Outgoing:
    said = {
        "intent_id": 7,
        "message_id": "<7.abc@riverbend.example>",
        "address": "pat@mail.example",
        "rendered": Rendered("A visit", "<p>Hello</p>", "Hello"),
        "unsubscribe_url": "https://riverbend.example/u/x",
        "at": AT,
    } | more
    return Outgoing(**said)


def assembled(message: Outgoing) -> bytes:
    return mime.assemble(message, sender="hello@riverbend.example", sender_name="Riverbend Health")


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=600)


@given(texts, texts)
def test_whatever_is_written_arrives_as_it_was_written(html, text):
    letter = email.message_from_bytes(
        assembled(outgoing(rendered=Rendered("A visit", html, text))), policy=mime_policy.default
    )
    parts = {part.get_content_type(): part.get_payload(decode=True).decode() for part in letter.iter_parts()}
    assert parts["text/html"].replace("\r\n", "\n").rstrip("\n") == html.rstrip("\n")
    assert parts["text/plain"].replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")


@given(texts)
def test_no_line_is_longer_than_mail_allows(text):
    assert all(len(line) <= 998 for line in assembled(outgoing(rendered=Rendered("A", text * 9, text))).split(b"\r\n"))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=120))
def test_a_subject_in_any_script_arrives(subject):
    letter = email.message_from_bytes(
        assembled(outgoing(rendered=Rendered(subject, "x", "x"))), policy=mime_policy.default
    )
    assert "".join(str(letter["Subject"]).split()) == "".join(subject.split())


@pytest.mark.parametrize(
    "wrong",
    [
        {"rendered": Rendered("A\r\nBcc: all@evil.example", "x", "x")},
        {"rendered": Rendered("A\nX: y", "x", "x")},
        {"address": "pat@mail.example>\r\nBcc: <all@evil.example"},
        {"address": "pat@mail.example, all@evil.example"},
        {"address": "päts@mail.example"},
        {"unsubscribe_url": "https://x\r\nX: y"},
        {"message_id": "<a>\r\nX: y"},
    ],
)
def test_nothing_can_be_smuggled_into_the_head(wrong):
    with pytest.raises(mime.UnsafeHeader):
        assembled(outgoing(**wrong))


def test_the_head_is_complete():
    letter = email.message_from_bytes(assembled(outgoing()), policy=mime_policy.default)
    assert letter["From"] == "Riverbend Health <hello@riverbend.example>"
    assert letter["To"] == "pat@mail.example"
    assert letter["List-Unsubscribe"] == "<https://riverbend.example/u/x>"
    assert letter["Message-ID"] == "<7.abc@riverbend.example>"
    assert letter["Date"].datetime == AT
    assert letter.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_signature_holds_and_breaks_when_a_letter_changes(kind):
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ed25519.Ed25519PrivateKey.generate()
    raw = dkim.sign(assembled(outgoing()), domain="riverbend.example", selector="s1", key=key)
    assert verified(raw, key.public_key())
    assert not verified(raw.replace(b"Subject: A visit", b"Subject: A Visit"), key.public_key())
    assert not verified(raw.replace(b"Hello", b"Hallo"), key.public_key())


def verified(raw: bytes, public) -> bool:
    """RFC 6376, 6.1.3, written down a second time from the standard."""
    head, body = raw.split(b"\r\n\r\n", 1)
    lines = re.split(rb"\r\n(?![ \t])", head)
    mark = next(line for line in lines if line.lower().startswith(b"dkim-signature:"))
    tags = dict(re.findall(rb"(\w+)=([^;]*)", mark.partition(b":")[2]))
    trimmed = (
        re.sub(
            rb"(\r\n)*\Z",
            b"",
            b"\r\n".join(re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")),
        )
        + b"\r\n"
    )
    if base64.b64encode(hashlib.sha256(trimmed).digest()) != tags[b"bh"].strip():
        return False

    def relaxed(line: bytes) -> bytes:
        name, _, value = line.partition(b":")
        return name.lower() + b":" + re.sub(rb"[ \t\r\n]+", b" ", value).strip()

    told = b""
    for name in tags[b"h"].strip().split(b":"):
        told += relaxed(next(line for line in lines if line.lower().startswith(name + b":"))) + b"\r\n"
    told += re.sub(rb"b=[^;]*\Z", b"b=", relaxed(mark))
    signature = base64.b64decode(re.sub(rb"\s", b"", tags[b"b"]))
    try:
        if tags[b"a"].strip() == b"rsa-sha256":
            public.verify(signature, told, padding.PKCS1v15(), hashes.SHA256())
        else:
            public.verify(signature, hashlib.sha256(told).digest())
    except InvalidSignature:
        return False
    return True
