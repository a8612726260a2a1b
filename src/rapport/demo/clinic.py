"""Riverbend Health: the places, families of care, payers and staff of the demo. Running it twice changes nothing."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from rapport.demo import inlet
from rapport.directory.models import Location, Organization, Payer, ServiceLine, ServiceLineRule
from rapport.trust import accounts, audit
from rapport.trust.models import Role, User

DOMAIN = "riverbend.example"
LOCATIONS = (
    {
        "slug": "lowell", "name": "Riverbend Lowell", "street": "200 Merrimack Street", "city": "Lowell", "state": "MA",
        "zip5": "01852", "latitude": 42.6451, "longitude": -71.3128, "phone": "978-555-0140",
    },
    {
        "slug": "quincy", "name": "Riverbend Quincy", "street": "45 Hancock Street", "city": "Quincy", "state": "MA",
        "zip5": "02171", "latitude": 42.2793, "longitude": -71.0283, "phone": "617-555-0162",
    },
)  # fmt: skip
SERVICE_LINES = (
    ("primary-care", "Primary care"),
    ("womens-health", "Women's health"),
    ("orthopedics", "Orthopedics"),
    ("cardiology", "Cardiology"),
)
# SNOMED codes of visits (clinical specialties, and the encounter types and findings that Synthea writes).
RULES = {
    "primary-care": (
        "394814009", "162673000", "185349003", "410620009", "185345009", "185347001", "390906007", "185317003", "698314001",
        "10509002", "195662009", "444814009", "36971009", "43878008", "65363002", "40055000",
    ),
    "womens-health": (
        "394586005", "424441002", "424619006", "169762003", "183460006", "72892002", "19169002", "198992004", "398254007",
        "79586000", "35999006", "156073000",
    ),
    "orthopedics": (
        "394801008", "239873007", "239872002", "201834006", "443165006", "64859006", "44465007", "39848009", "58150001",
        "65966004", "16114001", "30832001", "359817006", "263102004", "33737001", "444448004", "444470001", "239720000",
    ),
    "cardiology": (
        "394579002", "53741008", "22298006", "88805009", "49436004", "59621000", "230690007", "84114007", "429007001",
        "399211009", "410429000",
    ),
}  # fmt: skip
BILLED = {"99396": "primary-care", "99395": "womens-health", "99203": "orthopedics", "99204": "cardiology"}
PAYERS = (
    ("Medicare", Payer.PayerClass.MEDICARE),
    ("MassHealth", Payer.PayerClass.MEDICAID),
    ("Blue Cross Blue Shield", Payer.PayerClass.COMMERCIAL),
    ("UnitedHealthcare", Payer.PayerClass.COMMERCIAL),
    ("Aetna", Payer.PayerClass.COMMERCIAL),
    ("Cigna Health", Payer.PayerClass.COMMERCIAL),
    ("Humana", Payer.PayerClass.COMMERCIAL),
    ("Anthem", Payer.PayerClass.COMMERCIAL),
    ("NO_INSURANCE", Payer.PayerClass.SELF_PAY),
)
STAFF = (
    ("ana", "Ana Marsh", Role.MARKETER),
    ("bea", "Bea Flores", Role.FRONT_DESK),
    ("cole", "Cole Adeyemi", Role.COMPLIANCE),
    ("dee", "Dee Novak", Role.ADMINISTRATOR),
    ("ito", "Haruka Ito", Role.CLINICIAN),
    ("noor", "Noor Haddad", Role.ANALYST),
    ("luis", "Luis Vega", Role.LIAISON),
)
KEPT_IN = "demo-login"


class NotHere(RuntimeError):
    """A demo does not belong into production."""


def refuse_production() -> None:
    if settings.PRODUCTION:
        raise NotHere("This is a production installation; the demo clinic is not loaded into it.")


def password() -> str:
    """The password of all demo accounts: six words of noise, made once, printed at every start."""
    file = settings.HOME / "keys" / KEPT_IN
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text("riverbend-" + secrets.token_hex(4))
        file.chmod(0o600)
    return file.read_text().strip()


@transaction.atomic
def furnish(now: datetime) -> None:
    """Directory and accounts."""
    refuse_production()
    ours, _ = Organization.objects.get_or_create(name="Riverbend Health", is_ours=True)
    for place in LOCATIONS:
        known_as = inlet.place_key(str(place["slug"]))
        Location.objects.update_or_create(
            slug=place["slug"], defaults={**place, "organization": ours, "is_ours": True, "source_key": known_as}
        )
    for slug, name in SERVICE_LINES:
        line, _ = ServiceLine.objects.update_or_create(slug=slug, defaults={"name": name})
        for code in RULES[slug]:
            ServiceLineRule.objects.get_or_create(
                code_system="snomed", code_prefix=code, defaults={"service_line": line}
            )
        for code in (code for code, billed in BILLED.items() if billed == slug):
            ServiceLineRule.objects.get_or_create(code_system="cpt", code_prefix=code, defaults={"service_line": line})
    for name, kind in PAYERS:
        Payer.objects.get_or_create(name=name, defaults={"payer_class": kind})
    _hire(now)
    audit.record(by=inlet.BY, verb="demo.furnish", now=now, details={"staff": len(STAFF), "locations": len(LOCATIONS)})


def _hire(now: datetime) -> None:
    """Accounts by the verbs that an administrator uses: proven addresses, audited grants."""
    for login, name, role in STAFF:
        email = f"{login}@{DOMAIN}"
        user = User.objects.filter(email=email).first() or accounts.create(
            by=inlet.BY, email=email, name=name, now=now, password=password()
        )
        if not user.grants.filter(role=role).exists():
            accounts.grant(by=inlet.BY, user=user, role=role, now=now)


def logins() -> list[tuple[str, str, str]]:
    """(e-mail, name, role) of every demo account that exists."""
    known = set(User.objects.filter(email__endswith="@" + DOMAIN).values_list("email", flat=True))
    return [(f"{login}@{DOMAIN}", name, str(role.label)) for login, name, role in STAFF if f"{login}@{DOMAIN}" in known]


def staff(login: str) -> User:
    return User.objects.get(email=f"{login}@{DOMAIN}")


def leave_logins() -> None:
    """The accounts with their password, where `rapport run` finds and prints them."""
    refuse_production()
    rows = logins()
    width = max((len(email) for email, _, _ in rows), default=0)
    text = [f"Demo logins, password {password()}", *(f"  {email:<{width}}  {role}" for email, _, role in rows)]
    file = settings.HOME / "demo-logins.txt"
    file.write_text("\n".join(text) + "\n")
    file.chmod(0o600)


def places() -> list[int]:
    """The ids of our two locations."""
    return list(Location.objects.filter(slug__in=[place["slug"] for place in LOCATIONS]).values_list("pk", flat=True))
