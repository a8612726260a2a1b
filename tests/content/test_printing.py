"""Letters and postcards on paper."""

import pytest

from rapport.content import actions, designing, printing, starters
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
    blocks = arrange.named((kinds.Text(html="<p>All of <strong>us</strong></p>"), kinds.Footer()))
    [para] = items.items(blocks, {}, "en")
    assert [(run.text, run.bold) for run in para.runs] == [("All of", False), (" us", True)] or para.runs[1].bold
    assert items.items(blocks, {}, "en", {"b1": False}) == []


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
