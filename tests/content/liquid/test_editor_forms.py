"""Whatever is typed into the editors: an answer, never a broken page, and nothing of the inside."""

import pytest
from django.conf import settings

from rapport.content import actions
from rapport.content.models import Piece, Version
from tests.content.liquid import test_bombs, test_escapes

pytestmark = pytest.mark.django_db

AROUND = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>{0} {{{{ clinic.address }}}}"
    '<a href="{{{{ links.unsubscribe }}}}">Stop these e-mails</a></mj-text></mj-column></mj-section></mj-body></mjml>'
)
BOMBS = (
    "loops in loops",
    "append doubles",
    "numbers in a chain",
    "deep brackets",
    "braces alone",
    "marks never closed",
    "too long",
    "names",
)
TYPED = [
    *(test_bombs.STOPPED[name] for name in BOMBS),
    *(read.replace("%s", "__class__") for read in test_escapes.READS[::4]),
    *test_escapes.TAGS[:2], *test_escapes.FILTERS[:2], *test_escapes.HOSTILE[::3],
    "{{ 'nan' | floor }}", "{% if %}", "{{", "{%", "{{ 1 | divided_by: 0 }}", "{{ settings.SECRET_KEY }}",
    "<div>" * 30_000, "<mj-wrapper>" * 30_000, "<div title='<'>" * 9_000, "<!--" * 20_000,
    "<![CDATA[</div>]]>", "<a " * 40_000, "&lt;" * 40_000,
]  # fmt: skip


@pytest.fixture
def letter(ana, now):
    piece = actions.start(by=ana, name="Typed", topic="newsletter", language="en", now=now)
    actions.draft(by=ana, piece=piece, subject="News", preheader="", mjml=AROUND.format("Hello"), text="", now=now)
    return piece


@pytest.fixture
def text(ana, now):
    return actions.start(by=ana, name="Typed text", topic="newsletter", language="en", now=now, channel="sms")


def checked(answer) -> str:
    html = answer.content.decode()
    assert answer.status_code in {200, 302, 422}
    for inside in (settings.SECRET_KEY, "Traceback", "object at 0x", "<class"):
        assert inside not in html.replace("&lt;", "<")
    return html


@pytest.mark.parametrize("typed", TYPED, ids=range(len(TYPED)))
def test_every_field_of_the_letter_editor_takes_anything(client, ana, letter, typed):
    client.force_login(ana)
    here = f"/content/piece/{letter.slug}/edit/"
    plain = {"subject": "News", "preheader": "", "mjml": AROUND.format("Hello"), "text": ""}
    told = [{"mjml": AROUND.format(typed)}, {"text": typed}, {"subject": typed[:200], "preheader": typed[:200]}]
    for changed in told:
        for step in ("keep", "hand_in"):
            checked(client.post(here, plain | changed | {"do": step}))
        checked(client.get(here))
        version = Version.objects.filter(piece=letter).latest("number")
        for page in (
            f"/content/piece/{letter.slug}/",
            f"/content/version/{version.pk}/frame/",
            f"/content/version/{version.pk}/reviewing/",
        ):
            checked(client.get(page))


@pytest.mark.parametrize("typed", TYPED, ids=range(len(TYPED)))
def test_the_editor_of_texts_takes_anything(client, ana, text, typed):
    client.force_login(ana)
    for step in ("look", "publish"):
        checked(client.post(f"/content/piece/{text.slug}/edit/", {"text": typed, "do": step}))
    assert not Version.objects.filter(piece=text, state="published").exists()


def test_what_can_not_be_filled_in_can_not_be_handed_in(client, ana, letter):
    client.force_login(ana)
    said = {"subject": "News", "preheader": "", "text": "", "do": "hand_in"}
    for typed in ("{{ settings.SECRET_KEY }}", "{% include 'x' %}", "<div>" * 200 + "</div>" * 200):
        answer = client.post(f"/content/piece/{letter.slug}/edit/", {**said, "mjml": AROUND.format(typed)})
        assert answer.status_code == 422
    assert Piece.objects.get(pk=letter.pk).versions.get().state == "draft"
