"""The choices of the criteria that never change: kinds of events, topics, channels, statuses."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = list[tuple[str, Promise]]
EVENTS: Words = [
    ("message_opened", _("opened a message")),
    ("message_clicked", _("clicked in a message")),
    ("message_sent", _("was sent a message")),
    ("message_replied", _("answered a message")),
    ("message_bounced", _("a message bounced")),
    ("unsubscribed", _("unsubscribed")),
    ("portal_login", _("logged in to the portal")),
    ("booked", pgettext_lazy("event", "booked")),
    ("form_submitted", _("sent in a form")),
    ("survey_answered", _("answered a survey")),
    ("encounter", _("visited")),
    ("appointment", _("has an appointment")),
    ("condition", _("got a condition noted")),
    ("procedure", _("had a procedure")),
    ("observation", _("had something measured")),
    ("medication", _("got a medication")),
    ("immunization", _("got a vaccine")),
    ("payment", _("paid")),
    ("claim", _("was charged")),
    ("visit_cost", _("had a costed visit")),
    ("consent", _("recorded a permission")),
    ("held_out", _("was held out as control")),
    ("journey_entered", _("entered a journey")),
    ("journey_finished", _("finished a journey")),
]
TOPICS: Words = [
    ("health_services", _("news of health services")),
    ("care", _("messages about their care")),
    ("newsletter", _("the newsletter")),
    ("survey", _("surveys")),
    ("billing", _("billing messages")),
    ("fundraising", _("fundraising")),
]
CHANNELS: Words = [
    ("email", _("e-mail")),
    ("sms", _("text message")),
    ("print", _("letter")),
    ("call", _("phone call")),
    ("portal", _("portal")),
    ("push", _("push notice")),
]
CODE_KINDS: Words = [
    ("condition", _("Condition")),
    ("procedure", _("Procedure")),
    ("medication", _("Medication")),
    ("immunization", _("Vaccine")),
    ("observation", _("Observation")),
    ("claim", _("Claim")),
]
SEXES: Words = [("F", _("Women")), ("M", _("Men")), ("O", _("Other")), ("U", _("Not known"))]
RETURNS: Words = [
    ("birth_month", _("birthday month")),
    ("known_since", _("the day they came to us")),
    ("first_visit", _("their first visit")),
    ("last_visit", _("their last visit")),
]
KNOWABLE: Words = [
    ("birth_month", _("a birth date")),
    ("zip", _("a ZIP code")),
    ("state", _("a state")),
    ("location", _("a usual location")),
    ("household", _("a household")),
]
MEASURED: Words = [
    ("latest", _("the last measurement")),
    ("earliest", _("the first measurement")),
    ("any", _("any measurement")),
    ("all", _("every measurement")),
]
MONEY: Words = [
    ("payments", _("paid")),
    ("charges", _("were charged")),
    ("margin", _("brought a margin of")),
    ("cost", _("had visits that cost us")),
]
APPOINTED: Words = [("future", _("still to come")), ("past", _("in the past")), ("any", _("past or still to come"))]
STATUSES: Words = [
    ("booked", _("booked")),
    ("pending", _("not confirmed yet")),
    ("arrived", _("arrived")),
    ("fulfilled", _("took place")),
    ("cancelled", _("cancelled")),
    ("noshow", _("did not come")),
]
PAYERS: Words = [
    ("commercial", _("Commercial")),
    ("medicare", _("Medicare")),
    ("medicaid", _("Medicaid")),
    ("self_pay", _("Self-pay")),
    ("other", _("Other")),
]
WISHES: Words = [
    ("too_much", _("finds it too much")),
    ("just_right", _("finds it just right")),
    ("paused", _("asked for a pause")),
    ("limited", _("has set a limit")),
]
UNITS: Words = [
    ("day", _("days")),
    ("week", _("weeks")),
    ("month", _("months")),
    ("quarter", _("quarters")),
    ("year", _("years")),
]
PERIODS: Words = [("week", _("week")), ("month", _("month")), ("quarter", _("quarter")), ("year", _("year"))]
TURNS: Words = [("this", _("this")), ("last", _("last")), ("next", _("next"))]
WINDOWS: Words = [
    ("ever", _("at any time")),
    ("last", _("in the last")),
    ("next", _("in the next")),
    ("before", _("at least … ago")),
    ("ago", _("between … and … ago")),
    ("ahead", _("between … and … from now")),
    ("calendar", _("this, last or next week, month …")),
    ("between", _("between two days")),
]
HOW_OFTEN: Words = [
    ("once", _("at least once")),
    ("least", _("at least … times")),
    ("most", _("at most … times")),
    ("between", _("between … and … times")),
    ("none", _("not once")),
]
AGE_DAYS: Words = [
    ("today", _("today")),
    ("day", _("on a certain day")),
    ("later", _("so long from today")),
    ("start", _("on the first day of the next")),
]
