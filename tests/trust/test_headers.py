"""What every response says to the browser, and what production adds."""

import os
import subprocess
import sys

import pytest
from csp.middleware import CSPMiddleware
from django.http import HttpResponse
from django.test import RequestFactory

pytestmark = pytest.mark.django_db


def test_nothing_comes_from_elsewhere_and_nothing_inline_without_a_nonce(client):
    policy = client.get("/account/login/").headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'self'"
    assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["form-action"] == rules["frame-src"] == rules["connect-src"] == "'self'"
    assert rules["img-src"] == "'self' data:"
    for kind in ("script-src", "style-src"):
        assert "unsafe" not in rules[kind]
        assert "http" not in rules[kind]


def test_a_nonce_serves_one_response():
    seen = []

    def view(request):
        seen.append(str(request.csp_nonce))
        return HttpResponse()

    gate = CSPMiddleware(view)
    for _ in range(2):
        policy = gate(RequestFactory().get("/")).headers["Content-Security-Policy"]
        assert policy.count(f"'nonce-{seen[-1]}'") == 2
    assert len(set(seen)) == 2


def test_pages_of_signed_in_people_are_kept_by_no_cache(signed_in, ana):
    headers = signed_in(ana).get("/access/").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in headers["Permissions-Policy"]


def test_cookies_are_out_of_reach_of_scripts(client):
    client.get("/account/login/")
    cookie = client.cookies["csrftoken"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def in_production(*words):
    environment = os.environ | {
        "RAPPORT_ENV": "production",
        "RAPPORT_PUBLIC_URL": "https://rapport.clinic.example",
        "RAPPORT_HOSTS": "rapport.clinic.example",
    }
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # of the tests with a browser
    return subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_deployment_check_finds_nothing_in_production():
    done = in_production("-m", "django", "check", "--deploy", "--fail-level", "INFO")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


def test_production_sends_cookies_and_pages_by_tls_alone_and_demands_a_second_factor():
    script = (
        "import django; django.setup()\n"
        "from django.conf import settings as s\n"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS >= 31536000, "
        "s.MFA_DEMANDED_OF, s.DEBUG, s.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN)"
    )
    assert in_production("-c", script).stdout.split("\n")[0] == "True True True True ['*'] False False"
