"""Whether a webhook is the carrier's: HMAC-SHA1 over the exact public address and the sorted parameters, in base64 (Twilio)."""

import base64
import hmac
from collections.abc import Mapping, Sequence


def sign(*, token: str, url: str, parameters: Mapping[str, Sequence[str]]) -> str:
    """The signature the carrier would send."""
    told = url + "".join(f"{name}{value}" for name in sorted(parameters) for value in sorted(set(parameters[name])))
    # The carrier's scheme is SHA-1; as a keyed hash it is sound.
    return base64.b64encode(hmac.digest(token.encode(), told.encode(), "sha1")).decode()


def is_genuine(*, token: str, url: str, parameters: Mapping[str, Sequence[str]], signature: str) -> bool:
    """False without a token: then nobody can prove anything. The comparison takes the same time whatever it finds."""
    if not token or not signature:
        return False
    wanted = sign(token=token, url=url, parameters=parameters)
    return hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace"))
