"""Every text version of the ledger leads to words."""

import ast

import pytest

from rapport.consent import texts
from tests.house.tree import modules, place

ELSEWHERE = {"consent/ledger.py"}  # passes on what it is given


def written():
    """(where, version) of each text version that stands as a word in the program."""
    found = []
    for path, tree in modules().items():
        if place(path).endswith(tuple(ELSEWHERE)) or "/migrations/" in place(path):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                names = [one.id for one in node.targets if isinstance(one, ast.Name)]
                if any(name.endswith("TEXT_VERSION") for name in names):
                    found.append((place(path), node.value.value))
            if isinstance(node, ast.keyword) and node.arg == "text_version" and isinstance(node.value, ast.Constant):
                found.append((place(path), node.value.value))
    return found


def test_every_text_version_that_the_program_writes_resolves_to_words():
    found = written()
    assert len(found) >= 4, "the places that write a text version were found"
    unknown = [(where, version) for where, version in found if version and texts.of(version) is None]
    assert not unknown, "a wording that no row of the rules holds; papers of their own have none"


@pytest.mark.parametrize("text", texts.everything().values(), ids=lambda one: one.version)
def test_a_wording_fits_the_ledger_and_says_something(text):
    assert len(text.version) <= 40
    assert len(text.words) > 20
    assert text.authority


def test_what_is_asked_in_english_is_asked_in_spanish_too():
    asked = {
        (one.form, one.channel, one.topic)
        for one in texts.everything().values()
        if one.form in {"desk", "centre", "join"}
    }
    for form, channel, topic in asked:
        assert texts.find(form, channel, topic, "es").locale == "es"
        assert texts.find(form, channel, topic, "en-US").locale == "en"


@pytest.mark.parametrize("form", ["desk", "centre"])
@pytest.mark.parametrize("channel", ["sms", "call"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_marketing_by_telephone_carries_the_whole_disclosure(form, channel, language):
    text = texts.find(form, channel, "health_services", language)
    assert text.tier == "written"
    said = text.said(clinic="Riverbend", number="(978) 555-0187")
    assert "Riverbend" in said, "who calls"
    assert "(978) 555-0187" in said, "which number"
    assert ("automatic dialing system" in said) or ("marcado automático" in said)
    assert ("do not have to agree" in said) or ("No tengo que aceptar" in said)


def test_words_nobody_wrote_are_never_asked():
    with pytest.raises(texts.NoText):
        texts.find("desk", "pigeon", "newsletter", "en")
