"""Letters and postcards on paper."""

from pathlib import Path

import pytest

from rapport import demo
from rapport.content import actions, designing, lint, printing, starters
from rapport.content.blocks import arrange, kinds
from rapport.content.printing import envelope, items
from rapport.content.printing.postcards import NotOnAPostcard, check
from rapport.trust.actors import SYSTEM

PAT = printing.Address(("Pat Rivera", "12 Canal Street", "Lowell, MA 01852"))


@pytest.fixture
def letter(db, now):
    return starters.load(by=SYSTEM, now=now)["annual-check-up"]


def test_a_letter_is_an_accessible_pdf_that_is_quick_to_make(letter, now):
    pdf = printing.letter(letter, {"person.given": "Pat"}, PAT, on=now.date())
    assert pdf.startswith(b"%PDF")
    assert b"pdfuaid" in pdf
    assert printing.pages(pdf) == 1


def test_many_letters_are_one_pdf_with_a_page_each(letter, now):
    pdf = printing.sheet(
        letter, [({"person.given": name}, PAT, ()) for name in ("Pat", "Quinn", "Luis")], on=now.date()
    )
    assert printing.pages(pdf) == 3


@pytest.mark.parametrize("evil", ['#panic("x")', '#read("/etc/passwd")', "$ x $ *b* \\ ]", "{{ 7 | times: 7 }}"])
def test_what_people_are_called_is_never_source(letter, now, evil):
    address = printing.Address((evil, "12 Canal Street", "Lowell"))
    assert printing.pages(printing.letter(letter, {"person.given": evil}, address, on=now.date())) == 1


def test_the_windows_show_the_addresses_and_nothing_of_the_message():
    assert envelope.ADDRESS_SEEN.holds(envelope.ADDRESS_SURE)
    assert envelope.RETURN_SEEN.bottom < envelope.ADDRESS_SEEN.top
    assert max(envelope.FOLD, envelope.ADDRESS_SEEN.bottom) < envelope.BODY_TOP
    assert round(envelope.ADDRESS_SURE.bottom - envelope.ADDRESS_SURE.top, 2) == 0.54, "three lines of ten points"


def test_a_block_that_is_not_shown_is_not_printed():
    blocks = arrange.named((kinds.Text(html="<p>All of <strong>us</strong></p>"),))
    [para] = items.items(blocks, {}, "en")
    assert [(run.text, run.bold) for run in para.runs] == [("All of", False), (" us", True)] or para.runs[1].bold
    assert items.items(blocks, {}, "en", {"b1": False}) == []


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "To get no more letters like this, call 978-555-0100 or write to Riverbend, 1 Mill Street."),
        ("es", "Para no recibir más cartas como esta, llame al 978-555-0100 o escriba a Riverbend, 1 Mill Street."),
    ],
)
def test_paper_says_in_words_how_to_stop_and_the_lint_asks_for_no_link(db, now, ana, language, says):
    """The same letter as the printer and as the lint has it, for offers too."""
    blocks = arrange.named((kinds.Text(html="<p>Hello</p>"), kinds.Footer(reason="You are a patient of ours.")))
    clinic = {"clinic.name": "Riverbend", "clinic.phone": "978-555-0100", "clinic.address": "1 Mill Street"}
    assert [one.runs[0].text for one in items.items(blocks, clinic, language)[1:]] == [
        "You are a patient of ours.", says,
    ]  # fmt: skip
    piece = actions.start(by=ana, name="On paper", topic="newsletter", language=language, now=now, channel="print")
    looked = designing.look(piece=piece, blocks=blocks, said=designing.Words("News"), now=now)
    assert "links." not in looked.mjml
    assert [one for one in looked.findings if one.rule in {"E-01", "links", "preferences"}] == []


def test_the_letter_of_the_demo_says_on_paper_how_to_stop(db, now, ana):
    source = (Path(demo.__file__).parent / "letters" / "moving.mjml").read_text()
    piece = actions.start(by=ana, name="Moving", topic="care", language="en", now=now, channel="print")
    made = actions.publish(by=SYSTEM, piece=piece, subject="We move", preheader="", mjml=source, now=now)
    assert [one for one in lint.of_version(made, now) if one.rule in {"E-01", "links"}] == []
    assert printing.pages(printing.letter(made, {"person.given": "Pat"}, PAT, on=now.date())) == 1


def test_a_postcard_says_nothing_of_health_and_names_nobody(db, now, ana):
    piece = actions.start(by=ana, name="Card", topic="newsletter", language="en", now=now)
    foot = kinds.Footer(reason="x")
    said = designing.Words("Hello from us")
    good = designing.keep(
        by=ana, piece=piece, blocks=arrange.named((kinds.Banner(text="Open on Saturday"), foot)), said=said, now=now
    )
    assert check(good) == []
    for size in printing.SIZES:
        assert printing.pages(printing.postcard(good, PAT, size=size)) == 2
    for wrong in ("Your mammogram is due", "See you {{ appointment.day }}", "Dear {{ person.given }}"):
        bad = designing.keep(
            by=ana, piece=piece, blocks=arrange.named((kinds.Banner(text=wrong), foot)), said=said, now=now
        )
        with pytest.raises(NotOnAPostcard):
            printing.postcard(bad, PAT)


def test_ana_prints_what_she_designs(client, ana, letter):
    client.force_login(ana)
    answer = client.get("/content/piece/annual-check-up/printed.pdf?as=letter")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")


def test_the_editor_of_texts_names_the_letter_that_costs(client, ana, now):
    actions.start(by=ana, name="Ping", topic="care", language="es", now=now, channel="sms")
    client.force_login(ana)
    answer = client.post(
        "/content/piece/ping/edit/", {"text": "{{ clinic.name }}: mañana á las 9"}, headers={"HX-Request": "true"}
    )
    html = answer.content.decode()
    assert "<kbd>á</kbd>" in html
    assert "UCS-2" in html
    assert "<html" not in html
