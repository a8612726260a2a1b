"""Whether mailbox providers can tell that the letter is ours (E-03): SPF, DKIM and DMARC of the sending domain."""

from collections.abc import Iterator

from rapport.content.lint.findings import Finding, Rule, Wording

MARKS = (("spf", "SPF"), ("dkim", "DKIM"), ("dmarc", "DMARC"))


def marks(wording: Wording) -> Iterator[Finding]:
    """What is missing at the name servers; silent where nobody has looked."""
    state = wording.sender
    if state is None or wording.channel != "email":
        return
    for attribute, name in MARKS:
        if getattr(state, attribute) is False:
            message = f"{state.domain} has no valid {name} record: Gmail and Yahoo may refuse the mail."
            remedy = "The page “Sending domain” in the Outbox shows the line to publish."
            yield Finding("E-03", "warning", "sender", message, remedy)


RULES = (Rule("E-03", "sender", "The domain is proven by SPF, DKIM and DMARC", "Gmail and Yahoo sender rules", marks),)
