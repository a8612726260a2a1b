"""The gallery shows every component, whole or in part, in both languages of the layout."""

import re

import pytest
from django.template import engines
from django.test import RequestFactory

from rapport.ui import components, icons, views
from rapport.ui.navigation import PLACES
from tests.ui.test_templates import faults

pytestmark = pytest.mark.urls("tests.ui.addresses")


@pytest.fixture
def get():
    return RequestFactory().get


def html_of(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_the_gallery_shows_every_section(get) -> None:
    html = html_of(views.gallery(get("/ui/")))
    for section in ("numbers", "actions", "tables", "forms", "feedback", "people", "charts", "words"):
        assert f'id="{section}"' in html


def test_the_gallery_uses_every_public_macro() -> None:
    folder = components.FOLDER.parents[1]
    used = "".join(file.read_text(encoding="utf-8") for file in folder.glob("ui/**/*.html"))
    inside = "".join(file.read_text(encoding="utf-8") for file in components.FOLDER.glob("*.html"))
    public = [name for name in components.macro_homes() if not name.startswith("_")]
    unseen = [name for name in public if f"ui.{name}(" not in used and inside.count(f"{name}(") < 2]
    assert unseen == []


def test_every_macro_is_in_the_readme() -> None:
    readme = (components.FOLDER.parents[2] / "README.md").read_text(encoding="utf-8")
    public = [name for name in components.macro_homes() if not name.startswith("_")]
    assert [name for name in public if f"{name}(" not in readme] == []


def test_what_comes_out_has_nothing_inline(get) -> None:
    for view, path in ((views.gallery, "/ui/"), (views.public_gallery, "/ui/public/")):
        assert faults(html_of(view(get(path)))) == []


def test_no_two_things_of_the_gallery_share_an_id(get) -> None:
    ids = re.findall(r'\sid="([^"]+)"', html_of(views.gallery(get("/ui/"))))
    assert len(ids) == len(set(ids))


def test_every_label_points_at_something(get) -> None:
    html = html_of(views.gallery(get("/ui/")))
    ids = set(re.findall(r'\sid="([^"]+)"', html))
    assert set(re.findall(r'<label[^>]*\sfor="([^"]+)"', html)) <= ids
    described = {one for names in re.findall(r'aria-describedby="([^"]+)"', html) for one in names.split()}
    assert described
    assert described <= ids


def test_the_chosen_theme_is_in_the_first_byte_of_the_page(get) -> None:
    for chosen, shown in (("dark", "dark"), ("light", "light"), ('"><script>', "system"), ("", "system")):
        request = get("/ui/")
        request.COOKIES["theme"] = chosen
        assert f'data-theme="{shown}"' in html_of(views.gallery(request))[:200]


def test_htmx_gets_only_the_named_part(get) -> None:
    part = html_of(views.gallery(get("/ui/", headers={"HX-Request": "true"})))
    assert "<form" in part
    assert "<html" not in part
    whole = html_of(views.gallery(get("/ui/", headers={"HX-Request": "true", "HX-Boosted": "true"})))
    assert "<html" in whole


def test_a_page_says_that_it_differs_for_htmx(get) -> None:
    assert "HX-Request" in views.gallery(get("/ui/")).headers["Vary"]


def test_an_error_stands_at_its_field_and_keeps_what_was_typed(get) -> None:
    html = html_of(views.gallery(get("/ui/")))
    field = re.search(r'<input[^>]*name="email"[^>]*>', html)[0]
    assert 'value="pat.rivera@"' in field
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="id_email-error"' in field
    assert re.search(r'id="id_email-error".*?Enter a valid email address', html, re.DOTALL)


def test_the_clinic_paints_its_own_page_but_only_in_colours_that_can_be_read(get) -> None:
    assert 'class="public clinic-plum"' in html_of(views.public_gallery(get("/ui/public/?colour=plum")))
    assert 'class="public clinic-teal"' in html_of(views.public_gallery(get("/ui/public/?colour=x%22onload")))


@pytest.mark.parametrize("name", [place.icon for place in PLACES])
def test_the_icon_of_a_place_exists(name: str) -> None:
    assert "<svg" in icons.icon(name)


def test_an_icon_is_silent_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in icons.icon("check")
    named = icons.icon("check", label="Done")
    assert 'role="img"' in named
    assert 'aria-label="Done"' in named
    assert "aria-hidden" not in named


def test_an_icon_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(icons.IconDoesNotExist):
        icons.icon("no-such-icon")


def test_what_people_type_is_escaped_in_every_macro() -> None:
    nasty = '<img src=x onerror="1">'
    source = """{{ ui.button(x, attrs={'title': x}) }}{{ ui.page_header(x, x) }}{{ ui.number(x, x, x, x) }}
    {{ ui.badge(x) }}{{ ui.cell(x, x, href=x) }}{{ ui.text_input('a', x, x, error=x) }}{{ ui.empty(x, x) }}{{ ui.notice(x) }}
    {{ ui.person(x, x, x) }}{{ ui.reasons([{'text': x, 'evidence': x}]) }}{{ ui.quarantined(x, 1, x, x, x) }}
    {{ ui.bar_chart(x, [{'label': x, 'value': 1}]) }}{{ ui.code(x) }}{{ ui.toast(x) }}{{ icon('check', label=x) }}"""
    html = engines["jinja2"].from_string(source).render({"x": nasty})
    assert "<img" not in html
    assert 'onerror="' not in html


def test_the_error_pages_stand_without_a_request() -> None:
    for name in ("400", "403", "403_csrf", "404", "500"):
        html = engines["jinja2"].get_template(f"{name}.html").render({})
        assert 'data-theme="system"' in html
        assert "<h1>" in html
    assert "7F3A" in engines["jinja2"].get_template("500.html").render({"reference": "7F3A"})
