"""Every rule of the lint, by a row that passes and a row that fails; and the measures behind them against known values.

`docs/handbook/words.md` is rendered from the same tables (`tools/handbook.py`).
"""

from datetime import date
from pathlib import Path

import msgspec
import pytest
import yaml

from rapport.content import compile as compiler
from rapport.content import lint
from rapport.content.lint import page, reading, texts

HERE = Path(__file__).parent
ROWS = yaml.safe_load((HERE / "lint.yaml").read_text())
TEXTS = yaml.safe_load((HERE / "texts.yaml").read_text())
RULES = {one.code: one for one in lint.ALL}
FOOT = (
    '{{ clinic.name }}, {{ clinic.address }} <a href="{{ links.unsubscribe }}">Stop these e-mails</a> '
    '<a href="{{ links.preferences }}">Choose what you get</a>'
)
PLAIN = {"topic": "newsletter", "subject": "Spring news", "preheader": "", "text": ""}


def wording(given: dict) -> lint.Wording:
    """The plain letter, changed by a row."""
    said = {**given}
    foot = said.pop("foot", FOOT).replace("='", '="').replace("'>", '">')
    parts = [said.pop("body", "Good morning") * said.pop("times", 1), said.pop("extra", ""), foot]
    lang = said.pop("lang", "en")
    opened = f'<mjml lang="{lang}">' if lang else "<mjml>"
    mjml = f"{opened}<mj-body><mj-section><mj-column><mj-text>{' '.join(parts)}</mj-text></mj-column></mj-section></mj-body></mjml>"
    sender = msgspec.convert(said.pop("sender", None), lint.SenderState | None)
    classes = tuple(said.pop("data_classes", ()))
    html = compiler.layout(mjml=mjml, preheader="", text="").html
    return lint.Wording(**PLAIN | said, mjml=mjml, html=html, on=date(2026, 3, 4), sender=sender, data_classes=classes)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['rule']}: {row['says']}" for row in ROWS])
def test_each_rule_of_the_lint(row):
    found = RULES[row["rule"]].look(wording(row["given"]))
    assert [f"{one.severity} {one.place}" for one in found] == row["finds"]


def test_every_rule_has_a_row_that_passes_and_one_that_fails():
    for code in RULES:
        outcomes = {bool(row["finds"]) for row in ROWS if row["rule"] == code}
        assert outcomes == {True, False}, code


def test_the_plain_letter_passes_every_rule():
    assert lint.check(wording({})) == []


def test_every_finding_says_what_to_do():
    for row in ROWS:
        for one in RULES[row["rule"]].look(wording(row["given"])):
            assert one.message
            assert one.remedy


@pytest.mark.parametrize("row", TEXTS, ids=[row["says"] for row in TEXTS])
def test_each_rule_of_texts(row):
    found = texts.check(row["text"], row.get("about", ()))
    assert [one.rule for one in found] == row["finds"]


@pytest.mark.parametrize(
    ("sentence", "published"),
    [
        # Both sentences and their counts stand in Wikipedia, “Flesch-Kincaid readability tests”: 24 syllables in 13 and in 16 words.
        ("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", 11.3),
        ("This sentence, taken as a reading passage unto itself, is being used to prove a point.", 8.3),
    ],
)
def test_the_grade_of_english_is_the_published_one(sentence, published):
    assert reading.grade(f"{sentence} " * 3, "en") == pytest.approx(published, abs=0.8)  # one syllable of 23


def test_the_grade_of_english_orders_texts_as_people_do():
    easy = "The sun is up. The dog ran to the red barn. We like to play in the yard. Mom has a hat. " * 2
    lincoln = (  # Gettysburg Address, first sentences; tools publish grades between 10 and 13 for it
        "Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in Liberty, and"
        " dedicated to the proposition that all men are created equal. Now we are engaged in a great civil war, testing whether"
        " that nation, or any nation so conceived and so dedicated, can long endure. We are met on a great battle-field of that war."
    )
    assert reading.grade(easy, "en") < 2
    assert 9 <= reading.grade(lincoln, "en") <= 13.5


@pytest.mark.parametrize(
    ("word", "syllables"),
    [("cita", 2), ("ciudad", 2), ("país", 2), ("río", 2), ("leer", 2), ("aéreo", 4), ("guitarra", 3), ("pingüino", 3), ("queso", 2),
     ("enfermedad", 4), ("hoy", 1), ("yo", 1), ("y", 1), ("ayuda", 3), ("cuidado", 3), ("salud", 2)],
)  # fmt: skip
def test_syllables_of_spanish_are_those_of_the_dictionary(word, syllables):
    assert reading._spanish(word) == syllables


def test_the_grade_of_spanish_orders_texts_as_people_do():
    easy = "El sol sale. La niña va a la casa. Su mamá le da pan. El perro come. Ella ríe. Hoy no hay clases. " * 2
    cervantes = (  # Don Quijote, first sentence
        "En un lugar de la Mancha, de cuyo nombre no quiero acordarme, no ha mucho tiempo que vivía un hidalgo de los de lanza en"
        " astillero, adarga antigua, rocín flaco y galgo corredor."
    )
    law = (
        "La administración sanitaria correspondiente garantizará periódicamente la actualización obligatoria de los procedimientos. "
        * 4
    )
    assert reading.grade(easy, "es") < 4.5 < reading.grade(cervantes, "es") < reading.grade(law, "es") == 14.0


def test_a_few_words_have_no_grade():
    assert reading.grade("See you on Saturday.", "en") is None


@pytest.mark.parametrize(
    ("one", "other", "published"),
    [("#000000", "#ffffff", 21.0),
     ("#777777", "#ffffff", 4.48), ("#767676", "#ffffff", 4.54), ("#ff0000", "#ffffff", 4.0), ("#0000ff", "#ffffff", 8.59)],
)  # fmt: skip
def test_contrast_is_the_published_one(one, other, published):
    ink, ground = page.colour(one), page.colour(other)
    assert ink is not None
    assert ground is not None
    assert page.contrast(ink, ground) == pytest.approx(published, abs=0.01)
