"""E-mail addresses and telephone numbers in the one form in which they are kept, compared and indexed."""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from rapport.trust import sealing

_EMAIL = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_USES = {"home": "home", "work": "work", "mobile": "mobile", "temp": "temp", "old": "old"}


@dataclass(frozen=True, slots=True)
class Point:
    """One way to reach somebody: `kind` email or phone; `problem` says why it can't be used as it stands."""

    kind: str
    value: str
    use: str = ""
    problem: str = ""

    def digest(self) -> bytes:
        return sealing.digest(self.kind, self.value)


def email(value: str, use: str = "") -> Point | None:
    """Lower case, no blanks, no `mailto:`. None for nothing at all."""
    address = value.strip().lower().removeprefix("mailto:").strip(" <>")
    if not address:
        return None
    problem = "" if len(address) <= 254 and _EMAIL.fullmatch(address) else "this is not an e-mail address"
    return Point("email", address[:254], _USES.get(use, ""), problem)


def phone(value: str, use: str = "", region: str = "US") -> Point | None:
    """E.164 where the number could be dialled; otherwise its digits and the reason."""
    text, problem = _dialled(value.strip(), region)
    return Point("phone", text, _USES.get(use, ""), problem) if text else None


@lru_cache(maxsize=4096)
def _dialled(value: str, region: str) -> tuple[str, str]:
    digits = re.sub(r"[^\d+]", "", value)[:20]
    try:
        number = phonenumbers.parse(value.removeprefix("tel:")[:60], region)
    except phonenumbers.NumberParseException:
        return digits, "this is not a telephone number"
    if not phonenumbers.is_possible_number(number):
        return digits, "this number has too few or too many digits"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), ""
