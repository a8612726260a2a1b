"""Giving something: whether it may be given is shown before it is saved, by the rule that decides when it is saved."""

from datetime import timedelta
from html import unescape

import pytest

from rapport.consent import inducements, rewards, rules
from rapport.consent.inducements import Gift
from rapport.consent.models import Reward
from rapport.directory.models import Payer
from rapport.trust.models import AuditEntry
from tests.home.test_pages import HTMX, NOW, as_, holds, text, today  # noqa: F401 - the clock of these pages

pytestmark = pytest.mark.django_db


def typed(**said):
    return {"what": "Water bottle", "worth": "12.50", "kind": "item", "payer_class": "", "exception": ""} | said


def give(user, who, **said):
    return as_(user).post(f"/people/{who.pk}/rewards/new/", typed(**said))


def look(user, who, **said):
    return unescape(text(as_(user).post(f"/people/{who.pk}/rewards/new/", typed(**said), headers=HTMX)))


def part(user, who):
    return text(as_(user).get(f"/people/{who.pk}/?part=permission"))


def test_what_may_be_given_is_said_before_it_is_written_down(bea, pat):
    seen = look(bea, pat)
    assert "<form" not in seen, "the answer alone"
    assert "It may be given" in seen
    assert "$62.50 would be left for the year" in seen
    assert not Reward.objects.exists()
    assert give(bea, pat).headers["Location"] == f"/people/{pat.pk}/?part=permission"
    made = Reward.objects.get()
    assert (made.what, made.retail_cents, made.kind, made.given_by) == ("Water bottle", 1250, "item", bea)
    assert AuditEntry.objects.filter(verb="reward.give", person_id=pat.pk).count() == 1
    page = part(bea, pat)
    assert "Water bottle" in page
    assert "$62.50 of $75.00 left for the year" in page


@pytest.mark.parametrize(("said", "words"), [
    ({"worth": "15.01"}, "Worth $15.01; one thing may be worth $15.00."),
    ({"kind": "cash_equivalent", "worth": "5"}, "Cash, and what is as good as cash"),
    ({"kind": "cash_equivalent", "worth": "5", "exception": "preventive_care"}, "Cash, and what is as good as cash"),
])  # fmt: skip
def test_a_refusal_names_its_clause_before_and_after(bea, pat, said, words):
    before = look(bea, pat, **said)
    assert "It may not be given" in before
    answer = give(bea, pat, **said)
    assert answer.status_code == 422
    for page in (before, unescape(text(answer))):
        assert words in page
        assert "42 CFR 1003.110" in page
    assert "Water bottle" in text(answer), "what was typed is kept"
    assert not Reward.objects.exists()


def test_a_sixth_thing_of_15_dollars_is_too_much_for_the_year(bea, pat):
    for _ in range(5):
        assert give(bea, pat, worth="15").status_code == 302
    assert "would be $90.00; a person may get $75.00" in look(bea, pat, worth="15")
    assert "It may be given" in look(bea, pat, worth="15", exception="preventive_care")
    assert "It may be given" in look(bea, pat, worth="100", payer_class="commercial")
    assert "$0.00 of $75.00 left for the year" in part(bea, pat)


@pytest.mark.parametrize(("coverages", "expected"), [
    ([], ""), ([{"code": "commercial"}], "commercial"), ([{"code": "commercial"}, {"code": "medicare"}], "medicare"),
    ([{"code": "EHCPOL", "label": "Medicare"}], "medicare"), ([{"code": "EHCPOL", "label": "Nobody knows"}], ""),
    ([{"code": "commercial"}, {"code": "EHCPOL"}], ""),
    ([{"code": "medicare", "ends_at": NOW - timedelta(days=1)}, {"code": "self_pay"}], "self_pay"),
    ([{"code": "medicaid", "status": "cancelled"}, {"code": "commercial"}], "commercial"),
], ids=str)  # fmt: skip
def test_the_payer_is_filled_in_from_the_coverage_on_record(bea, pat, coverages, expected):
    Payer.objects.create(name="Medicare", payer_class="medicare")
    for one in coverages:
        holds(pat, "coverage", **({"status": "active"} | one))
    assert rewards.payer_class(pat.pk, now=NOW) == expected
    page = text(as_(bea).get(f"/people/{pat.pk}/rewards/new/"))
    assert f'value="{expected}" selected' in page


def test_what_was_given_more_than_a_year_ago_counts_no_more(bea, pat):
    old = Gift(kind="item", what="Old mug", retail_cents=1400)
    rewards.give(by=bea, person_id=pat.pk, gift=old, now=NOW - timedelta(days=365))
    rewards.give(by=bea, person_id=pat.pk, gift=old, now=NOW - timedelta(days=364))
    assert part(bea, pat).count("Old mug") == 1
    assert "$61.00 of $75.00" in part(bea, pat)


def test_a_merged_record_does_not_begin_a_new_year(bea, pat, quinn):
    gift = Gift(kind="item", what="Mug", retail_cents=1500)
    for _ in range(5):
        rewards.give(by=bea, person_id=quinn.pk, gift=gift, now=NOW)
    type(quinn).objects.filter(pk=quinn.pk).update(merged_into=pat)
    with pytest.raises(rewards.NotAllowed, match=r"\$90.00"):
        rewards.give(by=bea, person_id=pat.pk, gift=gift, now=NOW)


@pytest.mark.parametrize(("said", "words"), [
    ({"what": ""}, "Say what it is"), ({"worth": "plenty"}, "Type an amount in dollars"), ({"worth": "0"}, "costs nothing"),
    ({"worth": "12.345"}, "no more than 2 decimal places"), ({"kind": "house"}, "house is not one of"),
    ({"exception": "because"}, "because is not one of"),
])  # fmt: skip
def test_what_is_wrong_stands_at_its_field(bea, pat, said, words):
    answer = give(bea, pat, **said)
    assert answer.status_code == 422
    assert words in text(answer)
    assert look(bea, pat, **said), "and while it is typed nobody is told off"
    assert not Reward.objects.exists()


def test_without_a_rule_nothing_is_given(bea, pat, monkeypatch):
    rows = tuple(row for row in rules.rows() if row.kind != "inducement")
    monkeypatch.setattr(inducements.rulebook, "rows", lambda: rows)
    assert "Nothing may be given" in text(as_(bea).get(f"/people/{pat.pk}/rewards/new/"))
    assert "No rule about rewards is in force" in part(bea, pat)
    assert "Nothing may be given" in text(give(bea, pat))
    assert not Reward.objects.exists()


def test_ana_gives_nothing(ana, pat):
    assert as_(ana).get(f"/people/{pat.pk}/rewards/new/").status_code == 403
    assert "/rewards/new/" not in part(ana, pat)
