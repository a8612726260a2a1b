"""Staff choose English or Spanish for their browser; who chose nothing gets what the browser asks for."""

import pytest

pytestmark = pytest.mark.django_db
PLACES = {"en": "<span>People</span>", "es": "<span>Personas</span>"}


@pytest.mark.parametrize(("asked", "given"), [("", "en"), ("es-MX,es;q=0.9,en;q=0.5", "es"), ("fr", "en")])
def test_who_chose_nothing_gets_what_the_browser_asks_for(client, bea, asked, given):
    client.force_login(bea)
    page = client.get("/", headers={"Accept-Language": asked} if asked else {})
    assert f'<html lang="{given}' in page.content.decode()
    assert PLACES[given] in page.content.decode()


def test_a_choice_stays_and_leads_back_to_where_one_was(client, bea):
    client.force_login(bea)
    back = client.post("/account/language/", {"language": "es", "next": "/people/"})
    assert back.headers["Location"] == "/people/"
    cookie = back.cookies["language"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("es", True, "Lax")
    page = client.get("/", headers={"Accept-Language": "en"})
    assert PLACES["es"] in page.content.decode()
    assert 'value="es" lang="es" class="language" aria-pressed="true"' in page.content.decode()
    client.post("/account/language/", {"language": "en", "next": "/"})
    assert PLACES["en"] in client.get("/").content.decode()


def test_before_signing_in_too_and_nothing_leads_out_of_the_house(client):
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert client.post("/account/language/", {"language": "es", "next": elsewhere}).headers["Location"] == "/"
    assert "Con el correo electrónico que le dio su clínica." in client.get("/account/login/").content.decode()
    assert "language" not in client.post("/account/language/", {"language": "xx", "next": "/"}).cookies
    assert client.get("/account/language/").status_code == 405


def test_what_came_back_from_a_form_leads_to_the_page_the_form_stood_on(client, bea):
    client.force_login(bea)
    page = "http://testserver/people/?page=2"
    found = client.post("/people/", {"q": "x"}, headers={"Referer": page}).content.decode()
    assert f'name="next" value="{page}"' in found
    assert client.post("/account/language/", {"language": "es", "next": page}).headers["Location"] == page
