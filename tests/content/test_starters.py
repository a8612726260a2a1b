"""The pieces that come with the house."""

import pytest
import yaml

from rapport.content import actions, lint, render, starters
from rapport.trust.actors import SYSTEM

FILES = sorted(starters.FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_starter_piece_has_no_finding_at_all(file, now):
    told = yaml.safe_load(file.read_text())
    findings, made = actions.look(
        topic=told["topic"],
        subject=told["subject"],
        preheader=told["preheader"],
        mjml=file.with_suffix(".mjml").read_text(),
        text="",
        now=now,
    )
    assert findings == []
    assert made is not None
    assert made.links or "{{ links.confirm }}" in made.text or "{{ links.preferences }}" in made.text, (
        "it leads somewhere"
    )
    assert "{{ links.unsubscribe }}" in made.text


def test_a_condition_may_not_stand_in_a_subject():
    assert lint.condition_words("Your mammogram is due") == ["mammogram"]
    assert lint.condition_words("A reminder from your care team") == []
    assert lint.condition_words("Colonoscopies and Diabetic care") == ["Colonoscopies", "Diabetic"]


@pytest.mark.django_db
def test_loading_twice_changes_nothing(now):
    first = starters.load(by=SYSTEM, now=now)
    again = starters.load(by=SYSTEM, now=now)
    assert {slug: one.pk for slug, one in first.items()} == {slug: one.pk for slug, one in again.items()}
    assert len(first) == len(FILES)


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
