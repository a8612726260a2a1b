"""Providers that report to us, with secrets that the site has set."""

import pytest

from rapport.integrations.mail import webhook
from rapport.kit import clock as house_clock
from tests.integrations.mail import signing


@pytest.fixture
def hooks(settings, tmp_path):
    """Every provider has a secret."""
    settings.MAIL_HOOKS = signing.secrets()
    pinned = tmp_path / "sns.pem"
    pinned.write_bytes(signing.certificate())
    settings.MAIL_SNS_CERTIFICATE = str(pinned)
    webhook.WRONG.forget()
    return settings.MAIL_HOOKS


@pytest.fixture
def post(client, clock, hooks, settings):
    """`post("postmark", told)`: the provider reports, signed as it signs; `spoil` changes the request on its way."""

    def bring(provider, told, *, door="events", spoil=None, once="t", at=None):
        path = f"/hooks/mail/{provider}/" + ("inbound/" if door == "inbound" else "")
        url = f"{settings.PUBLIC_URL}{path}"
        request = signing.sign(provider, told, now=at or clock.now(), url=url, door=door, once=once)
        if spoil is not None:
            spoil(request)
        with house_clock.travel(clock.now()):
            return client.post(path, request.body, content_type=request.kind, headers=request.headers)

    return bring
