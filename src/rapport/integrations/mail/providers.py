"""The providers of e-mail that may report to us, and how each proves who it is.

Checking and reading are done by the views of django-anymail, used as a library: built, asked, never dispatched (they would raise
Django signals, which this house does not have). What they leave out is added here: Amazon's signature (`sns`), Standard Webhooks.
A provider without a secret in the settings (`RAPPORT_MAIL_HOOK_<PROVIDER>`) has no door.
"""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from anymail.inbound import AnymailInboundMessage
from anymail.webhooks import (
    amazon_ses,
    brevo,
    mailersend,
    mailgun,
    mailjet,
    mailtrap,
    mandrill,
    postal,
    postmark,
    resend,
    sendgrid,
    sparkpost,
    unisender_go,
)
from anymail.webhooks.base import AnymailCoreWebhookView
from django.conf import settings
from django.http import HttpRequest

from rapport.integrations.mail import sns, standard


@dataclass(frozen=True)
class Stamp:
    """What a request says of itself under its signature: when it was signed, and the name that is used once."""

    at: datetime | None = None
    once: str = ""


@dataclass(frozen=True)
class Door:
    """One kind of report of one provider. `secret`: the argument by which its view takes the secret; empty where we check.

    `check` raises for a request that is not the provider's; `stamp` says when it was signed. `minutes`: how old it may be.
    """

    view: type[AnymailCoreWebhookView]
    secret: str = "webhook_secret"  # noqa: S105 - the name of an argument
    check: Callable[[HttpRequest, str], None] | None = None
    stamp: Callable[[HttpRequest], Stamp] = lambda _: Stamp()
    minutes: int = 24 * 60

    def opened(self, secret: str, url: str = "") -> AnymailCoreWebhookView:
        """The view, ready to check and to read. It is made anew for each request: some keep state."""
        given: dict[str, Any] = {self.secret: secret} if self.secret else {}
        if self.view is mandrill.MandrillCombinedWebhookView:
            given["webhook_url"] = url
        with warnings.catch_warnings():  # about providers the library no longer answers for, on every request
            warnings.simplefilter("ignore")
            return self.view(**given)


class _Ses(amazon_ses.AmazonSESTrackingWebhookView):
    """Without the client of Amazon's API: nothing is confirmed or fetched by itself."""

    def __init__(self) -> None:
        self.auto_confirm_enabled = False
        AnymailCoreWebhookView.__init__(self)
        self.basic_auth: list[str] = []


class _SesInbound(amazon_ses.AmazonSESInboundWebhookView):
    """What Amazon keeps in a bucket is not fetched: a person is told where it lies."""

    def fetch_s3_chunks(self, bucket_name: str, object_key: str) -> Iterator[bytes]:
        yield f"Subject: (kept in a bucket)\r\n\r\nThis mail lies in S3: {bucket_name}/{object_key}\r\n".encode()

    def __init__(self) -> None:
        self.auto_confirm_enabled = False
        AnymailCoreWebhookView.__init__(self)
        self.basic_auth: list[str] = []


class _Resend(resend.ResendTrackingWebhookView):
    warn_if_no_basic_auth = False

    def __init__(self) -> None:
        super().__init__(webhook_secret=[], signing_secret=None)


class _BrevoInbound(brevo.BrevoInboundWebhookView):
    """Attachments are not called for: what a patient attaches is not ours to fetch into a CRM."""

    def __init__(self, webhook_secret: str) -> None:
        super().__init__(webhook_secret=webhook_secret, api_key="")

    def _fetch_attachment(self, attachment: dict[str, Any]) -> Any:
        kind = attachment.get("ContentType") or "application/octet-stream"
        return AnymailInboundMessage.construct_attachment(kind, b"", filename=attachment.get("Name"))


def _stamped_in_header(name: str, once: str = "") -> Callable[[HttpRequest], Stamp]:
    return lambda request: Stamp(_instant(request.headers.get(name, "")), request.headers.get(once, "") if once else "")


def _mailgun_stamp(request: HttpRequest) -> Stamp:
    """Mailgun signs a moment and a token, not the event: a token counts once, with the body it came with."""
    if request.content_type == "application/json":
        told = msgspec.json.decode(request.body, type=dict[str, Any]).get("signature") or {}
    else:
        told = request.POST
    return Stamp(_instant(str(told.get("timestamp", ""))), str(told.get("token", "")))


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _sns_stamp(request: HttpRequest) -> Stamp:
    told = sns.message_of(request.body)
    return Stamp(told.sent_at, told.MessageId)


EVENTS: dict[str, Door] = {
    "amazon_ses": Door(_Ses, "", sns.check, _sns_stamp),
    "brevo": Door(brevo.BrevoTrackingWebhookView),
    "mailersend": Door(mailersend.MailerSendTrackingWebhookView, "signing_secret"),
    "mailgun": Door(mailgun.MailgunTrackingWebhookView, "webhook_signing_key", stamp=_mailgun_stamp),
    "mailjet": Door(mailjet.MailjetTrackingWebhookView),
    "mailtrap": Door(mailtrap.MailtrapTrackingWebhookView, "tracking_secret"),
    "mandrill": Door(mandrill.MandrillCombinedWebhookView, "webhook_key"),
    "postal": Door(postal.PostalTrackingWebhookView, "webhook_key"),
    "postmark": Door(postmark.PostmarkTrackingWebhookView),
    "resend": Door(_Resend, "", standard.check, _stamped_in_header("svix-timestamp", "svix-id"), minutes=5),
    "sendgrid": Door(
        sendgrid.SendGridTrackingWebhookView,
        "tracking_webhook_verification_key",
        stamp=_stamped_in_header("X-Twilio-Email-Event-Webhook-Timestamp"),
    ),
    "sparkpost": Door(sparkpost.SparkPostTrackingWebhookView),
    "unisender_go": Door(unisender_go.UnisenderGoTrackingWebhookView, "api_key"),
}
# Mail to us. Providers that only tell that there is mail, to be fetched by their API, are not here.
INBOUND: dict[str, Door] = {
    "amazon_ses": Door(_SesInbound, "", sns.check, _sns_stamp),
    "brevo": Door(_BrevoInbound),
    "mailersend": Door(mailersend.MailerSendInboundWebhookView, "inbound_secret"),
    "mailgun": Door(mailgun.MailgunInboundWebhookView, "webhook_signing_key", stamp=_mailgun_stamp),
    "mailjet": Door(mailjet.MailjetInboundWebhookView),
    "mandrill": EVENTS["mandrill"],
    "postal": Door(postal.PostalInboundWebhookView, "webhook_key"),
    "postmark": Door(postmark.PostmarkInboundWebhookView),
    "sendgrid": Door(sendgrid.SendGridInboundWebhookView),
    "sparkpost": Door(sparkpost.SparkPostInboundWebhookView),
}
DOORS = {"events": EVENTS, "inbound": INBOUND}


def secret_of(provider: str, kind: str) -> str:
    """The secret a site has set. Mail to us may have one of its own (`<PROVIDER>_INBOUND`), and must where it is proved otherwise."""
    own = settings.MAIL_HOOKS.get(f"{provider}_{kind}", "")
    if own or kind == "events":
        return str(own or settings.MAIL_HOOKS.get(provider, ""))
    alike = provider in EVENTS and provider in INBOUND and EVENTS[provider].secret == INBOUND[provider].secret
    return str(settings.MAIL_HOOKS.get(provider, "")) if alike else ""
