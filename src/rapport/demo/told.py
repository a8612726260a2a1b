"""Words of the demo that are no letter: a script for a call, and a message for the inbox."""

from rapport.content.parts import Link, Message, Parts, Question, Script

TOLD: dict[str, Parts] = {
    "call": Script(
        opening="Good morning, this is {{ clinic.name }}. Am I speaking with {{ person.given }}?",
        points=(
            "We call to hear how you have been since your last visit.",
            "If something was not clear, somebody of the care team can call you back.",
        ),
        questions=(
            Question("How have you been?", ("Well", "Not so well", "Would rather not say")),
            Question("Shall somebody of the care team call you back?", ("Yes", "No")),
        ),
        close="Thank you for your time. You can always reach us at {{ clinic.phone }}.",
        voicemail="Hello, this is {{ clinic.name }}. Please call us at {{ clinic.phone }}. Thank you.",
    ),
    "inbox": Message(
        subject="Before your next visit",
        body=(
            "Hello {{ person.given }},\n\n"
            "Please write down the questions that you want to ask, and bring a list of your medicines.\n\n"
            "Would you like to bring somebody with you? Write back to us here; we read every message."
        ),
        links=(Link("Choose another time", "links.book"),),
    ),
}
