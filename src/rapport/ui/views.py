"""The gallery: every component with the kind of content it is made for. Tests and screenshots read it."""

from django.http import HttpRequest, HttpResponse

from rapport.ui import example
from rapport.ui.fragments import page


def gallery(request: HttpRequest) -> HttpResponse:
    form = example.BookingForm(request.POST if request.method == "POST" else example.TYPED)
    if request.method != "POST":
        form.is_valid()  # the gallery shows what an error looks like
    return page(request, "ui/gallery.html", {"form": form, "now": example.NOW, "example": example}, fragment="forms")


def public_gallery(request: HttpRequest) -> HttpResponse:
    colour = request.GET.get("colour", "teal")
    clinic = example.CLINIC | {"colour": colour if colour in example.COLOURS else "teal"}
    form = example.BookingForm(request.POST or None)
    return page(request, "ui/gallery_public.html", {"form": form, "clinic": clinic})
