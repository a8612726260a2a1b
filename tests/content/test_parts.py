"""Words that are no letter: what text they become, and what must be right in them."""

import msgspec
import pytest

from rapport.content import parts
from rapport.content.lint import parts as rules
from rapport.messaging.channels.push import bell

SCRIPT = parts.Script(
    opening="Hello, this is {{ clinic.name }}. Am I speaking with {{ person.given }}?",
    points=("It is time for a yearly visit.", "It takes half an hour."),
    questions=(
        parts.Question("Shall we look for a day?", ("Yes", "No", "Call back")),
        parts.Question("Do you need a ride?"),
    ),
    close="Thank you. Our number is {{ clinic.phone }}.",
    voicemail="This is {{ clinic.name }}. Please call us at {{ clinic.phone }}.",
)
MESSAGE = parts.Message(
    subject="A message from us",
    body="Hello {{ person.given }},\n\nCome and see us.",
    links=(parts.Link("Choose a day"),),
)
PUSH = parts.Push(title="A message from us", line="Please have a look.")


def about(topic="care", **more):
    return rules.About(topic, "en", **more)


def errors(said, judged_by=None):
    return {(one.rule, one.place) for one in rules.check(said, judged_by or about()) if one.severity == "error"}


def test_a_script_becomes_paragraphs_in_the_order_of_the_call():
    assert parts.text(SCRIPT, "en").split("\n\n") == [
        "Hello, this is {{ clinic.name }}. Am I speaking with {{ person.given }}?",
        "• It is time for a yearly visit.",
        "• It takes half an hour.",
        "Ask: Shall we look for a day? (note: Yes / No / Call back)",
        "Ask: Do you need a ride?",
        "Thank you. Our number is {{ clinic.phone }}.",
        "Voicemail, and nothing more: This is {{ clinic.name }}. Please call us at {{ clinic.phone }}.",
    ]
    assert "Pregunte: " in parts.text(SCRIPT, "es")


def test_a_text_for_the_inbox_ends_with_its_links_and_with_the_choices_where_they_are_due():
    said = msgspec.structs.replace(
        MESSAGE, links=(parts.Link("Choose a day"), parts.Link("Map", "https://a.example/map"))
    )
    plain = parts.text(said, "en")
    assert plain.endswith("Choose a day: {{ links.book }}\n\nMap: https://a.example/map")
    assert parts.text(said, "en", has_choices=True).endswith("Choose what you get: {{ links.preferences }}")


@pytest.mark.parametrize("said", [SCRIPT, MESSAGE, PUSH])
def test_parts_are_kept_and_read_again(said):
    assert parts.read(parts.write(said)) == said
    assert parts.mapped(said, lambda words: words) == said
    assert parts.read({}) is None


@pytest.mark.parametrize("said", [SCRIPT, MESSAGE, PUSH])
def test_good_words_have_nothing_to_mend(said):
    assert rules.check(said, about()) == []


@pytest.mark.parametrize(
    ("said", "rule", "place"),
    [
        (parts.Script(), "empty", "opening"),
        (msgspec.structs.replace(SCRIPT, voicemail="{{ clinic.name }}: your visit on {{ appointment.day }}"), "E-04", "voicemail"),
        (msgspec.structs.replace(SCRIPT, voicemail="{{ clinic.name }} about your diabetes"), "E-04", "voicemail"),
        (msgspec.structs.replace(SCRIPT, voicemail="Please call {{ clinic.phone }}"), "T-08", "voicemail"),
        (msgspec.structs.replace(SCRIPT, points=("{{ person.ssn }}",)), "merge-field", "points"),
        (msgspec.structs.replace(SCRIPT, close="{{ oops"), "liquid", "close"),
        (msgspec.structs.replace(MESSAGE, subject=""), "empty", "subject"),
        (msgspec.structs.replace(MESSAGE, subject="{{ person.given }}, look"), "E-04", "subject"),
        (msgspec.structs.replace(MESSAGE, subject="Your mammogram"), "E-04", "subject"),
        (msgspec.structs.replace(MESSAGE, links=(parts.Link("Map", "http://a.example"),)), "links", "links"),
        (msgspec.structs.replace(MESSAGE, links=(parts.Link("Map", "https://a.example/hiv"),)), "E-04", "links"),
        (msgspec.structs.replace(PUSH, title=""), "empty", "title"),
        (msgspec.structs.replace(PUSH, line="Your {{ appointment.day }}"), "E-04", "line"),
        (msgspec.structs.replace(PUSH, title="Insulin"), "E-04", "title"),
    ],
)  # fmt: skip
def test_what_must_be_mended_is_named_with_its_place(said, rule, place):
    assert (rule, place) in errors(said)


def test_a_name_may_be_left_on_a_machine_but_a_delicate_matter_may_not():
    assert (
        errors(
            msgspec.structs.replace(SCRIPT, voicemail="{{ clinic.name }} for {{ person.given }}, {{ clinic.phone }}")
        )
        == set()
    )
    told = msgspec.structs.replace(SCRIPT, voicemail="{{ clinic.name }}: your counseling. {{ clinic.phone }}")
    assert ("X-02", "voicemail") in errors(told, about(data_classes=("mental_health",)))
    assert errors(told) == set()


def test_who_sells_something_says_who_calls_and_where_one_rings_back():
    nameless = msgspec.structs.replace(SCRIPT, opening="Hello!", close="Bye.")
    assert errors(nameless, about("health_services")) == {("T-08", "opening"), ("T-08", "close")}
    assert errors(nameless) == set()


def test_long_titles_and_hard_words_are_remarked_on():
    long = rules.check(msgspec.structs.replace(PUSH, title="x" * 51), about())
    assert [(one.severity, one.place) for one in long] == [("warning", "title")]
    hard = "Notwithstanding institutional considerations, comprehensive documentation necessitates authorization. " * 4
    found = rules.check(msgspec.structs.replace(MESSAGE, body=hard), about())
    assert [one.rule for one in found] == ["reading"]


def test_the_locked_screen_is_told_what_the_bell_says():
    assert parts.LOCKED == bell.WORDS


def test_an_older_letter_can_be_gone_over_in_the_new_editor():
    text = "Hello\n\n{% if show.c0 %}First{% endif %}\n\nSecond"
    assert parts.of_letter("call", "S", text) == parts.Script(opening="Hello", points=("First", "Second"))
    assert parts.of_letter("portal", "S", text) == parts.Message(subject="S", body="Hello\n\nFirst\n\nSecond")
    assert parts.of_letter("push", "S", text) == parts.Push(title="S", line="Hello First Second")
