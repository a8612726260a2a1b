"""Whom a programme of care does not invite, as a table (golden tests 16 and 18 among them)."""

from datetime import date

import pytest

from rapport.consent import life_events
from rapport.consent.programmes import codes_read, excluded, programmes

ON = date(2026, 3, 4)


def years(number):
    return date(ON.year - number, ON.month, ON.day)


# programme, what stands in the record, invited?
TABLE = [
    ("golden 16: both breasts are absent", "mammogram", [("icd10cm", "Z90.13", years(20))], False),
    ("the same code without its dot", "mammogram", [("icd10cm", "z9013", years(20))], False),
    ("one breast is absent", "mammogram", [("icd10cm", "Z90.11", years(3))], True),
    ("first one, then the other", "mammogram", [("icd10cm", "Z90.11", years(3)), ("icd10cm", "Z90.12", years(1))], False),
    ("a mammogram one year ago", "mammogram", [("cpt", "77067", years(1))], False),
    ("a mammogram three years ago", "mammogram", [("snomed", "24623002", years(3))], True),
    ("a mammogram that is only booked", "mammogram", [("cpt", "77067", date(2026, 4, 1))], True),
    ("golden 18: a colonoscopy 9 years ago", "colon", [("cpt", "45378", years(9))], False),
    ("golden 18: a colonoscopy 11 years ago", "colon", [("cpt", "45378", years(11))], True),
    ("a colonoscopy in SNOMED 9 years ago", "colon", [("snomed", "73761001", years(9))], False),
    ("a stool test two years ago", "colon", [("cpt", "82274", years(2))], True),
    ("a stool test last autumn", "colon", [("cpt", "82274", date(2025, 10, 1))], False),
    ("a visit about screening three years ago proves no colonoscopy", "colon", [("icd10cm", "Z12.11", years(3))], True),
    ("the colon was removed", "colon", [("cpt", "44150", years(15))], False),
    ("another code altogether", "colon", [("icd10cm", "M17.11", years(1)), ("", "", years(1)), ("icd10cm", "?!", ON)], True),
    ("nothing is known", "colon", [], True),
]  # fmt: skip


@pytest.mark.parametrize(("name", "codes", "invited"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_programme_invites_whom_it_should(name, codes, invited):
    row = programmes(ON)[name]
    why = excluded(row, codes, ON)
    assert (why is None) is invited
    assert why is None or row.id in why


def test_a_programme_that_a_life_event_stops_is_one_that_exists():
    known = set(programmes(ON))
    assert {name for one in life_events.life_rules(ON) for name in one.programmes} <= known


def test_a_programme_says_which_codes_it_asks_for():
    assert "45378" in codes_read(programmes(ON)["colon"])["cpt"]
    assert codes_read(programmes(ON)["mammogram"])["icd10cm"] == ["Z12.31", "Z90.11", "Z90.12", "Z90.13"]
