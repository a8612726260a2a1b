"""Amazon SNS: a notification is believed when its topic is ours and its signature is Amazon's.

- The secret of this provider is the name of the topic (`arn:aws:sns:...`), several parted by commas: anybody can have Amazon sign
  a message, only we can publish to our topic.
- The certificate comes from an address under `amazonaws.com`, over the one guarded client, once a process and address; its chain
  is Amazon's TLS, so what is fetched there is Amazon's. A site without a way out names a file instead (`MAIL_SNS_CERTIFICATE`).
- A request to confirm a subscription is shown to a person (`events.read`), never answered by itself.
"""

import base64
import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings
from django.http import HttpRequest

from rapport.integrations.mail.refusals import NotGenuine
from rapport.kit import http

_ADDRESS = re.compile(r"https://sns\.[a-z0-9-]{4,30}\.amazonaws\.com(?:\.cn)?/SimpleNotificationService-[0-9a-f]+\.pem")
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {"1": hashes.SHA1, "2": hashes.SHA256}
_CLIENT = http.Client()
NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


class Message(msgspec.Struct, frozen=True):
    """The envelope of SNS, with the names it has there."""

    Type: str
    MessageId: str
    TopicArn: str = ""
    Message: str = ""
    Timestamp: str = ""
    SignatureVersion: str = ""
    Signature: str = ""
    SigningCertURL: str = ""
    Subject: str | None = None
    SubscribeURL: str | None = None
    Token: str | None = None

    @property
    def sent_at(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.Timestamp)
        except ValueError:
            return None

    def told(self) -> bytes:
        """The text that is signed: names and values, one a line, without what is missing."""
        names = NOTIFICATION if self.Type == "Notification" else CONFIRMATION
        pairs = [(name, getattr(self, name)) for name in names]
        return "".join(f"{name}\n{value}\n" for name, value in pairs if value is not None).encode()


def message_of(body: bytes) -> Message:
    """Raises NotGenuine for what is no message of SNS."""
    try:
        return msgspec.json.decode(body, type=Message)
    except (msgspec.ValidationError, msgspec.DecodeError):
        raise NotGenuine("this is no message of Amazon SNS") from None


def check(request: HttpRequest, topics: str) -> None:
    """Raises NotGenuine."""
    one = message_of(request.body)
    if one.TopicArn not in [name.strip() for name in topics.split(",")]:
        raise NotGenuine("this is not our topic")
    if not is_signed(one):
        raise NotGenuine("the signature is not Amazon's")


def is_signed(one: Message) -> bool:
    algorithm = _HASHES.get(one.SignatureVersion)
    if algorithm is None or (not settings.MAIL_SNS_CERTIFICATE and _ADDRESS.fullmatch(one.SigningCertURL) is None):
        return False
    try:
        pinned = settings.MAIL_SNS_CERTIFICATE
        key = _rsa(Path(pinned).read_bytes()) if pinned else _key(one.SigningCertURL)
        key.verify(base64.b64decode(one.Signature), one.told(), padding.PKCS1v15(), algorithm())
    except (InvalidSignature, ValueError, OSError):
        return False
    return True


@lru_cache(maxsize=8)
def _key(address: str) -> RSAPublicKey:
    answer = _CLIENT.get(address, timeout=5.0)
    if answer.status != 200:
        raise ConnectionError(f"the certificate is not there ({answer.status})")
    return _rsa(answer.body)


def _rsa(pem: bytes) -> RSAPublicKey:
    key = x509.load_pem_x509_certificate(pem).public_key()
    if not isinstance(key, RSAPublicKey):
        raise ConnectionError("the certificate holds no RSA key")
    return key
