"""Every word that staff read has its Spanish, with the same places for names and numbers, and none stands there for nothing."""

import re

import pytest
from babel.messages.catalog import Catalog, Message

from tools import catalogue

PLACE = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]|%%|</?\w+[^>]*>")


@pytest.fixture(scope="module")
def spanish() -> Catalog:
    return catalogue.written()


def forms(said: str | tuple[str, ...] | list[str]) -> list[str]:
    return [said] if isinstance(said, str) else list(said)


def test_the_catalogue_is_that_of_the_sources(spanish: Catalog) -> None:
    """Where this fails: `make words`, then write the Spanish of what it names."""

    def words(catalog: Catalog) -> set[tuple[str, str | None]]:
        return {(forms(one.id)[0], one.context) for one in catalog if one.id}

    assert words(spanish) == words(catalogue.collected())
    assert catalogue.missing(spanish) == []
    assert not [one.id for one in spanish if one.fuzzy and one.id]


def test_names_and_numbers_have_their_place_in_each_form(spanish: Catalog) -> None:
    wrong = [one.id for one in spanish if one.id and not _fits(one)]
    assert wrong == []


def test_a_word_without_its_place_would_be_found() -> None:
    assert not _fits(Message("%(count)s people", "personas"))
    assert not _fits(Message(("%(count)s person", "%(count)s people"), ("%(count)s persona", "%(many)s personas")))
    assert _fits(Message(("one of %(all)s", "%(count)s of %(all)s"), ("una de %(all)s", "%(count)s de %(all)s")))


def _fits(one: Message) -> bool:
    """A singular may say its one in words; else each form has the places of the English, as often."""
    english, said = forms(one.id), forms(one.string)
    if len(english) == 1:
        return sorted(PLACE.findall(english[0])) == sorted(PLACE.findall(said[0]))
    all_of_them = {place for form in english for place in PLACE.findall(form)}
    return all(
        set(PLACE.findall(form)) - {"%(count)s"} == set(PLACE.findall(like)) - {"%(count)s"}
        and set(PLACE.findall(form)) <= all_of_them
        for form, like in zip(said, english, strict=True)
    )
