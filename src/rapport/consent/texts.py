"""What was said to people, word for word: each `text_version` of the ledger leads to the words that were shown or read aloud."""

from datetime import date
from functools import lru_cache

import msgspec

from rapport.consent import rules

KIND = "consent_text"


class NoText(LookupError):
    """There are no words for this form, channel, topic and language: nobody may be asked without words."""


class Text(msgspec.Struct, frozen=True):
    """One wording. `version` is what the ledger keeps; `{clinic}` and `{number}` are filled in when it is shown."""

    version: str
    form: str
    channel: str
    topic: str
    tier: str
    locale: str
    words: str
    authority: str
    effective_from: date

    def said(self, *, clinic: str, number: str = "") -> str:
        """The words as the person saw or heard them."""
        return self.words.replace("{clinic}", clinic).replace("{number}", number)


@lru_cache(maxsize=1)
def everything() -> dict[str, Text]:
    """Every wording that was ever in use, by its version."""
    return {
        one.id: Text(version=one.id, authority=one.authority, effective_from=one.effective_from, **one.parameters)
        for one in rules.rows()
        if one.kind == KIND
    }


def of(version: str) -> Text | None:
    """The wording behind a `text_version`; None for what came from elsewhere."""
    return everything().get(version)


def find(form: str, channel: str, topic: str, language: str) -> Text:
    """The newest wording of a form for one channel and topic, in the person's language, else in English."""
    wanted = "es" if language.startswith("es") else "en"
    for locale in dict.fromkeys((wanted, "en")):
        same = [
            one
            for one in everything().values()
            if (one.form, one.channel, one.topic, one.locale) == (form, channel, topic, locale)
        ]
        if same:
            return max(same, key=lambda one: (one.effective_from, one.version))
    raise NoText(f"{form}: {channel}, {topic}")
