"""What changed, word by word."""

from hypothesis import given
from hypothesis import strategies as st

from rapport.content.reviewing import difference


def said(before, after):
    return [(one.kind, one.words) for one in difference.compare(before, after)]


def test_a_word_that_changed_stands_beside_the_one_that_went():
    assert said("Come on Monday, please.", "Come on Friday, please.") == [
        ("same", "Come on "), ("out", "Monday"), ("in", "Friday"), ("same", ", please."),
    ]  # fmt: skip


def test_a_merge_field_is_one_word():
    assert ("in", "{{ person.given }}") in said("Hello friend", "Hello {{ person.given }}")


def test_what_stayed_is_shortened_in_the_middle():
    long = " ".join(f"w{n}" for n in range(400))
    kinds = [kind for kind, _words in said(f"a {long} b", f"x {long} y")]
    assert kinds == ["out", "in", "same", "gap", "same", "out", "in"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_both_texts_can_be_read_out_of_the_parts(before, after):
    parts = difference.compare(before, after)
    assert "".join(one.words for one in parts if one.kind != "in") == before
    assert "".join(one.words for one in parts if one.kind != "out") == after
