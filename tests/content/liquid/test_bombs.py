"""Templates that ask for too much stop early, and always at the same place. Measured in processor time: a busy machine fails nobody."""

import contextlib
import gc
import time

import pytest

from rapport.content import bounds, words

LONG = "{% capture x %}{% for i in (1..1900) %}aaaaaaaaaa{% endfor %}{% endcapture %}"
BIG = "{% assign x = 9999999999 %}{% for i in (1..14) %}{% assign x = x | times: x %}{% endfor %}"
STOPPED = {
    "loops in loops": "{% for i in (1..2000) %}{% for j in (1..2000) %}b{% endfor %}{% endfor %}",
    "loops of nothing": "{% for i in (1..2000) %}" + "{% if true %}{% endif %}" * 300 + "{% endfor %}",
    "loops in a row": "{% for i in (1..2000) %}a{% endfor %}" * 180,
    "a huge range": "{% for i in (1..99999999) %}a{% endfor %}",
    "a huge range backwards": "{% for i in (1..99999999) reversed %}a{% endfor %}",
    "a range by a name": "{% assign n = 99999999 %}{% for i in (1..n) reversed %}a{% endfor %}",
    "a range through a filter": "{% assign x = (1..99999999) | reverse %}{{ x | first }}",
    "a range that is joined": "{% assign x = (1..99999999) | join: ',' %}{{ x }}",
    "a table of a range": "{% tablerow i in (1..99999999) %}a{% endtablerow %}",
    "a table of nothing": "{% tablerow i in (1..2000) %}" + "{% if true %}{% endif %}" * 300 + "{% endtablerow %}",
    "append doubles": "{% assign x = 'aaaaaaaaaaaaaaaaaaaa' %}{% for i in (1..1000) %}{% assign x = x | append: x %}{% endfor %}",
    "capture doubles": "{% capture x %}aaaaaaaaaa{% endcapture %}" + "{% capture x %}{{ x }}{{ x }}{% endcapture %}" * 40,
    "replace multiplies": LONG + "{{ x | replace: 'a', x | replace: 'a', x }}",
    "replace in a chain": "{% assign x='a' %}{{ x " + "| replace: 'a','aa' " * 40 + "}}",
    "join multiplies": LONG + "{{ x | split: '' | join: x }}",
    "concat doubles": "{% assign x = 'a,b,c' | split: ',' %}{% for i in (1..40) %}{% assign x = x | concat: x %}{% endfor %}{{ x | size }}",
    "long texts in a chain": LONG + "{{ x " + "| upcase | downcase " * 190 + "}}",
    "long texts in a loop": LONG + "{% for i in (1..2000) %}{% assign y = x | strip_html | upcase %}{% endfor %}",
    "long texts captured": LONG + "{% for i in (1..2000) %}" + "{% capture y %}{{ x }}{% endcapture %}" * 50 + "{% endfor %}",
    "long texts compared": LONG + "{% for i in (1..2000) %}" + "{% if x contains 'b' or x == y %}{% endif %}" * 100 + "{% endfor %}",
    "a range that is one of a kind": "{% for i in (1..2000) %}{% assign y = (1..9999) | uniq %}{% endfor %}",
    "numbers that square": "{% assign x = 9999999999 %}{% for i in (1..100) %}{% assign x = x | times: x %}{% endfor %}{{ x }}",
    "numbers in a chain": BIG + "{% assign y = x " + "| times: x " * 300 + "%}",
    "a number of exponents": "{{ '1e99999999' | floor }}",
    "a number of few exponents": "{{ '1e9999' | times: 9 }}",
    "cycles": "{% for i in (1..2000) %}" + "{% cycle 'a','b' %}" * 100 + "{% endfor %}",
    "counters": "{% for i in (1..2000) %}" + "{% increment x %}" * 300 + "{% endfor %}",
    "names": "{% for i in (1..2000) %}" + "".join(f"{{% assign a{k} = i %}}" for k in range(150)) + "{% endfor %}",
    "changes": "{% for i in (1..2000) %}" + "{% ifchanged %}{{ i }}{% endifchanged %}" * 100 + "{% endfor %}",
    "cases": "{% for i in (1..2000) %}{% case i %}" + "{% when 'a' %}b" * 500 + "{% endcase %}{% endfor %}" * 1,
    "deep blocks": "{% if true %}" * 500 + "{% endif %}" * 500,
    "deep brackets": "{{ " + "a[" * 1500 + "1" + "]" * 1500 + " }}",
    "deep parentheses": "{% if " + "(" * 1500 + "1" + ")" * 1500 + " %}{% endif %}",
    "a long chain": "{{ 'a' " + "| append: 'b' " * 10_000 + " }}",
    "a long condition": "{% if " + "a or " * 20_000 + "b %}{% endif %}",
    "many marks": "{{ a }}" * 20_000,
    "a long tag": "{% liquid\n" + "assign a = 1\n" * 5_000 + "%}",
    "braces alone": "{" * 300_000,
    "marks never closed": "{{ " * 100_000,
    "tags never closed": "{% " * 100_000,
    "texts never closed": "{{ '" * 50_000,
    "comments never closed": "{% comment %}" * 20_000,
    "raw text never closed": "{% raw %}" * 20_000,
    "too long": "a" * 500_000,
}  # fmt: skip
HARMLESS = {
    "a loop over a text": LONG + "{% for c in x %}{% for d in x %}b{% endfor %}{% endfor %}",
    "offsets": "{% for i in (1..5) limit: 99999999999999999999 offset: 9999999999999999999999 %}a{% endfor %}",
    "cuts": "{{ 'a b' | truncate: 99999999999999999999999 | truncatewords: 99999999999999999999999999 }}",
    "slices": "{{ 'abc' | slice: 99999999999999999999999, 9999999999999999999999999999 }}",
    "rounding": "{{ 1 | round: -999999999 }}{{ 1.5 | round: 999999999 }}",
    "tags of a text": LONG + "{{ x | append: '<<<<<<script' | strip_html | squish | size }}",
}


def spent(template: str) -> tuple[str, float]:
    """What became of it, and the seconds it took, reading and filling in."""
    began = time.thread_time()
    try:
        made = words.render(template, {}, html=True)
        assert len(made) <= bounds.LONGEST
        outcome = "filled in"
    except words.BrokenTemplate:
        outcome = "stopped"
    return outcome, time.thread_time() - began


@pytest.fixture(autouse=True)
def nobody_tidies_up_meanwhile():
    """Late in a long run a collection of everything that other tests left takes a second by itself."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("name", STOPPED)
def test_a_bomb_is_stopped_within_a_second(name):
    outcome, seconds = spent(STOPPED[name])
    assert outcome == "stopped"
    assert seconds < 1.0


@pytest.mark.parametrize("name", HARMLESS)
def test_what_looks_like_a_bomb_may_be_filled_in_as_long_as_it_is_quick(name):
    outcome, seconds = spent(HARMLESS[name])
    assert outcome == "filled in"
    assert seconds < 1.0


@pytest.mark.parametrize("name", STOPPED)
def test_looking_for_the_merge_fields_of_a_bomb_is_quick_too(name):
    began = time.thread_time()
    with contextlib.suppress(words.BrokenTemplate):
        words.used(STOPPED[name])
    assert time.thread_time() - began < 1.0


def test_the_deadline_stops_what_the_steps_let_pass(monkeypatch):
    honest = "{% for i in (1..1000) %}{{ i }}{% endfor %}"
    assert words.render(honest, {}, html=True).startswith("123")
    monkeypatch.setattr(bounds, "SECONDS", -1.0)
    with pytest.raises(words.BrokenTemplate, match="asks for more"):
        words.render(honest, {}, html=True)


def test_a_template_stops_at_the_same_step_however_busy_the_machine_is(monkeypatch):
    monkeypatch.setattr(bounds, "SECONDS", 60.0)
    assert spent(STOPPED["loops of nothing"])[0] == "stopped"
    assert spent(STOPPED["cycles"])[0] == "stopped"


def test_an_honest_letter_is_far_from_every_bound():
    letter = "{% if person.given %}Hello {{ person.given | capitalize }},{% endif %}" * 200
    made = words.render(letter, {"person": {"given": "pat"}}, html=True)
    assert made.count("Hello Pat,") == 200
