"""Which arrival brought a person: the first step of every trace."""

import json
import uuid

import pytest
from django.urls import reverse

from rapport.integrations import arrival, landing, take_in

pytestmark = pytest.mark.django_db


def land(now):
    source = landing.source(slug="arrival-test", name="Arrival test", kind="fhir", now=now)
    raw = json.dumps(
        {
            "resourceType": "Patient",
            "id": "a1",
            "name": [{"family": "Arrived", "given": ["Ann"]}],
            "birthDate": "1980-02-03",
            "gender": "female",
        }
    )
    landed = landing.receive(source=source, raw=raw.encode(), form="fhir_ndjson", now=now)
    take_in.take(landings=take_in.claim(limit=1, now=now), now=now)
    return landed


def test_a_trace_names_the_arrival_and_its_totals(now):
    landed = land(now)
    found = arrival.of_trace(landed.trace)
    assert found is not None
    assert (found.source, found.landings, found.received_at) == ("Arrival test", 1, now)
    assert found.totals["read"] == found.totals["accepted"] == 1


def test_nothing_landed_under_a_stranger_s_trace(now):
    assert arrival.of_trace(uuid.uuid4()) is None


def test_the_fragment_is_for_those_who_may_see_sources(now, client, cole, zoe):
    address = reverse("integrations:arrival", args=[land(now).trace])
    client.force_login(cole)
    assert b"Arrival test" in client.get(address).content
    client.force_login(zoe)
    assert client.get(address).status_code == 403
