"""What the DNS says of the sending domain, asked of a real name server on loopback."""

import dns.resolver
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from rapport.kit import home
from rapport.messaging import domain_check, signing_key
from tests.messaging.name_server import NameServer

DOMAIN = "clinic.example"
GOOD = {
    (DOMAIN, "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"', '"something else"'],
    (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=reject"'],
    ("relay.clinic.example", "A"): ["192.0.2.1"],
    (DOMAIN, "MX"): ["10 mail.clinic.example."],
}


NAMES = ("SPF", "Relay", "DKIM", "DMARC", "MX", "Alignment")


@pytest.fixture
def server():
    running = NameServer()
    yield running
    running.stop()


@pytest.fixture
def ask(server, now, tmp_path, monkeypatch, settings):
    settings.SMTP_HOST = "relay.clinic.example"
    monkeypatch.setenv("RAPPORT_HOME", str(tmp_path))
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.port

    def asked(**zone):
        server.zone = {**GOOD, **zone.pop("also", {})}
        found = domain_check.check(domain=zone.pop("domain", DOMAIN), now=now, resolver=resolver)
        return {one.name: one for one in found.records}, found

    return asked


def published(tmp_path):
    key = Ed25519PrivateKey.generate()
    (home.find(tmp_path).keys / "dkim.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return signing_key.public_half().letters


def test_a_domain_that_is_set_up_is_good(ask, tmp_path):
    key = published(tmp_path)
    found, whole = ask(also={(f"rapport._domainkey.{DOMAIN}", "TXT"): [f'"v=DKIM1; k=ed25519; p={key}"']})
    assert {name: one.state for name, one in found.items()} == dict.fromkeys(NAMES, "good")
    assert whole.ok


def test_what_is_missing_comes_with_the_line_to_publish(ask, tmp_path):
    key = published(tmp_path)
    found, whole = ask(domain="other.example")
    assert {one.state for name, one in found.items() if name not in {"Alignment", "Relay"}} == {"bad"}
    assert not whole.ok
    assert found["DKIM"].publish == f'rapport._domainkey.other.example. TXT "v=DKIM1; k=ed25519; p={key}"'
    assert found["DMARC"].publish.startswith("_dmarc.other.example. TXT")


def test_another_key_than_ours_is_bad(ask, tmp_path):
    published(tmp_path)
    found, _ = ask(also={(f"rapport._domainkey.{DOMAIN}", "TXT"): ['"v=DKIM1; k=ed25519; p=AAAA"']})
    assert found["DKIM"].state == "bad"


@pytest.mark.parametrize(
    ("record", "state"),
    [
        (['"v=spf1 +all"'], "bad"),
        (['"v=spf1 -all"', '"v=spf1 mx -all"'], "bad"),
        (['"v=spf1 mx"'], "warn"),
        (['"v=spf1 include:loop.example -all"'], "bad"),
        (['"v=spf1 a mx ~all"'], "good"),
        (['"v=spf1 ip4:192.0" ".2.1 -all"'], "good"),
    ],
)
def test_spf_is_read_as_receivers_read_it(ask, record, state):
    loop = {("loop.example", "TXT"): ['"v=spf1 include:loop.example -all"']}
    found, _ = ask(also={(DOMAIN, "TXT"): record, **loop})
    assert found["SPF"].state == state


def test_the_policy_of_the_domain_above_counts_for_a_subdomain(ask):
    found, _ = ask(domain=f"mail.{DOMAIN}")
    assert found["DMARC"].state == "good"
    found, _ = ask(domain=f"mail.{DOMAIN}", also={(f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=reject; sp=none"']})
    assert found["DMARC"].state == "warn"


def test_a_domain_that_takes_no_mail_loses_bounces(ask):
    found, _ = ask(also={(DOMAIN, "MX"): ["0 ."]})
    assert found["MX"].state == "bad"


def test_silence_of_the_dns_is_not_taken_for_absence(ask, server):
    server.silent = True
    found, whole = ask()
    assert {found[name].state for name in ("SPF", "DMARC", "MX")} == {"unknown"}
    assert not whole.ok


class TestTheRelay:
    @pytest.mark.parametrize(
        ("record", "state"),
        [
            ("v=spf1 ip4:192.0.2.9 -all", "good"),
            ("v=spf1 ip4:192.0.2.0/24 -all", "good"),
            ("v=spf1 a:relay.clinic.example -all", "good"),
            ("v=spf1 a:relay.clinic.example/24 -all", "good"),
            ("v=spf1 a/28 -all", "good"),
            ("v=spf1 mx -all", "good"),
            ("v=spf1 include:_spf.host.example ~all", "good"),
            ("v=spf1 redirect=_spf.host.example", "good"),
            ("v=spf1 ip4:192.0.2.1 -all", "warn"),
            ("v=spf1 -ip4:192.0.2.9 ip4:192.0.2.0/24 -all", "warn"),
            ("v=spf1 a -all", "warn"),
            ("v=spf1 include:_none.example -all", "warn"),
            ("v=spf1 exists:%{i}._spf.clinic.example -all", "warn"),
        ],
    )
    def test_the_record_must_speak_for_where_our_mail_leaves(self, ask, record, state):
        found, _ = ask(
            also={
                (DOMAIN, "TXT"): [f'"{record}"'],
                (DOMAIN, "A"): ["192.0.2.7"],
                ("relay.clinic.example", "A"): ["192.0.2.9"],
                ("mail.clinic.example", "A"): ["192.0.2.9"],
                ("_spf.host.example", "TXT"): ['"v=spf1 ip4:192.0.2.8/30 -all"'],
            }
        )
        assert found["Relay"].state == state, found["Relay"].said

    def test_every_address_of_the_relay_is_asked_about_also_the_long_ones(self, ask):
        zone = {("relay.clinic.example", "A"): ["192.0.2.9"], ("relay.clinic.example", "AAAA"): ["2001:db8::9"]}
        record = {(DOMAIN, "TXT"): ['"v=spf1 ip4:192.0.2.9 -all"']}
        found, _ = ask(also=zone | record)
        assert (found["Relay"].state, "2001:db8::9" in found["Relay"].said) == ("warn", True)
        found, _ = ask(also=zone | {(DOMAIN, "TXT"): ['"v=spf1 ip4:192.0.2.9 ip6:2001:db8::/64 -all"']})
        assert found["Relay"].state == "good"
        found, _ = ask(also=zone | {(DOMAIN, "TXT"): ['"v=spf1 a:relay.clinic.example/32//64 -all"']})
        assert found["Relay"].state == "good"

    def test_a_record_that_includes_itself_comes_to_an_end(self, ask):
        found, _ = ask(
            also={
                (DOMAIN, "TXT"): [f'"v=spf1 include:{DOMAIN} -all"'],
                ("relay.clinic.example", "A"): ["192.0.2.9"],
            }
        )
        assert found["Relay"].state == "warn"

    def test_without_a_signature_alignment_rests_on_spf_alone(self, ask):
        zone = {("relay.clinic.example", "A"): ["192.0.2.9"]}
        found, _ = ask(also=zone | {(DOMAIN, "TXT"): ['"v=spf1 ip4:192.0.2.9 -all"']})
        assert (found["Alignment"].state, "forwarded" in found["Alignment"].said) == ("warn", True)
        found, _ = ask(also=zone)
        assert (found["Alignment"].state, "Neither" in found["Alignment"].said) == ("warn", True)

    def test_a_provider_must_sign_in_our_name(self, ask, settings):
        settings.MAIL_PROVIDER = "postmark"
        found, _ = ask()
        assert found["Alignment"].said.startswith("postmark must sign with a key of clinic.example")
