"""E-mail: over the interface of a provider where the settings name one, else by SMTP."""

from django.conf import settings

from rapport.messaging.channels.email.providers import Provider
from rapport.messaging.channels.email.smtp import Smtp

CHANNEL: Smtp | Provider = (
    Provider(settings.MAIL_PROVIDER, settings.MAIL_PROVIDER_KEYS) if settings.MAIL_PROVIDER else Smtp()
)
