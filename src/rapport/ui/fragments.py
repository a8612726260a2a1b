"""One view, one template: the whole page, or only the named block of it when htmx asks.

A view ends with `return page(request, "people/index.html", {...}, fragment="results")`. Without htmx the page is rendered
whole; with htmx only its `{% block results %}` is.
"""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.template.backends.utils import csrf_input_lazy, csrf_token_lazy
from django.template.loader import get_template


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, fragment: str = "", status: int = 200
) -> HttpResponse:
    """The page, or its block called `fragment` when htmx asks for a part of it."""
    if fragment and _wants_a_part(request):
        html = render_block(request, template, fragment, context)
    else:
        html = get_template(template).render(context, request)
    response = HttpResponse(html, status=status)
    response.headers["Vary"] = "HX-Request"
    return response


def _wants_a_part(request: HttpRequest) -> bool:
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def render_block(request: HttpRequest, template: str, block: str, context: dict[str, Any]) -> str:
    """Only the block called `block`, with everything the template imports or sets above its blocks."""
    backend = cast(Jinja2, engines["jinja2"])
    full = {"request": request, "csrf_input": csrf_input_lazy(request), "csrf_token": csrf_token_lazy(request)}
    for processor in backend.template_context_processors:
        full |= processor(request)
    source = backend.env.get_template(template)
    live = source.new_context(full | context)
    # The first piece of the root runs the imports and sets that stand above the blocks, and nothing more.
    next(source.root_render_func(live), None)
    return "".join(source.blocks[block](live))
