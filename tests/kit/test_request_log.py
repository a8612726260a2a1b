"""A request leaves one line: route, end and time, and nothing of what was asked for."""

import pytest
from django.contrib.auth import middleware
from django.db import OperationalError
from structlog.testing import capture_logs

from rapport.kit.request_log import HEADER
from tests import people_cast

pytestmark = pytest.mark.django_db


def said(client, method, path, **more):
    """The line that a request leaves, and its answer."""
    with capture_logs() as lines:
        answer = getattr(client, method)(path, **more)
    (line,) = [one for one in lines if one["event"] == "request"]
    return line, answer


def test_a_page_is_a_route_with_its_end_and_who_asked(client, bea):
    client.force_login(bea)
    pat = people_cast.pat()
    line, answer = said(client, "get", f"/people/{pat.pk}/?part=family&why=Rivera")
    assert (line["method"], line["status"], line["user_id"]) == ("GET", 200, bea.pk)
    assert line["route"] == "people/<int:person_id>/"
    assert line["bytes"] == len(answer.content)
    assert 0 < line["ms"] < 60_000
    assert len(answer.headers[HEADER]) == 16
    assert "Rivera" not in str(line)
    assert str(pat.pk) not in line["route"]


def test_what_is_typed_or_asked_for_in_vain_is_not_in_it(client):
    assert said(client, "get", "/no/such/page/Quennell/")[0] | {"ms": 0, "bytes": 0} == {
        "event": "request", "log_level": "info", "method": "GET", "route": "(none)", "status": 404, "ms": 0, "bytes": 0,
        "user_id": None,
    }  # fmt: skip
    line, _ = said(client, "post", "/account/login/", data={"login": "quennell@mail.example", "password": "secret"})
    assert "quennell" not in str(line)
    assert line["route"] == "account/login/"


def test_each_request_has_a_name_of_its_own(client):
    names = {client.get("/account/login/").headers[HEADER] for _ in range(3)}
    assert len(names) == 3


def test_a_database_that_is_away_leaves_its_line_too(client, bea, monkeypatch):
    client.force_login(bea)
    client.raise_request_exception = False

    def away(request):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(middleware.auth, "get_user", away)
    line, answer = said(client, "get", "/people/")
    assert (answer.status_code, line["status"], line["user_id"]) == (500, 500, None)
