"""Liquid of marketers: bounded, and blind to everything but the merge fields."""

import time

import pytest

from rapport.content import lint, words

BOMBS = [
    "{% for i in (1..99999999) %}a{% endfor %}",
    "{% for i in (1..99999999) reversed %}a{% endfor %}",
    "{% assign n = 99999999 %}{% for i in (1..n) reversed %}a{% endfor %}",
    "{% for i in (1..2000) %}{% for j in (1..2000) %}b{% endfor %}{% endfor %}",
    "{% assign x = 'aaaaaaaaaaaaaaaaaaaa' %}{% for i in (1..1000) %}{% assign x = x | append: x %}{% endfor %}",
    "{% assign x = 9999999999 %}{% for i in (1..100) %}{% assign x = x | times: x %}{% endfor %}{{ x }}",
    "{% capture x %}{% for i in (1..1900) %}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{% endfor %}{% endcapture %}"
    + "{{ x }}" * 9,
    "{% assign x = (1..99999999) | reverse %}{{ x | first }}",
    "{% assign x = (1..99999999) | join: ',' %}{{ x }}",
    "{% tablerow i in (1..99999999) %}a{% endtablerow %}",
    "{% if true %}" * 500 + "{% endif %}" * 500,
    "{% capture x %}{% for i in (1..1900) %}aaaaaaaaaa{% endfor %}{% endcapture %}{{ x | replace: 'a', x | replace: 'a', x }}",
    "{% capture x %}{% for i in (1..1900) %}aaaaaaaaaa{% endfor %}{% endcapture %}{{ x | split: '' | join: x }}",
    "{% assign x = 'a,b,c,d' | split: ',' %}{% for i in (1..40) %}{% assign x = x | concat: x %}{% endfor %}{{ x | size }}",
    "a" * 500_000,
]


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_stopped_within_a_second(bomb):
    began = time.monotonic()
    try:
        made = words.render(bomb, {}, html=True)
    except words.BrokenTemplate:
        made = ""
    assert len(made) < 500_000
    assert time.monotonic() - began < 1.0


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
