"""What somebody wrote, without what she answers to: quotations, the head of the old message, the signature of her telephone. Pure."""

import re

_ENDS = re.compile(
    r"^(?:"
    r"[ \t]*>.*|"
    r"on .{4,120}\bwrote ?:[ \t]*|"
    r"el .{4,120}\bescribi[oó] ?:[ \t]*|"
    r"[ \t]*-{2,}[ \t]*(?:original message|mensaje original|forwarded message|reply above).*|"
    r"[ \t]*_{8,}[ \t]*|"
    r"\*?(?:from|de)\*?:.{1,120}|"
    r"-- ?|"
    r"(?:sent|get outlook) (?:from|for) (?:my )?.{2,40}|"
    r"enviado desde .{2,40}"
    r")$",
    re.IGNORECASE | re.MULTILINE,
)
_BROKEN = re.compile(r"^(on|el) ([^\n]{4,100})\n([^\n]{0,80}(?:wrote|escribi[oó]) ?:)", re.IGNORECASE | re.MULTILINE)


def own_words(text: str) -> str:
    """The new text on top; empty where there is none. Text below a quotation is taken when nothing stands above it."""
    plain = _BROKEN.sub(r"\1 \2 \3", text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " "))
    found = _ENDS.search(plain)
    above = plain[: found.start()] if found else plain
    if above.strip() or found is None:
        return above.strip()
    below = [line for line in plain.split("\n") if line.strip() and not _ENDS.match(line)]
    return "\n".join(below).strip()
