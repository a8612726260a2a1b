"""Giving something of value: whether it may be given is shown while it is typed, and decided again when it is saved."""

from django.contrib import messages as say
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.consent import rewards
from rapport.home import giving, views
from rapport.home.forms import RewardForm
from rapport.trust.access import StaffRequest, requires
from rapport.ui.fragments import page


@requires("consent.write")
@require_http_methods(["GET", "POST"])
def reward(request: StaffRequest, person_id: int) -> HttpResponse:
    """What it is and what it costs in a shop; htmx asks only for the answer."""
    ask = views.ask_about(request, person_id)
    if ask is None:
        return views.out_of_sight(request, person_id)
    account = giving.account(person_id, ask.now)
    if account is None:
        return page(request, "home/reward.html", {"card": ask.card, "account": None}, fragment="giving")
    typed = request.POST if request.method == "POST" else None
    form = RewardForm(typed, cap=account.cap, initial={"payer_class": account.payer})
    is_whole, gift = form.is_valid(), form.gift()
    looking = typed is not None and request.headers.get("HX-Request") == "true"
    if is_whole and gift is not None and not looking:
        try:
            rewards.give(by=ask.by, person_id=person_id, gift=gift, now=ask.now)
        except rewards.NotAllowed as refused:
            form.add_error(giving.field_of(gift), str(refused))
        else:
            say.success(request, _("Written down: %(what)s.") % {"what": gift.what})
            return views.to_permission(person_id)
    context = {
        "card": ask.card,
        "form": form,
        "account": account,
        "answer": giving.answer(gift, account, ask.now) if gift else None,
        "gift": gift,
    }
    status = 422 if form.errors and not looking else 200
    return page(request, "home/reward.html", context, fragment="look" if looking else "giving", status=status)
