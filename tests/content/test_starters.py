"""The pieces that come with the house."""

import pytest

from rapport.content import actions, lint, render, starters, texting
from rapport.content.blocks import mjml
from rapport.content.brand import Look
from rapport.trust.actors import SYSTEM

LETTERS = [one for one in starters.every() if one.channel == "email"]
TEXTS = [one for one in starters.every() if one.channel == "sms"]


@pytest.mark.parametrize("starter", LETTERS, ids=lambda one: one.slug)
def test_a_starter_letter_has_no_error_and_leads_somewhere(starter, now):
    made = mjml.letter(starter.blocks, Look(), starter.language, starter.subject)
    findings, compiled = actions.look(
        topic=starter.topic, subject=starter.subject, preheader=starter.preheader, mjml=made, text="", now=now
    )
    assert [one for one in findings if one.severity == "error"] == []
    assert compiled is not None
    assert compiled.links or "{{ links.confirm }}" in compiled.text or "{{ links.preferences }}" in compiled.text
    assert "{{ links.unsubscribe }}" in compiled.text
    assert len(starter.subject) <= 60


@pytest.mark.parametrize("starter", TEXTS, ids=lambda one: one.slug)
def test_a_starter_text_is_neutral_and_fits_two_parts(starter):
    assert texting.check(starter.text) == []
    for name, value in (
        ("clinic.name", "Riverbend Health"),
        ("links.book", "https://crm.riverbend.example/book/" + "x" * 35),
    ):
        assert len(starter.text) > 40
        starter = starters.msgspec.structs.replace(starter, text=starter.text.replace(f"{{{{ {name} }}}}", value))
    size = texting.measure(texting.with_opt_out(starter.text, starter.language))
    assert (size.alphabet, size.parts <= 2) == ("GSM-7", True)


def test_every_programme_speaks_both_languages():
    spoken = {(one.slug.removesuffix("-es"), one.language) for one in starters.every()}
    names = {name for name, _language in spoken}
    assert {(name, language) for name in names for language in ("en", "es")} == spoken


def test_a_condition_may_not_stand_in_a_subject():
    assert lint.condition_words("Your mammogram is due") == ["mammogram"]
    assert lint.condition_words("A reminder from your care team") == []
    assert lint.condition_words("Colonoscopies and Diabetic care") == ["Colonoscopies", "Diabetic"]


@pytest.mark.django_db
def test_loading_twice_changes_nothing(now):
    first = starters.load(by=SYSTEM, now=now)
    again = starters.load(by=SYSTEM, now=now)
    assert {slug: one.pk for slug, one in first.items()} == {slug: one.pk for slug, one in again.items()}
    assert len(first) == sum(one.is_first for one in starters.every())


@pytest.mark.django_db
def test_a_name_with_markup_is_written_out_and_not_run(now):
    version = starters.load(by=SYSTEM, now=now)["newsletter"]
    made = render.render(version, {"person.given": "<script>alert(1)</script>"}, render.Unsigned())
    assert "<script>" not in made.html
    assert "&lt;script&gt;" in made.html


@pytest.mark.django_db
def test_an_unknown_name_gets_its_fallback(now):
    pieces = starters.load(by=SYSTEM, now=now)
    assert "Hello there" in render.render(pieces["newsletter"], {}, render.Unsigned()).text
    assert "Hola, qué tal" in render.render(pieces["annual-check-up-es"], {}, render.Unsigned()).text
