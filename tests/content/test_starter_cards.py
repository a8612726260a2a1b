"""The gallery of starters: every card says what it is for, and nothing is drawn twice."""

import pytest

from rapport.content import starter_cards, starters
from rapport.content.brand import Look
from rapport.content.lint import parts as rules
from rapport.content.parts_forms import FORMS

TOLD = [one for one in starters.every() if one.said is not None]


def test_the_programmes_that_are_told_are_those_of_the_starters():
    assert sorted(starter_cards.PROGRAMMES) == sorted({one.programme for one in starters.every()})


def test_every_starter_says_what_it_is_for_and_not_its_name_again():
    assert all(one.about and one.about.lower() != one.name.lower() for one in starters.every())


@pytest.mark.parametrize("starter", TOLD, ids=lambda one: one.slug)
def test_a_script_or_message_that_ships_has_nothing_to_mend(starter, now):
    about = rules.About(starter.topic, starter.language, on=now.date())
    assert rules.check(starter.said, about) == []


@pytest.mark.parametrize("starter", TOLD, ids=lambda one: one.slug)
def test_a_script_or_message_survives_its_own_form(starter):
    blank = FORMS[starter.channel](None, said=starter.said, rows=0, origin=(False, False))
    typed = {
        name: str(blank.get_initial_for_field(field, name) or "")
        for name, field in blank.fields.items()
        if not name.startswith("is_")
    }
    form = FORMS[starter.channel](typed, said=starter.said, rows=0, origin=(False, False))
    assert form.is_valid(), form.errors
    assert starters.msgspec.to_builtins(form.made()) == starters.msgspec.to_builtins(_stripped(starter.said))


def _stripped(said):
    return starters.parts.mapped(said, str.strip)


@pytest.mark.parametrize(
    ("slug", "length", "line"),
    [
        ("annual-check-up", "words", ""),
        ("annual-check-up-sms", "2 parts, 1", "It is time for your yearly visit"),
        ("annual-check-up-call", "seconds to say", "Am I speaking with Pat?"),
        ("pre-visit-portal-es", "words", "Antes de su visita"),
    ],
)
def test_a_card_tells_the_length_in_the_words_of_its_channel(slug, length, line):
    card = starter_cards.card(slug)
    assert length in card.length
    assert line in "\n".join(card.facts.lines)


def test_a_letter_is_drawn_once_for_each_look():
    starter = starters.of_slug("newsletter")
    first = starter_cards.drawn(starter, Look())
    assert starter_cards.drawn(starter, Look()) is first
    assert starter_cards.drawn(starter, Look(accent="#1d4f91")) != first
    assert "Hello Pat" in first


@pytest.mark.django_db
def test_the_gallery_is_filtered_and_never_repeats_what_the_thumbnail_shows(client, ana):
    client.force_login(ana)
    everything = client.get("/content/starters/?language=").content.decode()
    assert f"{len(starters.every())} starters" in everything
    calls = client.get("/content/starters/?channel=call&language=en").content.decode()
    assert "2 starters" in calls
    assert "Calls people back who have not been in" in calls
    assert "grade" in calls
    assert "Around a visit" in client.get("/content/starters/?programme=Around a visit").content.decode()
    assert "Nothing fits" in client.get("/content/starters/?programme=Newsletter&channel=push").content.decode()


@pytest.mark.django_db
def test_a_page_of_every_starter_and_all_its_thumbnails_draw_each_letter_once(client, ana):
    client.force_login(ana)
    starter_cards.drawn.cache_clear()
    for _again in range(2):
        client.get("/content/starters/?language=")
        for slug in ("newsletter", "welcome-es"):
            assert (
                "Hello Pat" in (html := client.get(f"/content/starters/{slug}/frame/").content.decode())
                or "Luis" in html
            )
    letters = sum(bool(one.blocks) for one in starters.every())
    assert starter_cards.drawn.cache_info().misses <= letters


@pytest.mark.django_db
def test_a_script_is_taken_with_its_words(client, ana):
    client.force_login(ana)
    taken = client.post("/content/starters/annual-check-up-call/take/")
    assert taken.headers["Location"] == "/content/piece/annual-check-up-call/edit/"
    assert "Am I speaking with Pat?" in client.get(taken.headers["Location"]).content.decode()
