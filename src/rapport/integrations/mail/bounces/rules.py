"""From the words of a receiving host to a reason, by the table `reasons.yaml`. Pure."""

import re
from functools import lru_cache
from pathlib import Path

import msgspec
import yaml

_FILE = Path(__file__).with_name("reasons.yaml")
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.:-])([2-5]\d\d)(?=[- ;#]|$)")
_CODES = re.compile(r"(?<![\d.])[45]\d\d[- ][45]\.\d\.\d{1,3} ?")
_REFUSED = re.compile(r"recipient address rejected ?: (?!access denied)")  # what a Postfix puts before its reason
LARGEST = 4_000
UNDEFINED = "undefined"
AT_DATA = ("data", "eom", "bdat")
# Reasons that a better sentence elsewhere in the report may replace.
VAGUE = frozenset({"rejected", "systemerror", "networkerror", "contenterror", "mailererror"})
BY_CLASS = {
    # RFC 3463, section 3: what the middle number is about
    "5.1": "rejected",
    "5.2": "filtered",
    "5.3": "systemerror",
    "5.5": "systemerror",
    "5.6": "contenterror",
    "5.7": "rejected",
    "4.2": "onhold",
    "4.3": "systemerror",
    "4.7": "blocked",
    "4.5": "systemerror",
    "4.6": "contenterror",
}
# RFC 5321, 4.2.3, and RFC 7504: what a bare reply can mean, where neither words nor a status code say more. None takes an address away.
BY_REPLY = {
    "450": "onhold",
    "451": "systemerror",
    "452": "systemfull",
    "521": "notaccept",
    "551": "hasmoved",
    "552": "mailboxfull",
    "554": "rejected",
    "556": "notaccept",
}


class Row(msgspec.Struct, frozen=True):
    """One reason: what hosts say, when it is not meant, the codes that name it."""

    reason: str
    says: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    status: frozenset[str]
    hard: bool


class Judged(msgspec.Struct, frozen=True):
    """Why, and whether there is no use in trying again."""

    reason: str
    hard: bool
    status: str = ""
    reply: str = ""


def judge(text: str, *, status: str = "", reply: str = "", command: str = "") -> Judged:
    """Words first, then codes. `command`: the SMTP command that was answered, where that is known."""
    words = squeezed(text)
    status = status or status_in(words)
    reply = reply or reply_in(words)
    row = _by_words(words) or _by_status(status)
    reason = row.reason if row is not None else UNDEFINED
    reason = _at_step(reason, command.lower(), status)
    hard = reason in HARD or (reason == "notaccept" and not status.startswith("4"))
    return Judged(reason, hard and not status.startswith("2"), status, reply)


def _at_step(reason: str, command: str, status: str) -> str:
    """What the step at which the no was said makes of a reason."""
    if command in {"ehlo", "helo"} and reason in {"rejected", UNDEFINED}:
        return "blocked"  # before anything was said about the message
    if command == "mail" and reason in {"userunknown", "contenterror", "hostunknown", UNDEFINED}:
        return "rejected"  # the sender was meant, not the recipient
    if reason == "userunknown" and command in AT_DATA and status[:3] not in {"5.1", "5.5"}:
        return "filtered"  # the address was taken, and refused only with the message in hand
    return reason


def by_codes(*, status: str, reply: str, delayed: bool = False) -> Judged:
    """When no words help: what the codes alone say."""
    row = _by_status(status)
    if row is not None:
        reason = row.reason
    elif delayed or status[:3] in {"4.4", "5.4"}:
        reason = "expired"
    else:
        reason = next((why for start, why in BY_CLASS.items() if status.startswith(start)), "")
        reason = reason or (BY_REPLY.get(reply, UNDEFINED) if status[2:] in {"", "0.0"} else UNDEFINED)
    return Judged(reason, row is not None and reason in HARD, status, reply)


def is_vague(one: Judged) -> bool:
    return one.reason in VAGUE


def squeezed(text: str) -> str:
    """Small letters, single blanks; the codes that each further line of an answer repeats are taken out."""
    words = " ".join(text[:LARGEST].lower().replace("\u2019", "'").split())
    first = _CODES.search(words)
    return words if first is None else " ".join((words[: first.end()] + _CODES.sub(" ", words[first.end() :])).split())


def status_in(text: str) -> str:
    """The first status code (RFC 3463) that speaks of a failure."""
    found = [".".join(one) for one in _STATUS.findall(text)]
    return next((one for one in found if one[0] != "2"), found[0] if found else "")


def reply_in(text: str) -> str:
    """The first reply code (RFC 5321) that speaks of a failure."""
    found = _REPLY.findall(text)
    return next((one for one in found if one[0] in "45"), found[0] if found else "")


def _by_words(words: str) -> Row | None:
    bare = _REFUSED.sub("", words)
    return _first(bare) or (_first(words) if bare != words else None)


def _first(words: str) -> Row | None:
    for row in table():
        if any(one.search(words) for one in row.says) and not any(one.search(words) for one in row.unless):
            return row
    return None


def _by_status(status: str) -> Row | None:
    return next((row for row in table() if status in row.status), None)


@lru_cache(maxsize=1)
def table() -> tuple[Row, ...]:
    return tuple(
        Row(
            one["reason"],
            tuple(re.compile(text) for text in one["says"]),
            tuple(re.compile(text) for text in one.get("not", ())),
            frozenset(one.get("status", ())),
            bool(one.get("hard", False)),
        )
        for one in yaml.safe_load(_FILE.read_text())
    )


HARD = frozenset(row.reason for row in table() if row.hard)
