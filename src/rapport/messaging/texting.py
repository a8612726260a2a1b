"""What makes a text message out of a wording: the opt-out line, where the wording does not say how to stop."""

import re

OPT_OUT = {"en": "Reply STOP to stop.", "es": "Responda ALTO para terminar."}
_SAYS_HOW = re.compile(r"\b(STOP|ALTO)\b")


def with_opt_out(text: str, language: str) -> str:
    """The text, with the line that says how to stop when it is not in it yet."""
    plain = text.strip()
    if _SAYS_HOW.search(plain):
        return plain
    return f"{plain} {OPT_OUT.get(language[:2], OPT_OUT['en'])}"
