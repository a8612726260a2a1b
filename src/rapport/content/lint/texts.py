"""What must be right in a text message; how long it is stands in `content.texting`."""

from collections.abc import Iterable

from rapport.content import fields, words
from rapport.content.lint import privacy
from rapport.content.lint.findings import Finding


def check(text: str, data_classes: Iterable[str] = ()) -> list[Finding]:
    """Errors first; there is nothing else. `data_classes`: delicate classes the text is about: it is read on a locked screen."""
    try:
        used = words.used(text)
        words.render(text, fields.example(), html=False)
    except words.BrokenTemplate as wrong:
        reason = f"The template can't be used: {wrong}"
        return [Finding("liquid", "error", "text", reason, "Mend it.")]
    found = [
        Finding("merge-field", "error", "text", f"“{name}” is no merge field.", "Choose one from the list.")
        for name in sorted(used - set(fields.FIELDS))
    ]
    if not text.strip():
        found.append(Finding("text", "error", "text", "There are no words.", "Write some."))
    if "clinic.name" not in used:
        remedy = "Begin with {{ clinic.name }}."
        found.append(Finding("T-03", "error", "text", "The text does not say who writes.", remedy))
    for word in privacy.condition_words(text):
        message = f"“{word}” shows on a locked screen and tells others about somebody's health."
        found.append(Finding("E-04", "error", "text", message, "Keep it neutral; say it on the page it leads to."))
    for word in privacy.quiet_words(text, data_classes):
        message = f"“{word}” shows on a locked screen and gives a delicate matter away."
        found.append(Finding("X-02", "error", "text", message, "Say “a message from your care team” or the like."))
    return found
