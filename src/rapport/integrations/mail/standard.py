"""Standard Webhooks (also Svix): HMAC-SHA256 over id, moment and raw body, in base64; several signatures may stand side by side."""

import base64
import binascii
import hmac

from django.http import HttpRequest

from rapport.integrations.mail.refusals import NotGenuine


def check(request: HttpRequest, secret: str) -> None:
    """Raises NotGenuine. The headers are called `webhook-...` by the standard and `svix-...` by Svix."""
    headers = request.headers
    prefix = "svix" if "svix-signature" in headers else "webhook"
    name, moment = headers.get(f"{prefix}-id", ""), headers.get(f"{prefix}-timestamp", "")
    if not is_genuine(
        secret=secret, name=name, moment=moment, body=request.body, signatures=headers.get(f"{prefix}-signature", "")
    ):
        raise NotGenuine("the signature does not fit")


def is_genuine(*, secret: str, name: str, moment: str, body: bytes, signatures: str) -> bool:
    """Whether one of the signatures of version 1 is right. Takes the same time whatever it finds."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return False
    if not (key and name and moment.isdigit()):
        return False
    wanted = base64.b64encode(hmac.digest(key, f"{name}.{moment}.".encode() + body, "sha256"))
    given = [one.partition(",")[2].encode() for one in signatures.split() if one.startswith("v1,")]
    return sum(hmac.compare_digest(wanted, one) for one in given) > 0
