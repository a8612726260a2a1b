"""Signing in through the real pages: passwords, lock-out, second factors, and who hears of it."""

import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import hotp_value
from django.test import Client

from rapport.trust import accounts, sealing
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry, Role, User
from tests import quick_hasher
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"


@pytest.fixture
def ana(now):
    """Ana with a verified address and a password, as an administrator makes her account."""
    user = accounts.create(by=SYSTEM, email="ana@riverbend.example", name="Ana Marsh", password=PASSWORD, now=now)
    accounts.grant(by=SYSTEM, user=user, role=Role.MARKETER, now=now)
    return user


def sign_in(browser, password=PASSWORD, email="ana@riverbend.example"):
    return browser.post(LOGIN, {"login": email, "password": password})


def lines(verb):
    return AuditEntry.objects.filter(verb=verb).order_by("id")


def code(secret):
    return f"{hotp_value(secret, int(time.time()) // 30):06d}"


def test_passwords_are_kept_as_argon2_at_the_full_cost(ana, settings):
    settings.PASSWORD_HASHERS = quick_hasher.STRONG
    ana.set_password(PASSWORD)
    assert ana.password.startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$")


def test_the_right_password_signs_in_with_a_new_session_key(ana, client):
    client.get(LOGIN)
    client.session["seed"] = 1
    session = client.session
    session["seed"] = 1
    session.save()
    before = session.session_key
    answer = sign_in(client)
    assert answer.status_code == 302
    assert client.session.session_key != before
    line = lines("account.login").get()
    assert (line.actor, line.details) == (ana, {"how": ["password"], "from": "127.0.0.1"})
    assert client.get("/access/").status_code == 200


def test_a_wrong_password_is_recorded_without_what_was_typed(ana, client):
    assert sign_in(client, "wrong-password-here").status_code == 200
    line = lines("account.login_failed").get()
    assert (line.actor, line.thing) == (None, f"user:{ana.pk}")
    assert "wrong-password" not in str(line.__dict__)


def test_an_unknown_address_is_recorded_as_a_digest(client, db):
    sign_in(client, email="correct-horse@typed.example")
    line = lines("account.login_failed").get()
    assert line.thing.startswith("login:")
    assert "correct-horse" not in str(line.__dict__)


def test_a_login_that_can_not_be_recorded_does_not_happen(ana, client, monkeypatch):
    from rapport.trust import audit

    def refuse(**words):
        raise RuntimeError("disk full")

    monkeypatch.setattr(audit, "record", refuse)
    with pytest.raises(RuntimeError):
        sign_in(client)
    assert client.get("/access/").status_code == 302


def test_signing_out_is_recorded(ana, client):
    sign_in(client)
    assert client.post("/account/logout/").status_code == 302
    assert lines("account.logout").get().actor == ana
    assert client.get("/access/").status_code == 302


def test_a_link_does_not_sign_anybody_out(ana, client):
    sign_in(client)
    client.get("/account/logout/")
    assert client.get("/access/").status_code == 200


def test_ten_wrong_passwords_close_the_account_even_for_the_right_one(ana, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    from axes.models import AccessAttempt

    answers = [sign_in(Client(REMOTE_ADDR=f"10.0.0.{n}"), "wrong-password-here").status_code for n in range(10)]
    assert answers[-1] == 429
    assert sign_in(Client(REMOTE_ADDR="10.0.1.1")).status_code == 429
    assert lines("account.locked").exists()
    kept = " ".join(str(value) for row in AccessAttempt.objects.values() for value in row.values())
    assert "ana@riverbend.example" not in kept
    assert "wrong-password-here" not in kept


def test_guessing_is_slowed_down_before_that(ana):
    browser = Client()
    for _ in range(5):
        sign_in(browser, "wrong-password-here")
    assert "Too many failed login attempts" in sign_in(browser, "wrong-password-here").text


def test_there_is_no_public_sign_up(client, db):
    answer = client.post(
        "/account/signup/", {"email": "eve@evil.example", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert not User.objects.exists()
    assert answer.status_code in {200, 302}


def test_nobody_changes_their_own_address(ana, client):
    sign_in(client)
    answer = client.post("/account/email/", {"email": "eve@evil.example", "action_add": ""})
    assert answer.status_code == 302
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["ana@riverbend.example"]


def test_a_closed_account_does_not_sign_in(ana, client):
    User.objects.filter(pk=ana.pk).update(is_active=False)
    sign_in(client)
    assert client.get("/access/").status_code == 302


def test_a_login_goes_to_no_other_site(ana, client):
    answer = client.post(
        LOGIN + "?next=https://evil.example/",
        {"login": ana.email, "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert answer.headers["Location"] == "/"


def show_who_you_are(browser):
    """Changing factors asks for the password once more, however fresh the sign-in."""
    answer = browser.get("/account/2fa/totp/activate/")
    assert answer.headers["Location"].startswith("/account/reauthenticate/")
    browser.post("/account/reauthenticate/", {"password": PASSWORD})


def add_totp(browser):
    show_who_you_are(browser)
    answer = browser.get("/account/2fa/totp/activate/")
    assert answer.status_code == 200, answer.headers
    secret = browser.session["mfa.totp.secret"]
    browser.post("/account/2fa/totp/activate/", {"code": code(secret)})
    return secret


def test_a_second_factor_is_set_up_asked_for_and_recorded(ana, client):
    sign_in(client)
    secret = add_totp(client)
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "recovery_codes"}
    line = lines("account.factors").get()
    assert (line.actor, line.details) == (ana, {"added": ["recovery_codes", "totp"], "removed": []})
    other = Client()
    assert sign_in(other).headers["Location"].startswith("/account/2fa/authenticate/")
    assert other.get("/access/").status_code == 302
    other.post("/account/2fa/authenticate/", {"code": f"{(int(code(secret)) + 1) % 10**6:06d}"})
    assert other.get("/access/").status_code == 302
    failed = lines("account.login_failed").get()
    assert (failed.thing, failed.details["how"]) == (f"user:{ana.pk}", "second factor")
    from django.core.cache import cache

    cache.clear()  # a code serves once; here half a minute has gone by
    other.post("/account/2fa/authenticate/", {"code": code(secret)})
    assert other.get("/access/").status_code == 200
    assert lines("account.login").last().details["how"] == ["password", "totp"]


def test_a_passkey_that_is_none_does_not_sign_in_and_is_recorded(client, db):
    answer = client.post("/account/2fa/webauthn/login/", {"credential": "{}"})
    assert answer.headers["Location"] == LOGIN
    assert lines("account.login_failed").get().details["how"] == "second factor"
    assert client.get("/access/").status_code == 302


def test_the_secret_of_an_authenticator_app_is_sealed(ana, client):
    sign_in(client)
    secret = add_totp(client)
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in kept
    assert bytes.fromhex(kept)[:1] == sealing.VERSION
    codes = Authenticator.objects.get(type="recovery_codes").data
    assert bytes.fromhex(codes["seed"])[:1] == sealing.VERSION


def test_removing_a_factor_is_recorded(ana, client):
    sign_in(client)
    add_totp(client)
    client.post("/account/2fa/totp/deactivate/")
    assert lines("account.factors").last().details["removed"] == ["recovery_codes", "totp"]


def test_a_factor_that_can_not_be_recorded_is_not_set_up(ana, client, monkeypatch):
    from rapport.trust import audit

    sign_in(client)
    show_who_you_are(client)
    client.get("/account/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]

    def refuse(**words):
        raise RuntimeError("disk full")

    monkeypatch.setattr(audit, "record", refuse)
    with pytest.raises(RuntimeError):
        client.post("/account/2fa/totp/activate/", {"code": code(secret)})
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    ("demanded", "where"),
    [(["*"], "/account/2fa/"), (["marketer"], "/account/2fa/"), (["compliance"], None), ([], None)],
)
def test_who_must_have_a_second_factor_sets_one_up_before_anything_else(ana, client, settings, demanded, where):
    settings.MFA_DEMANDED_OF = demanded
    sign_in(client)
    answer = client.get("/access/")
    assert answer.headers.get("Location") == where
    if where:
        assert client.get("/access/", headers={"X-Background": "1"}).status_code == 401
        add_totp(client)
        assert client.get("/access/").status_code == 200


def test_a_new_password_is_recorded(ana, client):
    sign_in(client)
    new = "another-long-passphrase"
    client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert lines("account.password").get().thing == f"user:{ana.pk}"
    assert sign_in(Client(), new).status_code == 302


@pytest.mark.parametrize("weak", ["short", "password1234", "ana@riverbend.example"])
def test_weak_passwords_are_refused(ana, client, weak):
    sign_in(client)
    client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": weak, "password2": weak})
    assert not lines("account.password").exists()


def test_an_invited_person_sets_a_password_by_the_link_in_the_mail(now, client, mailoutbox):
    import re

    from rapport.trust.account_views import _send_link

    noor = accounts.create(by=SYSTEM, email="noor@riverbend.example", name="Noor Haddad", now=now)
    client.post("/account/password/reset/", {"email": noor.email})
    link = re.search(r"/account/password/reset/key/\S+", mailoutbox[0].body).group()
    form = client.get(link, follow=True)
    answer = client.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    assert answer.status_code == 302
    assert lines("account.password").get().actor == noor
    assert sign_in(Client(), email=noor.email).status_code == 302
    assert callable(_send_link)
