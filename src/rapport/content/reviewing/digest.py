"""One number for exactly these words: what a reviewer saw is what is sent."""

import hashlib
import json
from typing import Protocol


class Words(Protocol):
    """Whatever has the words of a version."""

    subject: str
    preheader: str
    mjml: str
    text: str
    html: str


def of(words: Words) -> str:
    """SHA-256 over everything that a reader may meet."""
    said = [words.subject, words.preheader, words.mjml, words.text, words.html]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
