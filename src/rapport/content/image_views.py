"""The library of pictures, and the public address at which letters fetch them."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from rapport.content import images
from rapport.content.models import Picture
from rapport.kit import clock
from rapport.trust.access import public, requires
from rapport.trust.models import User
from rapport.ui.fragments import page

A_YEAR = 31_536_000


class NewPicture(forms.Form):
    """A picture and what it shows."""

    file = forms.FileField(
        label=gettext_lazy("Picture"), help_text=gettext_lazy("PNG, JPEG, GIF or WebP, at most 10 MB."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/gif,image/webp"}),
    )  # fmt: skip
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("For you and your colleagues."),
    )
    alt = forms.CharField(
        label=gettext_lazy("What it shows"), max_length=300, required=False,
        help_text=gettext_lazy("Read aloud to those who can’t see it. No name of a patient."),
    )  # fmt: skip
    is_decoration = forms.BooleanField(label=gettext_lazy("Mere decoration: nothing to read aloud"), required=False)


@requires("content.write")
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Every picture, and a form for one more."""
    form = NewPicture(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        assert isinstance(request.user, User)
        said = form.cleaned_data
        try:
            name = said["name"] or said["file"].name.rpartition(".")[0]
            images.add(
                by=request.user, raw=said["file"].read(images.MOST_BYTES + 1), name=name, alt=said["alt"],
                is_decoration=said["is_decoration"], now=clock.now(),
            )  # fmt: skip
            messages.success(request, _("The picture is in the library."))
            return redirect("content:pictures")
        except images.NotAPicture as refused:
            form.add_error("alt" if "words" in str(refused) else "file", str(refused))
    context = {"form": form, "pictures": images.library(), "heavy": images.HEAVY}
    return page(request, "content/pictures.html", context, status=422 if form.errors else 200)


@public(
    why="Mail programs fetch the pictures of a letter; the address is random and the picture says nothing of anybody"
)
@require_safe
def shown(request: HttpRequest, token: str) -> HttpResponse:
    """The picture. It never changes under its name, so everybody may keep it for a year."""
    found = Picture.objects.filter(token=token).values_list("kind", "content").first()
    if found is None:
        raise Http404
    kind, content = found
    response = HttpResponse(bytes(content), content_type=images.TYPES[kind])
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
