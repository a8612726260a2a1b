"""Liquid of marketers: blind to everything but the merge fields. Bombs and escapes: `tests/content/liquid`."""

import pytest

from rapport.content import lint, words


@pytest.mark.parametrize(
    "source",
    [
        "{% include 'a' %}",
        "{% render 'a' %}",
        "{% extends 'a' %}",
        "{{ 'x' | safe }}",
        "{{ 'x' | nothing_we_know }}",
        "{% if %}",
        "{{ 1 | divided_by: 0 }}",
    ],
)
def test_what_is_not_allowed_raises(source):
    with pytest.raises(words.BrokenTemplate):
        words.render(source, {}, html=True)


@pytest.mark.parametrize(
    "source",
    [
        "{{ person.__class__ }}",
        "{{ person.given.__class__.__mro__ }}",
        "{{ self }}",
        "{{ settings.SECRET_KEY }}",
        "{{ person.keys }}",
    ],
)
def test_no_way_leads_out_of_the_merge_fields(source):
    assert words.render(source, {"person": {"given": "Pat"}}, html=True) == ""


def wording(**more) -> lint.Wording:
    body = '<mj-text>{{ clinic.address }} <a href="{{ links.unsubscribe }}">Stop</a></mj-text>'
    said = {"topic": "newsletter", "subject": "A visit", "preheader": "", "mjml": body, "text": ""} | more
    return lint.Wording(**said)


def rules(found: list[lint.Finding]) -> set[tuple[str, str]]:
    return {(one.rule, one.place) for one in found if one.severity == "error"}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, set()),
        ({"subject": "Your diabetes visit"}, {("E-04", "subject")}),
        ({"preheader": "About your depression"}, {("E-04", "preheader")}),
        ({"subject": "Hello {{ person.given }}"}, {("E-04", "subject")}),
        ({"subject": ""}, {("subject", "subject")}),
        ({"mjml": "<mj-text>{{ clinic.address }}</mj-text>"}, {("E-01", "body")}),
        ({"mjml": '<mj-text><a href="{{ links.unsubscribe }}">Stop</a></mj-text>'}, {("E-01", "body")}),
        ({"text": "Only text, no way out"}, {("E-01", "text")}),
    ],
)
def test_each_rule_of_the_lint(more, expected):
    assert rules(lint.check(wording(**more))) == expected


@pytest.mark.parametrize(
    ("href", "rule"),
    [
        ("http://a.example/", "links"),
        ("javascript:alert(1)", "links"),
        ("https://a.example/cancer-care", "E-04"),
        ("https://a.example/?who={{ person.given }}", "E-04"),
    ],
)
def test_addresses_of_links_are_looked_at(href, rule):
    body = wording().mjml + f'<mj-text><a href="{href}">x</a></mj-text>'
    assert (rule, "link") in rules(lint.check(wording(mjml=body)))


def test_an_unknown_merge_field_is_an_error():
    assert ("merge-field", "body") in rules(lint.check(wording(mjml=wording().mjml + "{{ person.mrn }}")))


def test_a_picture_needs_words():
    assert ("A-03", "image") in rules(
        lint.check(wording(mjml=wording().mjml + '<mj-image src="https://a.example/a.png" />'))
    )
