"""Liquid and its merge fields: can it be read, are the fields ours, and may they stand in words of this topic."""

from collections.abc import Iterator

from rapport.content import fields, words
from rapport.content.lint.findings import Finding, Rule, Wording, used


def liquid(wording: Wording) -> Iterator[Finding]:
    """Every place must be a template that can be read, and filled in: what asks for too much is found here, not at the send."""
    for place, source in wording.places():
        try:
            words.used(source)
            words.render(source, fields.example(wording.spoken), html=False)
        except words.BrokenTemplate as wrong:
            message = f"The template can't be used: {wrong}"
            yield Finding("liquid", "error", place, message, "Mend it.")


def merge_fields(wording: Wording) -> Iterator[Finding]:
    """A name that is no merge field would read as nothing."""
    for place, source in wording.places():
        for name in sorted(one for one in used(source) - set(fields.FIELDS) if not words.is_flag(one)):
            remedy = "Choose one of the merge fields in the list."
            yield Finding("merge-field", "error", place, f"“{name}” is no merge field.", remedy)


def data_use(wording: Wording) -> Iterator[Finding]:
    """Fields that tell of somebody's care, where no purpose of this topic may use them."""
    if wording.on is None:
        return
    for place, source in wording.places():
        for one in fields.forbidden_for_topic(used(source), wording.topic, on=wording.on):
            remedy = "Take it out, or write it under a topic that may use it, such as the person's own care."
            yield Finding(one.rule, "error", place, one.sentence, remedy)


RULES = (
    Rule("liquid", "template", "The template can be read", "House rule", liquid),
    Rule("merge-field", "template", "Only merge fields of the list are used", "House rule", merge_fields),
    Rule("data-use", "template", "Fields about care only where the purpose may use them", "45 CFR 164.508", data_use),
)
