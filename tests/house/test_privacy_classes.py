"""Every model field says what it is; what may enter the warehouse is named and never direct."""

import pytest
from django.apps import apps

CLASSES = ("phi", "pii", "sensitive", "plain")
OURS = [m for m in apps.get_models() if m.__module__.startswith("rapport.")]


@pytest.mark.parametrize("model", OURS, ids=lambda m: m.__name__)
def test_every_field_has_exactly_one_privacy_class(model):
    named = [field for kind in CLASSES for field in getattr(model.Privacy, kind, [])]
    fields = [f.name for f in model._meta.local_fields]
    assert sorted(named) == sorted(fields)


@pytest.mark.parametrize("model", OURS, ids=lambda m: m.__name__)
def test_the_warehouse_takes_no_direct_identifier(model):
    allowed = set(getattr(model.Privacy, "phi", [])) | set(getattr(model.Privacy, "plain", []))
    assert set(getattr(model.Privacy, "warehouse", [])) <= allowed


@pytest.mark.parametrize("model", OURS, ids=lambda m: m.__name__)
def test_no_model_orders_itself(model):
    assert not model._meta.ordering
