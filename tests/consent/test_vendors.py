"""Vendors and their agreements: in force on a day or not, kept as proof, asked by channel."""

from datetime import UTC, date, datetime

import pytest

from rapport.consent import vendors
from rapport.consent.models import Vendor
from rapport.consent.vendors import Terms
from rapport.trust.models import AuditEntry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
TODAY = date(2026, 3, 4)
SIGNED = {"baa_reference": "Binder 4", "baa_signed_on": date(2025, 1, 1)}


def add(by, name="Postbird", **terms):
    return vendors.add(by=by, terms=Terms(name=name, **({"channels": ("email",)} | terms)), now=NOW)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"is_ours": True}, "ours"),
        ({}, "missing"),
        (SIGNED, "in_force"),
        (SIGNED | {"baa_until": date(2026, 3, 3)}, "expired"),
        (SIGNED | {"baa_until": date(2026, 3, 4)}, "expiring"),
        (SIGNED | {"baa_until": date(2026, 5, 3)}, "expiring"),
        (SIGNED | {"baa_until": date(2026, 5, 4)}, "in_force"),
        (SIGNED | {"baa_signed_on": date(2026, 3, 5)}, "coming"),
    ],
)
def test_the_state_of_an_agreement_on_a_day(cole, terms, expected):
    assert vendors.state(add(cole, **terms), TODAY) == expected


def test_a_channel_without_vendor_or_agreement_carries_no_patient_data(cole):
    assert not vendors.covers("email", TODAY).ok
    bare = add(cole)
    answer = vendors.covers("email", TODAY)
    assert (answer.ok, answer.vendor_ids) == (False, (bare.pk,))
    assert "Postbird" in answer.reason
    vendors.change(by=cole, vendor=bare, terms=Terms(name="Postbird", channels=("email",), **SIGNED), now=NOW)
    assert vendors.covers("email", TODAY).ok
    assert not vendors.covers("email", date(2024, 12, 31)).ok
    assert not vendors.covers("sms", TODAY).ok


def test_one_uncovered_carrier_is_enough_to_say_no(cole):
    add(cole, **SIGNED)
    second = add(cole, "Mailmoose")
    assert not vendors.covers("email", TODAY).ok
    vendors.end(by=cole, vendor=second, now=NOW)
    assert vendors.covers("email", TODAY).ok


def test_what_has_ended_stays_and_is_not_changed(cole):
    vendor = vendors.end(by=cole, vendor=add(cole), now=NOW)
    with pytest.raises(vendors.Ended):
        vendors.change(by=cole, vendor=vendor, terms=Terms(name="Postbird"), now=NOW)
    assert Vendor.objects.count() == 1
    assert vendors.state(vendor, TODAY) == "ended"


def test_a_change_leaves_what_stood_before_in_the_trail(cole):
    vendor = add(cole, **SIGNED)
    vendors.change(by=cole, vendor=vendor, terms=Terms(name="Postbird", channels=("sms",)), now=NOW)
    told = AuditEntry.objects.get(verb="vendor.change").details
    assert told["channels"] == ["sms"]
    assert told["before"]["signed"] == "2025-01-01"


@pytest.mark.parametrize(
    "wrong",
    [
        {"baa_until": TODAY},
        SIGNED | {"baa_until": date(2024, 1, 1)},
        {"baa_signed_on": TODAY},
    ],
)
def test_dates_that_make_no_sense_are_refused(cole, wrong):
    with pytest.raises(vendors.WrongDates):
        add(cole, **wrong)


def test_a_name_is_taken_once(cole):
    add(cole)
    with pytest.raises(vendors.NameTaken):
        add(cole, "postbird")
