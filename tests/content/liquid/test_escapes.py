"""No way leads out of the merge fields: not by names, filters, tags, nor by what a person's own values contain."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.content import compile as compiler
from rapport.content import fields, render, words
from rapport.content.models import Piece, Version

SECRET = "fixture-secret-7731"  # stands wherever a template must not reach
NAMES = (
    "__class__", "__init__", "__globals__", "__mro__", "__subclasses__", "__dict__", "__builtins__", "constructor", "prototype",
    "__proto__", "keys", "items", "values", "get", "format", "__getitem__", "_meta", "objects", "pk", "password", "env", "environment",
    "template", "context", "self", "settings", "SECRET_KEY", "request", "user", "globals", "locals", "os", "import",
)  # fmt: skip
READS = [
    "{{ %s }}", "{{ person.%s }}", "{{ person.given.%s }}", "{{ person['%s'] }}", "{{ person.given['%s'] }}", "{{ 'a'.%s }}",
    "{{ forloop.%s }}", "{% for i in (1..1) %}{{ forloop.%s }}{% endfor %}", "{% assign x = person.%s %}{{ x }}",
    "{% assign k = '%s' %}{{ person[k] }}{{ [k] }}",
]  # fmt: skip
TAGS = [
    "{% include '/etc/passwd' %}", "{% render 'x' %}", "{% extends 'x' %}", "{% block x %}{% endblock %}", "{% macro x %}{% endmacro %}",
    "{% call x %}", "{% with a: 1 %}{% endwith %}", "{% import os %}", "{% load static %}", "{% php %}", "{% layout 'x' %}",
    "{% translate %}a{% endtranslate %}", "{% liquid include '../settings.py' %}",
]  # fmt: skip
FILTERS = [
    "{{ 'x' | safe }}", "{{ person | map: '__class__' }}", "{{ person | where: 'given', 'x' }}", "{{ 'x' | date: '%Y' }}",
    "{{ 'x' | escapejs }}", "{{ 'x' | attr: '__class__' }}", "{{ person | sum: '__len__' }}", "{{ 'x' | sort: '__class__' }}",
    "{{ 'x' | format: 1 }}", "{{ 'x' | t }}", "{{ 'x' | json }}", "{{ 'x' | find: 'a' }}", "{{ 'x' | currency }}",
]  # fmt: skip
OTHERS = ["${7*7}", "<%= 7*7 %>", "#{7*7}", "[[7*7]]", "{7*7}", "%(a)s", "{0.__class__}"]
HOSTILE = [
    "{{ person.salutation }}", "{% include 'a' %}", "{{ 7 | times: 7 }}", "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",
    "${7*7}", "{% raw %}", "{% endraw %}{{ person.salutation }}", "%3Cscript%3E", "&lt;script&gt;", "\u2028\u0000",
]  # fmt: skip


def world(**more: str) -> dict:
    """The merge values of a letter; everything else of the process is out of reach."""
    return fields.nested(
        {"person.given": "Pat", "person.salutation": "Ms. Rivera", "clinic.name": "Riverbend"} | more, "en"
    )


def filled_in(template: str) -> str:
    """What a template makes, in either way of writing; nothing where it is refused."""
    made = []
    for html in (True, False):
        try:
            made.append(words.render(template, world(), html=html))
        except words.BrokenTemplate:
            made.append("")
    return "\n".join(made)


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("name", NAMES)
def test_a_name_outside_of_the_list_is_empty(read, name):
    made = filled_in(read.replace("%s", name))
    assert not re.search(r"class|object at|function|method|module|dict|Environ", made)
    assert made.strip() == ""


@pytest.mark.parametrize("template", TAGS + FILTERS)
def test_a_tag_or_filter_that_reaches_further_is_refused(template):
    with pytest.raises(words.BrokenTemplate):
        words.render(template, world(), html=True)


def test_the_clock_of_the_machine_can_not_be_read():
    assert filled_in("{{ now }}{{ today }}{{ now.year }}").strip() == ""


@pytest.mark.parametrize("text", OTHERS)
def test_marks_of_other_engines_are_words(text):
    assert words.render(text, world(), html=True) == text


@pytest.mark.parametrize("value", HOSTILE)
def test_what_a_person_is_called_is_never_read_as_a_template(value):
    values = world(**{"person.given": value, "person.salutation": SECRET})
    assert words.render("Hello {{ person.given }}", values, html=False) == f"Hello {value}"
    around = "Hello {{ person.given }}{% assign x = person.given %}{{ x }}{% capture y %}{{ x }}{% endcapture %}{{ y }}"
    made = words.render(around, values, html=True)
    assert SECRET not in made
    assert "<script" not in made
    assert "<img" not in made
    assert '"' not in made


@pytest.mark.parametrize("name", sorted(words._HTML.filters))
@pytest.mark.parametrize("value", HOSTILE)
def test_no_filter_makes_markup_of_what_a_person_is_called(name, value):
    values = world(**{"person.given": value})
    for arguments in ("", ": 2", ": 'a'", ": 'a', 'b'", ": person.given", ": 1, 300"):
        try:
            made = words.render(f"{{{{ person.given | {name}{arguments} }}}}", values, html=True)
        except words.BrokenTemplate:
            continue
        assert "<script" not in made
        assert "<img" not in made


def test_the_letter_as_it_is_sent_reads_no_value_as_a_template():
    mjml = "<mjml><mj-body><mj-section><mj-column><mj-text>Hello {{ person.given }}</mj-text></mj-column></mj-section></mj-body></mjml>"
    made = compiler.layout(mjml=mjml, preheader="{{ clinic.name }}", text="")
    piece = Piece(slug="a", name="A", language="en", topic="newsletter", channel="email")
    version = Version(piece=piece, subject="News", html=made.html, text=made.text, links=list(made.links))
    shown = render.render(version, {"person.given": "{{ clinic.phone }}<b>", "clinic.phone": SECRET}, render.Unsigned())
    assert SECRET not in shown.html + shown.text + shown.subject
    assert "{{ clinic.phone }}&lt;b&gt;" in shown.html


_word = st.sampled_from(
    [*fields.FIELDS, *NAMES, "person", "links", "track", "show.c0", "x", "i", "forloop", "now", "settings.SECRET_KEY"]
)
_filter = st.sampled_from(sorted(words._HTML.filters))
_argument = st.one_of(
    _word,
    st.integers(-5, 50).map(str),
    st.sampled_from(["'a'", "','", "(1..3)", "nil", "true", "''", "'1e5'", "'nan'"]),
)
_step = st.builds(
    lambda name, given: f" | {name}: {', '.join(given)}" if given else f" | {name}",
    _filter,
    st.lists(_argument, max_size=2),
)
_output = st.builds(lambda word, steps: "{{ " + word + "".join(steps) + " }}", _argument, st.lists(_step, max_size=4))
_part = st.one_of(
    _output,
    st.builds("{{% if {} == {} %}}a{{% endif %}}".format, _argument, _argument),
    st.builds("{{% assign x = {} | {} %}}".format, _argument, _filter),
    st.builds("{{% for i in {} %}}{{{{ i }}}}{}{{% endfor %}}".format, _argument, _output),
    st.builds("{{% case {} %}}{{% when {} %}}b{{% endcase %}}".format, _argument, _argument),
    st.builds("{{% cycle {}, {} %}}".format, _argument, _argument),
    st.text(max_size=12),
)  # fmt: skip
_templates = st.lists(_part, max_size=6).map("".join)


@given(_templates)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_a_random_template_is_filled_in_or_refused_and_reads_nothing_else(template):
    values = world() | {"show": {"c0": True}}
    try:
        named = words.used(template)
        made = words.render(template, values, html=True)
    except words.BrokenTemplate:
        return
    assert "object at 0x" not in made
    assert "<class" not in made
    # What is not named by a merge field changes nothing: the rest of the world could hold any secret.
    unread = {name: SECRET for name in fields.FIELDS if name not in named and name.partition(".")[0] not in named}
    changed = fields.nested(_flat(values) | unread, "en") | {"show": values["show"]}
    assert words.render(template, changed, html=True) == made


def _flat(values: dict) -> dict[str, str]:
    return {
        f"{group}.{leaf}": said for group, leaves in values.items() if group != "show" for leaf, said in leaves.items()
    }
