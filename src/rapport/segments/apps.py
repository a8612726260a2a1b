from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "rapport.segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from rapport.content import offered
        from rapport.segments import showing

        offered.register(offers=showing.offers, memberships=showing.segments_of)
