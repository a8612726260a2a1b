"""The page that tells how to use the API: written from its own description, by our own templates."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from rapport.api import root
from rapport.trust.access import StaffRequest, requires
from rapport.trust.permissions import VERBS
from rapport.ui.fragments import page


@require_GET
@requires("keys.own")
def handbook(request: StaffRequest) -> HttpResponse:
    """Every operation: what it does, what it needs, what goes in."""
    told = root.description()
    operations = [
        {
            "method": method.upper(),
            "path": place,
            "summary": one["summary"],
            "text": one.get("description", ""),
            "verb": VERBS[one["x-verb"]],
            "parameters": [_parameter(part) for part in one.get("parameters", ())],
            "body": _body(told, one),
            "id": one["operationId"],
        }
        for place, methods in told["paths"].items()
        for method, one in methods.items()
    ]
    context = {
        "operations": operations,
        "example": f"curl -H 'Authorization: Bearer rapport_…' {settings.PUBLIC_URL}/api/v1/people/1/permissions",
        "per_minute": settings.API_PER_MINUTE,
    }
    return page(request, "api/handbook.html", context)


def _parameter(part: dict[str, Any]) -> dict[str, Any]:
    shape = part.get("schema", {})
    return {
        "name": part["name"],
        "place": part["in"],
        "required": part.get("required", False),
        "says": _says(shape) or part.get("description", ""),
        "note": part.get("description", "") or shape.get("description", ""),
    }


def _body(told: dict[str, Any], one: dict[str, Any]) -> list[dict[str, Any]]:
    content = one.get("requestBody", {}).get("content", {}).get("application/json", {})
    return _fields(told, _shape_name(content.get("schema", {})))


def _fields(told: dict[str, Any], shape_name: str, inside: str = "") -> list[dict[str, Any]]:
    """The fields of one shape; those of a shape inside it follow with its name before theirs."""
    shape = told["components"]["schemas"].get(shape_name, {})
    needed, found = shape.get("required", ()), []
    for field, part in shape.get("properties", {}).items():
        note = part.get("description", "")
        found.append({"name": inside + field, "required": field in needed, "says": _says(part), "note": note})
        found += _fields(told, inner, f"{inside}{field}.") if (inner := _shape_name(part)) else []
    return found


def _shape_name(part: dict[str, Any]) -> str:
    """The name of the shape that stands there, also where nothing may stand instead."""
    named = [part, *part.get("anyOf", ())]
    return next((one["$ref"].rpartition("/")[2] for one in named if "$ref" in one), "")


def _says(shape: dict[str, Any]) -> str:
    """What may stand there, in a few words."""
    if "enum" in shape:
        return ", ".join(str(one) for one in shape["enum"])
    if "anyOf" in shape:
        return " or ".join(_says(one) for one in shape["anyOf"] if one.get("type") != "null")
    kind = shape.get("format") or shape.get("type") or ""
    return {
        "date-time": "an instant with its offset",
        "integer": "a number",
        "string": "text",
        "object": "names and texts",
    }.get(kind, kind)
