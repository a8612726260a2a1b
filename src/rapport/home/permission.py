"""Permission at a glance: for each kind of message, may we, and why. Asked of the same policy that decides at sending."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from rapport.consent import policy
from rapport.messaging import facts, message

# What a marketer or the front desk would ask: one line each, with the purpose that stands for it.
QUESTIONS = (
    ("email", "care", "P1", _("E-mail about your care")),
    ("email", "health_services", "P2", _("E-mail about our services")),
    ("email", "newsletter", "P13", _("Newsletter")),
    ("email", "survey", "P11", _("Surveys")),
    ("email", "billing", "P12", _("E-mail about bills")),
    ("email", "fundraising", "P10", _("Fundraising")),
    ("sms", "care", "P1", _("Text messages about your care")),
    ("sms", "health_services", "P2", _("Text messages about our services")),
    ("call", "care", "P1", _("Calls about your care")),
    ("print", "health_services", "P2", _("Letters about our services")),
)
HIDDEN_GATES = {"frequency", "quiet_hours"}  # these pass with time; the glance says what lasts


@dataclass(frozen=True)
class Line:
    """One answer; `channel` is what the macro calls its label."""

    channel: object
    may: bool
    reason: str
    topic: str
    waits: bool = False


def glance(person_id: int, now: datetime) -> list[Line]:
    """One line a question, in the order of QUESTIONS."""
    said = [
        message.planned(channel=channel, purpose=purpose, topic=topic, now=now)
        for channel, topic, purpose, _label in QUESTIONS
    ]
    verdicts = policy.decide_many(facts.gather_kinds(person_id, said, now))
    lines = []
    for (_channel, topic, _purpose, label), verdict in zip(QUESTIONS, verdicts, strict=True):
        lasting = [gate for gate in verdict.gates if not gate.passed and gate.gate not in HIDDEN_GATES]
        waits = not verdict.allowed and not lasting
        lines.append(Line(label, not lasting, _reason(verdict, lasting), topic, waits))
    return lines


def _reason(verdict: policy.Verdict, lasting: list[policy.GateVerdict]) -> str:
    """What lasts first; a wait is said after it."""
    if lasting:
        return lasting[0].reason
    standing = next((gate.reason for gate in verdict.gates if gate.gate == "consent"), "")
    return standing if verdict.allowed else f"{standing} {verdict.reason}".strip()
