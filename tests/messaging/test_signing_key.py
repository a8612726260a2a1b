"""The key that signs letters is made once, and a verifier that knows only its DNS record believes the letter."""

import stat

import dkim as verifier
import pytest

from rapport.kit import home
from rapport.messaging import signing_key
from rapport.messaging.channels.email import dkim

LETTER = b"From: <hello@riverbend.example>\r\nTo: <pat@mail.example>\r\nSubject: News\r\n\r\nDear  Pat,\t \r\n\r\n.dot\r\n\r\n\r\n"


def test_a_letter_signed_with_it_is_believed_by_its_record_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("RAPPORT_HOME", str(tmp_path / "home"))
    record = signing_key.make().record()
    file = home.find().keys / "dkim.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    signed = dkim.signed(LETTER, domain="riverbend.example")
    asked: list[bytes] = []

    def dns(name: bytes, timeout: float = 5) -> bytes:
        asked.append(name)
        return record.encode()

    assert verifier.verify(signed, dnsfunc=dns)
    assert asked == [b"rapport._domainkey.riverbend.example."]
    assert not verifier.verify(signed.replace(b"Dear", b"Deer"), dnsfunc=dns)
    with pytest.raises(signing_key.KeyStands):
        signing_key.make()


@pytest.mark.parametrize(
    "body", [b"", b"\r\n\r\n", b"a", b"a \t b\r\n \r\n", b"  lead\r\n\t\r\nend  \r\n\r\n", b"x" * 3000 + b"\r\n"]
)
def test_every_kind_of_body_is_folded_as_the_verifier_folds_it(tmp_path, monkeypatch, body):
    monkeypatch.setenv("RAPPORT_HOME", str(tmp_path / "home"))
    record = signing_key.make().record()
    head = LETTER.partition(b"\r\n\r\n")[0]
    signed = dkim.signed(head + b"\r\n\r\n" + body, domain="riverbend.example")
    assert verifier.verify(signed, dnsfunc=lambda name, timeout=5: record.encode())
