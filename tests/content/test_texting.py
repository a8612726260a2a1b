"""How long a text is on the wire, and what must be right before it goes out."""

import pytest

from rapport.content import actions, texting
from rapport.content.models import Version
from rapport.trust.actors import SYSTEM


@pytest.mark.parametrize(
    ("text", "alphabet", "places", "parts"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("mañana ¿sí?", "UCS-2", 11, 1),
        ("mañana ¿a qué hora?", "GSM-7", 19, 1),
        ("ó" * 70, "UCS-2", 70, 1),
        ("ó" * 71, "UCS-2", 71, 2),
        ("🙂" * 35, "UCS-2", 70, 1),
        ("🙂" * 36, "UCS-2", 72, 2),
    ],
)
def test_parts_are_counted_as_the_carrier_bills_them(text, alphabet, places, parts):
    assert texting.measure(text) == texting.Size(alphabet, places, parts)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Your visit is on Monday.", "T-03"),
        ("{{ clinic.name }}: {{ person.ssn }}", "merge-field"),
        ("{{ clinic.name }}: {{ oops", "liquid"),
        ("{{ clinic.name }}: your diabetes visit", "E-04"),
        ("  ", "text"),
        ("{{ clinic.name }}" + "a" * 1600, "size"),
    ],
)
@pytest.mark.django_db
def test_what_is_wrong_is_not_published(text, rule, now):
    piece = actions.start(by=SYSTEM, name="X", topic="care", language="en", now=now, channel="sms")
    with pytest.raises(actions.NotPublishable) as refused:
        texting.publish(by=SYSTEM, piece=piece, text=text, now=now)
    assert rule in {one.rule for one in refused.value.findings if one.severity == "error"}


def test_a_long_text_is_published_with_a_warning():
    (finding,) = texting.check("{{ clinic.name }}" + " word" * 130)
    assert (finding.rule, finding.severity) == ("size", "warning")


@pytest.mark.django_db
@pytest.mark.parametrize("slug", sorted(file.stem for file in texting.FOLDER.glob("*.yaml")))
def test_a_starter_is_published_once(slug, now):
    first = texting.starter(by=SYSTEM, slug=slug, now=now)
    assert texting.starter(by=SYSTEM, slug=slug, now=now) == first
    assert not texting.check(first.text)


@pytest.fixture
def piece(now):
    texting.starter(by=SYSTEM, slug="sms-help", now=now)
    return "sms-help"


@pytest.mark.django_db
def test_the_editor_of_a_text_shows_it_with_its_length_and_publishes_it(client, ana, piece):
    client.force_login(ana)
    html = client.get(f"/content/piece/{piece}/edit/").content.decode()
    assert "1 part" in html
    assert "Riverbend Health: Texts about your visits" in html
    looked = client.post(f"/content/piece/{piece}/edit/", {"text": "{{ clinic.name }}: ¿sí?", "do": "look"})
    assert "UCS-2" in looked.content.decode()
    assert Version.objects.get(piece__slug=piece, state="draft").text == "{{ clinic.name }}: ¿sí?", (
        "what is typed is kept"
    )
    client.post(f"/content/piece/{piece}/edit/", {"text": "{{ clinic.name }}: call us.", "do": "publish"})
    assert Version.objects.filter(piece__slug=piece).count() == 2
    assert client.get(f"/content/piece/{piece}/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "No name", "{{ oops", "{{ clinic.name }} {{ person.ssn }}"])
def test_the_editor_refuses_what_is_wrong_and_says_why(client, ana, piece, text):
    client.force_login(ana)
    assert client.post(f"/content/piece/{piece}/edit/", {"text": text, "do": "publish"}).status_code == 422
    assert set(Version.objects.filter(piece__slug=piece).values_list("state", flat=True)) <= {"published", "draft"}
