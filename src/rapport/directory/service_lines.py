"""The default service lines and their rules, planted where they are missing; what a site has changed stays."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from rapport.directory.models import ServiceLine, ServiceLineRule

DEFAULTS = Path(__file__).with_name("service_lines.json")


@transaction.atomic
def plant_defaults(line_model: Any = ServiceLine, rule_model: Any = ServiceLineRule) -> list[ServiceLine]:
    """Make the default lines that are missing, each with its rules. A line that stands keeps its rules as they are.

    A migration passes the models as they were at its time.
    """
    planted = []
    for told in json.loads(DEFAULTS.read_text())["lines"]:
        line, is_new = line_model.objects.get_or_create(slug=told["slug"], defaults={"name": told["name"]})
        if is_new or not rule_model.objects.filter(service_line=line).exists():
            rules = [
                rule_model(service_line=line, code_system=system, code_prefix=prefix)
                for system, prefixes in told["codes"].items()
                for prefix in prefixes
            ]
            rule_model.objects.bulk_create(rules, ignore_conflicts=True)
        planted.append(line)
    return planted
