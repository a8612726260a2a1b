from django.apps import AppConfig


class AttributionConfig(AppConfig):
    name = "rapport.attribution"
    label = "attribution"
    default_auto_field = "django.db.models.BigAutoField"
