"""The API put together: operations, the form of its errors, its description, and the gate before each view."""

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, re_path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi import get_schema
from ninja.security import HttpBearer

from rapport.api import campaigns, consents, gate, pieces, problems, reasons, segments, shapes
from rapport.trust.access import public

REFUSALS = {
    401: "No key, or one that is not known, has ended or was revoked.",
    403: "The key, or its owner, may not do that.",
    404: "No such thing, or not within the sight of the key.",
    422: "What was sent does not fit.",
    429: "The key asked too often in this minute.",
}
MORE = {
    "state_consent": {400: "The body is no JSON."},
    "suppress": {400: "The body is no JSON."},
    "make_segment": {400: "The body is no JSON."},
    "change_segment": {400: "The body is no JSON.", 409: "Another version was saved meanwhile, or it is a list."},
    "segment_people": {503: "The warehouse was never filled."},
    "count_definition": {400: "The body is no JSON.", 503: "The warehouse was never filled."},
    "validate_definition": {400: "The body is no JSON."},
    "comparison": {409: "The campaign compares nothing."},
    "forecast": {409: "The campaign has no segment or purpose yet.", 503: "The warehouse was never filled."},
}


class Key(HttpBearer):
    """For the description alone: the gate has looked at the key before the library is asked."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return request.user


def _made() -> NinjaAPI:
    api = NinjaAPI(
        title="Rapport",
        version="1",
        urls_namespace="api",
        docs_url=None,
        openapi_url=None,
        auth=Key(),
        description=(
            "Consents, permissions, reasons, segments, campaigns and the reviews of their words, for the programs a clinic "
            "trusts. Errors are RFC 9457 problem details."
        ),
    )
    api.add_router("", consents.router)
    api.add_router("", reasons.router)
    api.add_router("", segments.router)
    api.add_router("", campaigns.router)
    api.add_router("", pieces.router)
    api.add_exception_handler(problems.Problem, problems.of_problem)
    api.add_exception_handler(ValidationError, problems.of_validation)
    api.add_exception_handler(HttpError, problems.of_http)
    api.add_exception_handler(Http404, problems.of_missing)
    api.add_exception_handler(Exception, problems.of_anything)
    return api


API = _made()
TAKEN = gate.taken_by(API)


def description() -> dict[str, Any]:
    """The OpenAPI description, with the verb that each operation needs and the problems it may answer."""
    told: dict[str, Any] = dict(get_schema(API, path_prefix="/api/v1"))
    schemas = told["components"]["schemas"]
    schemas["ProblemOut"] = shapes.ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schemas["ProblemOut"].pop("$defs", {}))
    shape = {problems.MEDIA: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    for place, operations in told["paths"].items():
        for method, one in operations.items():
            one["x-verb"] = _verb_of(place, method)
            for status, words in (REFUSALS | MORE.get(one["operationId"], {})).items():
                one["responses"][str(status)] = {"description": words, "content": shape}
    return told


def _verb_of(place: str, method: str) -> str:
    for path_, taken in TAKEN.items():
        if _plain(path_) == place.removeprefix("/api/v1") and method.upper() in taken:
            return taken[method.upper()].verb
    raise gate.Undeclared(place)


def _plain(path_: str) -> str:
    """`/people/{int:person_id}` as the description writes it."""
    return path_.replace("{int:", "{").replace("{slug:", "{")


@public(why="The description of the API says what programs may ask, and nothing of anybody.")
def openapi(request: HttpRequest) -> HttpResponse:
    """The description as JSON."""
    return JsonResponse(description())


def _patterns() -> list[Any]:
    made = cast(list[URLPattern], API.urls[0])
    served = list({str(one.pattern): one for one in made if one.name != "api-root"}.values())  # one a place
    named = {_django(place): taken for place, taken in TAKEN.items()}
    gate.guard(served, named)
    return [
        path("openapi.json", openapi, name="openapi"),
        *served,
        path("", gate.nowhere, name="start"),
        re_path(r"^(?P<rest>(?s:.+))\Z", gate.nowhere, name="nowhere"),  # also over line ends, which `path:` stops at
    ]


def _django(place: str) -> str:
    return place.lstrip("/").replace("{", "<").replace("}", ">")


patterns = _patterns()
