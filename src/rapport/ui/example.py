"""Invented content of the gallery: a campaign of an invented clinic for people who don't exist."""

from datetime import UTC, datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
COLOURS = ("teal", "blue", "plum", "clay", "forest", "slate")
CLINIC = {
    "name": "Riverbend Health",
    "phone": "978 555 0142",
    "address": "200 Merrimack Street, Lowell, MA 01852",
}


class BookingForm(forms.Form):
    """A form with every kind of field."""

    given = forms.CharField(label=_("First name"), help_text=_("As you want us to say it."))
    email = forms.EmailField(label=_("E-mail"))
    phone = forms.CharField(label=_("Phone"), required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    born_on = forms.DateField(label=_("Birth date"), widget=forms.DateInput(attrs={"type": "date"}))
    location = forms.ChoiceField(
        label=_("Where"), choices=[("lowell", "Lowell, Merrimack Street"), ("nashua", "Nashua, Main Street")]
    )
    when = forms.ChoiceField(
        label=_("When suits you"),
        widget=forms.RadioSelect,
        choices=[("am", _("Morning")), ("pm", _("Afternoon")), ("any", _("Any time"))],
    )
    reach = forms.MultipleChoiceField(
        label=_("How we may answer"),
        widget=forms.CheckboxSelectMultiple,
        choices=[("email", _("E-mail")), ("sms", _("Text message")), ("call", _("Phone call"))],
        required=False,
    )
    note = forms.CharField(label=_("Anything we should know"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    agree = forms.BooleanField(label=_("You may use these details to arrange the visit."))


TYPED = {"given": "Pat", "email": "pat.rivera@", "location": "lowell", "when": "am", "reach": ["email"], "agree": "on"}
WEEKS = ["Sep 1", "Sep 8", "Sep 15", "Sep 22", "Sep 29", "Oct 6", "Oct 13", "Oct 20", "Oct 27", "Nov 3", "Nov 10", "Nov 17"]  # fmt: skip
REACHED = [31, 34, 30, 38, 52, 61, 58, 66, 71, 69, 78, 83]
HELD_OUT = [30, 33, 32, 35, 38, 37, 41, 40, 44, 42, 45, 47]
LOW = [24, 27, 23, 31, 44, 52, 49, 57, 62, 59, 68, 72]
HIGH = [38, 41, 37, 46, 60, 70, 67, 75, 80, 79, 88, 94]
CAMPAIGNS = [
    {"name": "Knee pain, first visit", "state": "running", "word": _("Running"), "people": 1284, "visits": 83, "margin": 41250},
    {"name": "Mammogram, overdue", "state": "waiting", "word": _("Waits for approval"), "people": 412, "visits": None, "margin": None},
    {"name": "Flu shots, Lowell", "state": "sent", "word": _("Sent"), "people": 3907, "visits": 611, "margin": 9165},
    {"name": "New parents' evening", "state": "draft", "word": _("Draft"), "people": 96, "visits": None, "margin": None},
]  # fmt: skip
STEPS = [
    {"label": _("Who"), "note": "Knee pain, 45 to 74", "href": "#steps"},
    {"label": _("What"), "note": "E-mail, version 3", "href": "#steps"},
    {"label": _("When"), "note": _("Tuesday, 10 AM")},
    {"label": _("Control group"), "note": "10%"},
    {"label": _("Check"), "note": ""},
]
PERMISSIONS = [
    {"channel": _("E-mail"), "may": True, "reason": _("Said yes at the front desk, Mar 3, 2026"), "href": "#people"},
    {"channel": _("Text message"), "may": False, "reason": _("Answered STOP on Aug 19, 2026"), "href": "#people"},
    {"channel": _("Phone call"), "may": True, "reason": _("About care only, 9 AM to 6 PM"), "href": "#people"},
    {"channel": _("Letter"), "may": False, "reason": _("No address that mail reaches")},
]
REASONS = [
    {
        "text": _("She is 54, and the segment takes 45 to 74."),
        "evidence": _("Birth date from Lowell EHR, Jan 9, 2026"),
        "tone": "good",
    },
    {
        "text": _("Knee pain was noted on Oct 2, within the last 180 days."),
        "evidence": "ICD-10-CM M25.561, encounter 40291",
        "tone": "good",
    },
    {
        "text": _("She had three messages this month; the limit is four."),
        "evidence": _("Rule 8, in force since Jul 1, 2026"),
        "tone": "warn",
        "note": "3 of 4",
    },
]
CHANNELS = [
    {"label": _("E-mail"), "value": 812, "href": "#charts"},
    {"label": _("Text message"), "value": 344, "href": "#charts"},
    {"label": _("Letter"), "value": 96, "href": "#charts"},
    {"label": _("Held back"), "value": 32, "href": "#charts", "tone": "neutral"},
]
FUNNEL = [
    {"label": _("In the segment"), "value": 1730, "href": "#charts"},
    {"label": _("May be reached"), "value": 1284, "href": "#charts"},
    {"label": _("Opened"), "value": 604, "href": "#charts"},
    {"label": _("Booked"), "value": 121, "href": "#charts"},
    {"label": _("Came"), "value": 83, "href": "#charts"},
]
LIFTS = [
    {"label": _("All"), "value": 0.031, "low": 0.012, "high": 0.05, "href": "#charts"},
    {"label": "Lowell", "value": 0.042, "low": 0.017, "high": 0.067, "href": "#charts"},
    {"label": "Nashua", "value": 0.014, "low": -0.013, "high": 0.041, "href": "#charts"},
    {"label": _("Spanish"), "value": 0.055, "low": 0.008, "high": 0.102, "href": "#charts"},
]
FRESH = NOW - timedelta(seconds=40)
LATE = NOW - timedelta(hours=7)
