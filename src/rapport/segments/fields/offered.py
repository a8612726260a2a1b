"""The criteria under plain headings, with their names, icons and other words that people look for."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OFFERED: list[tuple[Promise, list[tuple[str, Promise, str, Promise]]]] = [
    (_("Person"), [
        ("age", _("Age"), "cake", _("years old young birthday")),
        ("sex", _("Sex"), "user", _("women men gender")),
        ("speaks", _("Language"), "languages", _("speaks Spanish English")),
        ("anniversary", _("Birthday or anniversary"), "cake-slice", _("birth month first visit last visit yearly")),
        ("known_since", _("Came to us"), "user-plus", _("new patient since first known")),
        ("household_size", _("Size of the household"), "house", _("family")),
        ("is_known", _("Something is on record"), "file-question-mark", _("missing known unknown birth date ZIP")),
    ]),
    (_("Where"), [
        ("lives_in", _("Where they live"), "map-pin", _("ZIP code list state county miles distance radius near")),
        ("at_location", _("Usual location"), "building-2", _("clinic site office")),
    ]),
    (_("Health"), [
        ("has_code", _("Condition, procedure or other code"), "stethoscope",
         _("diagnosis medication vaccine ICD mammogram screening value set")),
        ("observed", _("Measured value"), "gauge", _("lab laboratory result observation A1c blood pressure BMI")),
        ("gap", _("Care gap"), "clipboard-list", _("overdue screening due")),
        ("pathway", _("Pathway stage"), "route", _("care pathway step")),
        ("score", _("Score"), "chart-no-axes-column", _("risk prediction likely model")),
    ]),
    (_("What happened"), [
        ("encountered", _("Visits"), "calendar-check", _("seen encounter lapsed not seen")),
        ("has_appointment", _("Appointment"), "calendar", _("booked scheduled no-show cancelled upcoming")),
        ("happened", _("Something that happened"), "activity",
         _("opened clicked message e-mail portal login logged in form booked paid survey event campaign")),
        ("sequence", _("One thing after another"), "arrow-right", _("sequence then followed without")),
        ("journey", _("Journey"), "waypoints", _("in a journey step")),
    ]),
    (_("Money and insurance"), [
        ("money", _("Money"), "circle-dollar-sign", _("charges payments margin cost paid revenue")),
        ("insured", _("Insurance"), "shield-check", _("payer Medicare Medicaid commercial coverage")),
    ]),
    (_("Contact and permission"), [
        ("consented", _("Permission to contact"), "mail-check", _("consent opt in out e-mail text phone")),
        ("wishes", _("How they want to be contacted"), "sliders-horizontal", _("preferences too much pause limit")),
    ]),
    (_("Groups and chance"), [
        ("in_segment", _("In another segment"), "shapes", _("list group member")),
        ("persona", _("Persona"), "venetian-mask", _("type of person")),
        ("trait_is", _("Trait"), "tag", _("attribute property value")),
        ("bucket", _("Random share"), "dices", _("chance percent sample holdout pilot test")),
    ]),
]  # fmt: skip
TITLES: dict[str, Promise] = {key: title for _heading, kinds in OFFERED for key, title, _icon, _words in kinds}
ICONS: dict[str, str] = {key: icon for _heading, kinds in OFFERED for key, _title, icon, _words in kinds}
