"""What must be right in a text message; how long it is stands in `content.texting`."""

from rapport.content import fields, words
from rapport.content.lint import privacy
from rapport.content.lint.findings import Finding


def check(text: str) -> list[Finding]:
    """Errors first; there is nothing else."""
    try:
        used = words.used(text)
    except words.BrokenTemplate as wrong:
        reason = f"The template can't be read: {str(wrong).splitlines()[0]}"
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
    return found
