"""Example people for previews. Nobody of them exists; a real person is shown masked (`preview_people`)."""

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.content.showing import Facts


class Example(msgspec.Struct, frozen=True):
    """Somebody a letter can be looked at as."""

    key: str
    name: str | Promise
    note: str | Promise
    merge: dict[str, str]
    facts: Facts


def _person(
    key: str, name: str, note: str | Promise, given: str, salutation: str, facts: Facts, **more: str
) -> Example:
    merge = {"person.given": given, "person.salutation": salutation, "service_line.name": "Primary care"}
    return Example(key, name, note, merge | {name.replace("_", ".", 1): value for name, value in more.items()}, facts)


UNKNOWN = ("person.given", "person.salutation", "appointment.day", "appointment.place", "service_line.name")
EXAMPLES = {
    one.key: one
    for one in (
        _person(
            "pat", "Pat, 54", _("English, a woman, visits Lowell"), "Pat", "Ms. Rivera", Facts(language="en", age=54, sex="F"),
            location_name="Riverbend Lowell", appointment_day="Thursday, March 12", appointment_place="Riverbend Lowell",
        ),
        _person(
            "luis", "Luis, 67", _("Spanish, a man, an appointment in Lawrence"), "Luis", "Sr. Ortega",
            Facts(language="es", age=67, sex="M"),
            location_name="Riverbend Lawrence", appointment_day="jueves 12 de marzo", appointment_place="Riverbend Lawrence",
        ),
        _person(
            "amara", "Amara, 29", _("English, expects a child"), "Amara", "Ms. Obi",
            Facts(language="en", age=29, sex="F", traits={"pathway.maternity": "second trimester"}),
            location_name="Riverbend Chelmsford", appointment_day="", appointment_place="",
        ),
        _person(
            "ed", "Edward, 81", _("English, a man, long not seen"), "Edward", "Mr. Novak", Facts(language="en", age=81, sex="M"),
            location_name="Riverbend Lowell", appointment_day="", appointment_place="",
        ),
        Example(
            "nobody", _("Somebody unknown"), _("no name, nothing on record: every fallback shows"), dict.fromkeys(UNKNOWN, ""), Facts(),
        ),
    )
}  # fmt: skip
