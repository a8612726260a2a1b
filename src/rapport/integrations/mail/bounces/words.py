"""Reports without status fields: whether a host wrote them, whom they are about, and what was said at which step."""

import re
from email.message import Message

from rapport.integrations.mail.bounces.parts import Parts

_SENDER = re.compile(
    r"mailer-?daemon|post_?master|mail delivery|mail administrator|delivery (subsystem|system|status)|mail ?server|\bmta\b|"
    r"<>|mail-?robot|bounce|no-?reply|mailadmin|administrator|\bsystem\b|mail router",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"undeliver|non[- ]?deliver|returned (mail|to sender|message)|return(ed)? mail|fail(ure|ed)|delivery (status|report|notif|"
    r"problem|error|delay)|"
    r"mail (delivery|error|system)|(could|can) ?not (be )?(deliver|send)|not (be )?(delivered|deliverable)|rejected|unzustellbar|"
    r"bounce|unable to deliver|user unknown|warning: |delayed|permanent|problems? (delivering|sending)|message status|error mail|"
    r"recipient unknown|delivery",
    re.IGNORECASE,
)
_ANSWERS = re.compile(r"^\s*(re|aw|sv|rv|antw)\s*:", re.IGNORECASE)
# Where the message that came back begins, in mails that do not part it properly.
_RETURNED = re.compile(
    r"^(?:[-=*#> ]{2,}.{0,24}(?:copy of|original|unsent|returned|undelivered|message (?:header|text|follow)|forwarded|included|"
    r"headers?)\b.*|"
    r"-{3,}.{0,40}(?:below this line|copy of (?:the|your) message).*|"
    r"(?:the )?(?:original|returned|unsent|text of the|full|your|undelivered) (?:message|mail|e-?mail)(?: text| header|"
    r" contents?)? ?(?:follows|below|headers?|is|was|begins?|:|-).{0,60}|"
    r"(?:return-path|received|x-received|dkim-signature|mime-version|message-id|arc-seal) ?:.*|"
    r"\[?(?:message|original) (?:header|follow|source).*|"
    r"content-type: message/rfc822.*|"
    r"--- (?:below|enclosed|the header|header|attached).*|"
    r"-{4,} ?(?:this is a copy|returned|your).*)$",
    re.IGNORECASE | re.MULTILINE,
)
_AT = re.compile(
    r"(?<![\w.@/])(\"[^\"\n]{1,64}\"|[\w.!#$%&'*+/=?^`{|}~-]+)@([a-z0-9](?:[\w.-]*\w))(?![\w@])", re.IGNORECASE
)
_NOT_A_RECIPIENT = re.compile(r"^(postmaster|mailer-daemon|abuse|mailadmin|support|help|noc)@", re.IGNORECASE)
_BESIDE = re.compile(
    r"(from|sender|by|contact|contacting|e-?mail to|reply to|mailto:|message-?id.{0,4}|id)[\s:<\"'(=]*$", re.IGNORECASE
)
_LINE = re.compile(
    r"^[ \t>*#-]*(?:\d{3} (?:\d\.\d\.\d )?|recipients?:?|failed recipient:?|(?:un)?delivered to:?|rcpt to:?|user|"
    r"original-recipient:?)?[ \t:<\"']*$",
    re.IGNORECASE,
)
# Phrases that programs write into every report; they tell nothing about this one.
_FORM = re.compile(
    r"(?:a message that you sent )?(?:could|can) not be delivered to (?:one or more|all)(?: of its)?\s+(?:recipients|destinations)\.?|"
    r"this is a permanent error\.?|the following address(?:\(es\)|es)? (?:failed|had permanent (?:fatal|delivery) errors):?|"
    r"for further assistance,[^.]*\.|if you do so,[^.]*\.|you can\s+delete your own text[^.]*\.|it.s attached below\.|"
    r"this message was created automatically by mail delivery software\.?|"
    r"each of the following recipients was rejected by a remote\s+mail server\.?|"
    r"delivery to the following recipients? failed(?: permanently)?[.:]?|"
    r"sorry,? (?:we were|i wasn.t|it didn.t)[^.:]*[.:]|i.m afraid[^.]*\.|"
    r"google tried to deliver your message, but[^.]*\.(?: we recommend[^.]*\.)?|check for typos[^.]*\.",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r">>> ?(rcpt|data|mail|helo|ehlo)|(?:in reply to|in response to|response to|after|error from remote mail server after|"
    r"to) (?:the )?(?:end of )?"
    r"(rcpt|data|mail from|helo|ehlo|\.)(?=[\s:)])|(end of data)|reply to (data)|(data) (?:command|fail|stage|phase)|"
    r"sending (?:message )?(data|body)|((?<=<<< )550.{0,40}data)",
    re.IGNORECASE,
)  # fmt: skip


def is_from_a_host(mail: Message, parts: Parts) -> bool:
    """Whether a host wrote this mail to report a failure, as far as head and words show. An answer of a person does not count."""
    subject, sender = str(mail.get("Subject", "")), str(mail.get("From", ""))
    if (_ANSWERS.match(subject) and not _SENDER.search(sender)) or (
        mail.get("In-Reply-To") and not _SENDER.search(sender)
    ):
        return False
    if not parts.words.strip():
        return False
    from_nobody = str(mail.get("Return-Path", "")).strip() == "<>" or mail.get("X-Failed-Recipients") is not None
    daemon = _SENDER.search(sender) is not None
    if _ANSWERS.match(subject):
        return daemon and mail.is_multipart()
    return (from_nobody and (daemon or _SUBJECT.search(subject) is not None)) or (
        daemon and _SUBJECT.search(subject) is not None
    )


def by_recipient(parts: Parts, written_to: str) -> list[tuple[str, str]]:
    """Each address the words are about, with what is said of it. Ours, to which the report was written, is none of them."""
    text = own_words(parts.words)
    standing = [one for one in _AT.finditer(text) if _is_recipient(text, one)]
    first: dict[str, re.Match[str]] = {}
    for one in standing:
        if _plain(one.group()) in written_to.lower() and len(standing) > 1:
            continue
        first.setdefault(_plain(one.group()), one)
    if not first:
        text = _FORM.sub(" ", text)
        return [(_plain(hers.group()) if hers else "", text) for hers in [_returned_to(parts)]]
    on_own_line = {name: one for name, one in first.items() if _opens_line(text, one)}
    chosen = on_own_line or dict(list(first.items())[:1])
    if len(chosen) == 1:
        return [(name, _FORM.sub(" ", text)) for name in chosen]
    starts = [*[one.start() for one in chosen.values()], len(text)]
    return [(name, text[starts[n] : starts[n + 1]]) for n, name in enumerate(chosen)]


def own_words(text: str) -> str:
    """The words of the host, without the message that came back."""
    found = _RETURNED.search(text)
    while found is not None and not text[: found.start()].strip():
        found = _RETURNED.search(text, found.end())
    return text[: found.start()] if found is not None else text


def near(recipient: str, text: str) -> str:
    """What stands at and after the address, up to the next address or the end of the words; phrases of the form taken out."""
    text = _FORM.sub(" ", own_words(text))
    where = text.lower().find(recipient.lower()) if recipient else -1
    if where < 0:
        return text
    others = [
        one.start()
        for one in _AT.finditer(text)
        if one.start() > where and _plain(one.group()) != recipient.lower() and _opens_line(text, one, codes=False)
    ]
    return text[where : others[0] if others else len(text)]


def command(text: str) -> str:
    """The step at which the last no was said; empty when nothing tells it."""
    found = ""
    for one in _ASKED.finditer(" ".join(text[:6_000].split())):
        said = next(word for word in one.groups() if word).lower()
        if one.group().startswith(">>>") and said == "data":
            found = found or "transcript"  # with pipelining, answers to RCPT stand under DATA
            continue
        found = "data" if said in {"data", "end of data", ".", "body"} or "data" in said else said.split()[0]
    return found


def _is_recipient(text: str, one: re.Match[str]) -> bool:
    before = text[max(0, one.start() - 24) : one.start()]
    return _NOT_A_RECIPIENT.match(one.group()) is None and _BESIDE.search(before) is None


def _opens_line(text: str, one: re.Match[str], *, codes: bool = True) -> bool:
    line = text[text.rfind("\n", 0, one.start()) + 1 : one.start()]
    return _LINE.match(line) is not None and (codes or not any(letter.isdigit() for letter in line))


def _returned_to(parts: Parts) -> re.Match[str] | None:
    """The To of the message that came back."""
    for text in (parts.returned, parts.words):
        found = re.search(
            r"^(?:to|x-original-to|delivered-to)[ \t]*:(.*(?:\n[ \t].*)*)", text, re.IGNORECASE | re.MULTILINE
        )
        if found and (address := _AT.search(found.group(1))):
            return address
    return None


def _plain(address: str) -> str:
    return address.strip("<>\"' ").rstrip(".").lower()
