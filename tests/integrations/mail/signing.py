"""How each provider proves itself: what a test needs to post a report as the provider would."""

import base64
import hashlib
import hmac
import json
import lzma
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

CORPUS = Path(__file__).with_name("corpus")
PASSWORD, KEY, TOPIC = "hook:a-long-password", "a-key-of-the-provider", "arn:aws:sns:us-east-1:123456789012:Ours"
STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
BASIC = {"Authorization": "Basic " + base64.b64encode(PASSWORD.encode()).decode()}
BY_PASSWORD = {"brevo", "mailjet", "postmark", "sparkpost"}


@lru_cache(maxsize=1)
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@lru_cache(maxsize=1)
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def bare(key) -> str:
    pem = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(pem).decode()


def certificate() -> bytes:
    """A certificate of the key with which the tests play Amazon."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(rsa_key().public_key())
        .serial_number(7)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .sign(rsa_key(), hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def secrets() -> dict[str, str]:
    return {
        **dict.fromkeys(BY_PASSWORD, PASSWORD), "amazon_ses": TOPIC, "mailersend": KEY, "mailersend_inbound": KEY, "mailgun": KEY,
        "mailtrap": KEY, "mandrill": KEY, "postal": bare(rsa_key()), "resend": STANDARD, "sendgrid": bare(ec_key()),
        "sendgrid_inbound": PASSWORD, "unisender_go": KEY,
    }  # fmt: skip


def hexed(body: bytes, how: str = "sha256") -> str:
    return hmac.digest(KEY.encode(), body, how).hex()


class Post:
    """One request: its body, its type, its headers."""

    def __init__(self, body: bytes, kind: str, headers: dict[str, str]) -> None:
        self.body, self.kind, self.headers = body, kind, headers


def as_json(told) -> bytes:
    return json.dumps(told).encode()


def sign(provider: str, told, *, now: datetime, url: str, door: str = "events", once: str = "t") -> Post:
    """What the provider would post to tell this; `told` in the form of the corpus."""
    if provider in BY_PASSWORD:
        body = {"items": [told]} if (provider, door) == ("brevo", "inbound") else told
        return Post(as_json(body), JSON, dict(BASIC))
    return SIGNERS[provider](told, now, url, once)


def mailgun(told, now, url, once) -> Post:
    given = told.get("signature", {}) if "event-data" in told else told
    moment, named = given.get("timestamp", str(int(now.timestamp()))), given.get("token", "")
    moment, named = (one[-1] if isinstance(one, list) else one for one in (moment, named))
    token = once if once != "t" else named or hashlib.sha256(as_json(told)).hexdigest()[:50]
    if "event-data" in told:
        signature = {"timestamp": moment, "token": token, "signature": hexed((moment + token).encode())}
        return Post(as_json({**told, "signature": signature}), JSON, {})
    proof = {"timestamp": moment, "token": token, "signature": hexed((moment + token).encode())}
    fields = told | {
        name: [*told[name][:-1], one] if isinstance(told.get(name), list) else one for name, one in proof.items()
    }
    return Post(urlencode(fields, doseq=True).encode(), FORM, {})


def mandrill(told, now, url, once) -> Post:
    events = json.dumps(told)
    signature = hmac.digest(KEY.encode(), f"{url}mandrill_events{events}".encode(), "sha1")
    signed = {"X-Mandrill-Signature": base64.b64encode(signature).decode()}
    return Post(urlencode({"mandrill_events": events}).encode(), FORM, signed)


def sendgrid(told, now, url, once) -> Post:
    body, moment = as_json(told), str(int(now.timestamp()))
    signature = ec_key().sign(moment.encode() + body, ec.ECDSA(hashes.SHA256()))
    head = "X-Twilio-Email-Event-Webhook"
    return Post(body, JSON, {f"{head}-Signature": base64.b64encode(signature).decode(), f"{head}-Timestamp": moment})


def postal(told, now, url, once) -> Post:
    body = as_json(told)
    signature = rsa_key().sign(body, padding.PKCS1v15(), hashes.SHA1())
    return Post(body, JSON, {"X-Postal-Signature": base64.b64encode(signature).decode()})


def resend(told, now, url, once) -> Post:
    name = once if once != "t" else "msg_2W2D3qXLS5fOaPja1GDg7rF2CwB"
    body, moment = as_json(told), str(int(now.timestamp()))
    key = base64.b64decode(STANDARD.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"{name}.{moment}.".encode() + body, "sha256")).decode()
    return Post(body, JSON, {"svix-id": name, "svix-timestamp": moment, "svix-signature": f"v1,{signature}"})


def unisender_go(told, now, url, once) -> Post:
    body = as_json({**told, "auth": KEY})
    proof = hashlib.md5(body, usedforsecurity=False).hexdigest()
    return Post(body.replace(KEY.encode(), proof.encode()), JSON, {})


def amazon_ses(told, now, url, once) -> Post:
    moment = told.get("Timestamp") or (now - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    message = {**told, "Timestamp": moment, "TopicArn": TOPIC, "SignatureVersion": "2"}
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    if message["Type"] == "Notification":
        names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    text = "".join(f"{name}\n{message[name]}\n" for name in names if message.get(name) is not None)
    signature = rsa_key().sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    message |= {
        "Signature": base64.b64encode(signature).decode(),
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/x.pem",
    }
    head = {"x-amz-sns-message-type": message["Type"], "x-amz-sns-message-id": message["MessageId"]}
    return Post(as_json(message), "text/plain; charset=UTF-8", head)


SIGNERS = {
    "amazon_ses": amazon_ses,
    "mailersend": lambda told, now, url, once: Post(as_json(told), JSON, {"Signature": hexed(as_json(told))}),
    "mailgun": mailgun,
    "mailtrap": lambda told, now, url, once: Post(as_json(told), JSON, {"Mailtrap-Signature": hexed(as_json(told))}),
    "mandrill": mandrill,
    "postal": postal,
    "resend": resend,
    "sendgrid": sendgrid,
    "unisender_go": unisender_go,
}


@lru_cache(maxsize=1)
def cases() -> list[tuple[str, str, dict]]:
    """(provider, door, case) of the corpus."""
    told = json.loads(lzma.decompress((CORPUS / "anymail.json.xz").read_bytes()))
    found = []
    for name, many in told.items():
        provider, _, door = name.rpartition("_")
        found += [(provider, "inbound" if door == "inbound" else "events", one) for one in many]
    return found
