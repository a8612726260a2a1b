from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "rapport.campaigns"
    label = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Not before now: models can't be imported while the apps are being set up.
        from rapport.campaigns import queries
        from rapport.content import usage as content
        from rapport.segments import usage

        usage.register(queries.using_segment)
        content.register(queries.saying)
