"""Names of locations and service lines for the form that limits a grant.

Places stand a floor above, so they are not imported; a grant holds their ids, and here the registry of models is asked
what those ids are called.
"""

from django.apps import apps

Choices = list[tuple[int, str]]


def locations() -> Choices:
    return list(
        apps.get_model("directory", "Location").objects.filter(is_ours=True).order_by("name").values_list("id", "name")
    )


def service_lines() -> Choices:
    return list(apps.get_model("directory", "ServiceLine").objects.order_by("name").values_list("id", "name"))
