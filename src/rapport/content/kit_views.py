"""What letters are made with: the brand, the snippets, the gallery of starters."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.content import brand, brands, designing, snippets, starter_cards, starters, telling, texting
from rapport.content.forms import LANGUAGES
from rapport.content.models import Picture, Snippet
from rapport.content.sandbox import framed, in_theme
from rapport.kit import clock
from rapport.trust.access import requires
from rapport.trust.models import User
from rapport.ui.fragments import page

_COLOUR = forms.TextInput(attrs={"type": "color"})


class BrandForm(forms.Form):
    """Colours, type and words of every new letter."""

    accent = forms.RegexField(r"^#[0-9A-Fa-f]{6}$", label=gettext_lazy("Main colour"), widget=_COLOUR)
    ground = forms.RegexField(r"^#[0-9A-Fa-f]{6}$", label=gettext_lazy("Ground around the letter"), widget=_COLOUR)
    ink = forms.RegexField(r"^#[0-9A-Fa-f]{6}$", label=gettext_lazy("Colour of the words"), widget=_COLOUR)
    font = forms.ChoiceField(
        label=gettext_lazy("Typeface"), choices=[(key, name) for key, (name, _stack) in brand.FONTS.items()]
    )
    logo = forms.ModelChoiceField(
        Picture.objects.defer("content").order_by("-added_at"), label=gettext_lazy("Logo"), required=False,
        empty_label=gettext_lazy("None: the clinic’s name"),
    )  # fmt: skip
    identification = forms.CharField(
        label=gettext_lazy("How the clinic signs"), max_length=120, required=False,
        help_text=gettext_lazy("Stands in the footer in front of the postal address. Empty: the clinic’s name."),
    )  # fmt: skip
    footer = forms.CharField(label=gettext_lazy("Words of the footer"), max_length=300, required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["logo"].label_from_instance = lambda one: one.name  # type: ignore[attr-defined]


class NewSnippet(forms.Form):
    asks_for_all = True
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)


@requires("content.write")
@require_http_methods(["GET", "HEAD", "POST"])
def brand_page(request: HttpRequest) -> HttpResponse:
    """The clinic's looks."""
    row = brands.current()
    said = {
        name: getattr(row, name) for name in ("accent", "ground", "ink", "font", "logo", "identification", "footer")
    }
    form = BrandForm(request.POST or None, initial=said)
    if request.method == "POST" and form.is_valid():
        made = dict(form.cleaned_data)
        logo = made.pop("logo")
        try:
            brands.change(by=_me(request), said=made, logo=logo, now=clock.now())
            messages.success(request, _("New letters wear these looks. Approved ones stay as they are."))
            return redirect("content:brand")
        except brands.CanNotBeRead as refused:
            form.add_error("accent", str(refused))
    look = brands.look()
    context = {"form": form, "pairs": brand.pairs(look), "look": look, "stamp": starter_cards.stamp(look)}
    return page(request, "content/brand.html", context, status=422 if form.errors else 200)


@requires("content.write")
@require_http_methods(["GET", "HEAD", "POST"])
def snippet_index(request: HttpRequest) -> HttpResponse:
    """Every snippet with where it stands, and a form for one more."""
    form = NewSnippet(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = snippets.start(by=_me(request), now=clock.now(), **form.cleaned_data)
        return redirect("content:snippet", made.slug)
    found = [(one, snippets.used_where(one)) for one in Snippet.objects.order_by("name")]
    return page(request, "content/snippets.html", {"form": form, "snippets": found}, status=422 if form.errors else 200)


@requires("content.write")
@require_POST
def remove_snippet(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a snippet away that no draft uses."""
    try:
        snippets.remove(by=_me(request), snippet=get_object_or_404(Snippet, slug=slug), now=clock.now())
        messages.success(request, _("The snippet is gone."))
    except snippets.CanNotKeep as refused:
        messages.error(request, str(refused))
    return redirect("content:snippets")


@requires("content.write")
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Starters for every programme."""
    asked = starter_cards.Filters.of(request.GET)
    found = starter_cards.fitting(asked)
    context = {
        "programmes": starter_cards.by_programme(found),
        "every_programme": sorted(starter_cards.PROGRAMMES),
        "asked": asked,
        "count": len(found),
        "looks": starter_cards.stamp(brands.look()),
    }
    return page(request, "content/starters.html", context, fragment="results")


@requires("content.write")
@require_safe
def starter_frame(request: HttpRequest, slug: str) -> HttpResponse:
    """How a starter looks in the clinic's brand; drawn once for each look."""
    return framed(in_theme(starter_cards.drawn(_starter(slug), brands.look()), dark=False))


@requires("content.write")
@require_POST
def take(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a piece of one's own from a starter."""
    starter, now = _starter(slug), clock.now()
    piece = starters.begin(by=_me(request), starter=starter, slug=starter.slug, now=now)
    if piece.channel == texting.SMS:
        texting.keep(by=_me(request), piece=piece, text=starter.text, now=now)
        return redirect("content:edit", piece.slug)
    if starter.said is not None:
        telling.keep(by=_me(request), piece=piece, said=starter.said, now=now)
        return redirect("content:edit", piece.slug)
    designing.keep(by=_me(request), piece=piece, blocks=starter.blocks, said=starters.words(starter), now=now)
    return redirect("content:design", piece.slug)


def _starter(slug: str) -> starters.Starter:
    found = starters.of_slug(slug)
    if found is None:
        raise Http404
    return found


def _me(request: HttpRequest) -> User:
    """Who is signed in; `requires` has made sure of it."""
    assert isinstance(request.user, User)
    return request.user
