from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "rapport.messaging"
    label = "messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Not before now: models can't be imported while the apps are being set up.
        from rapport.content import senders
        from rapport.messaging import sending_domain

        senders.register(sending_domain.state)
