"""Wiring: rooms, database, templates, static files. Read once at start; nothing else in the house reads the environment."""

import os
from decimal import Decimal
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from rapport.kit import home as _home
from rapport.kit import postgres as _postgres

SOURCE = Path(__file__).resolve().parents[1]
HOME = _home.path()

PRODUCTION = os.environ.get("RAPPORT_ENV", "local") == "production"
DEBUG = False
# Which process this is. Only the web process starts with no rows in sight (trust.access opens them per request).
PROCESS = os.environ.get("RAPPORT_PROCESS", "system")
PUBLIC_URL = os.environ.get("RAPPORT_PUBLIC_URL", "http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = os.environ.get("RAPPORT_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
SECRET_KEY = _home.secret("django")

ROOMS = [
    "ui",
    "trust",
    "directory",
    "people",
    "consent",
    "content",
    "segments",
    "messaging",
    "experience",
    "campaigns",
    "attribution",
    "governance",
    "integrations",
    "home",
    "demo",
    "api",
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "procrastinate.contrib.django",
    *[f"rapport.{room}" for room in ROOMS],
]

ROOT_URLCONF = "rapport.urls"
WSGI_APPLICATION = "rapport.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [SOURCE / room / "templates" for room in ROOMS],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "rapport.ui.jinja.environment"},
    },
    {  # the pages of allauth alone
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SOURCE / "ui" / "dtl"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ]
        },
    },
]


def _database() -> dict[str, object]:
    parts = conninfo_to_dict(os.environ.get("DATABASE_URL") or _postgres.url(HOME))
    # Row-level security fails closed: a session that does not name its scope sees no person.
    options = "" if PROCESS == "web" else "-c rapport.scope=all"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", "rapport"),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": parts.get("port", ""),
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "options": options,
            **({"sslmode": parts["sslmode"]} if "sslmode" in parts else {}),
            **({"pool": {"min_size": 1, "max_size": 8, "timeout": 20}} if PROCESS == "web" else {}),
        },
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "America/New_York"  # how staff see times; instants are stored in UTC
LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [SOURCE / "ui" / "locale"]

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    if PROCESS == "web"
    else {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# The embedded mailbox takes mail on loopback; a site sets its own relay.
SMTP_HOST = os.environ.get("RAPPORT_SMTP_HOST", "127.0.0.1")
SMTP_PORT = int(os.environ.get("RAPPORT_SMTP_PORT", "8025"))
# A relay elsewhere is spoken to over TLS, begun by STARTTLS unless RAPPORT_SMTP_TLS=tls; it may ask for a name and a password.
SMTP_TLS = os.environ.get("RAPPORT_SMTP_TLS", "")
SMTP_USER = os.environ.get("RAPPORT_SMTP_USER", "")
SMTP_PASSWORD = os.environ.get("RAPPORT_SMTP_PASSWORD", "")
# In place of a relay: a provider by its own interface (postmark, sendgrid, mailgun ...), with its keys in RAPPORT_MAIL_PROVIDER_<KEY>.
MAIL_PROVIDER = os.environ.get("RAPPORT_MAIL_PROVIDER", "")
MAIL_PROVIDER_KEYS = {
    name.removeprefix("RAPPORT_MAIL_PROVIDER_").lower(): value
    for name, value in os.environ.items()
    if name.startswith("RAPPORT_MAIL_PROVIDER_") and value
}
CLINIC_NAME = os.environ.get("RAPPORT_CLINIC_NAME", "Riverbend Health")
CLINIC_ADDRESS = os.environ.get("RAPPORT_CLINIC_ADDRESS", "200 Merrimack Street, Lowell, MA 01852")
CLINIC_PHONE = os.environ.get("RAPPORT_CLINIC_PHONE", "(978) 555-0100")
MAIL_FROM = os.environ.get("RAPPORT_MAIL_FROM", "hello@riverbend.example")
# Text messages: a Twilio-compatible carrier; without one, the phone that stands beside the mailbox. The token also proves that an
# inbound message is the carrier's: without it no inbound message is believed.
SMS_PORT = int(os.environ.get("RAPPORT_SMS_PORT", "8026"))
SMS_EMBEDDED = "RAPPORT_SMS_URL" not in os.environ
SMS_URL = os.environ.get("RAPPORT_SMS_URL", f"http://127.0.0.1:{SMS_PORT}").rstrip("/")
SMS_ACCOUNT = os.environ.get("RAPPORT_SMS_ACCOUNT", "ACembedded")
SMS_TOKEN = os.environ.get("RAPPORT_SMS_TOKEN", "")
SMS_FROM = os.environ.get("RAPPORT_SMS_FROM", "+19785550111")
# What the carrier bills for one segment of a text, in US cents: forecasts and budgets reckon with it where nobody typed a cost.
SMS_SEGMENT_CENTS = Decimal(os.environ.get("RAPPORT_SMS_SEGMENT_COST", "0.8"))
# Over how many lines at once a carrier is spoken to; the embedded mailbox and phone need one.
LINES = {"email": int(os.environ.get("RAPPORT_SMTP_LINES", "1")), "sms": int(os.environ.get("RAPPORT_SMS_LINES", "1"))}
# What comes back by e-mail. Each provider that may report has a secret, RAPPORT_MAIL_HOOK_<PROVIDER>; without one it has no door.
# Bounces and replies that come as mail are read from this folder (a Maildir, or an mbox file), or over IMAP where an address is given.
MAIL_HOOKS = {
    name.removeprefix("RAPPORT_MAIL_HOOK_").lower(): value
    for name, value in os.environ.items()
    if name.startswith("RAPPORT_MAIL_HOOK_") and value
}
MAIL_SNS_CERTIFICATE = os.environ.get("RAPPORT_MAIL_SNS_CERTIFICATE", "")
MAIL_IN = os.environ.get("RAPPORT_MAIL_IN", str(HOME / "mail"))
MAIL_IMAP = os.environ.get("RAPPORT_MAIL_IMAP", "")
# Web push goes to the services of the browsers, and to no other host. Whoever runs one of them may write to this address about us.
PUSH_HOSTS = tuple(
    os.environ.get(
        "RAPPORT_PUSH_HOSTS",
        "fcm.googleapis.com *.push.services.mozilla.com web.push.apple.com *.notify.windows.com",
    ).split()
)
PUSH_CONTACT = os.environ.get("RAPPORT_PUSH_CONTACT", f"mailto:{MAIL_FROM}")
# Audiences for advertising platforms. Off: compliance can turn a platform on only where this says yes.
SOCIAL_AUDIENCES = os.environ.get("RAPPORT_SOCIAL_AUDIENCES", "") == "yes"
# After how many days a call nobody rang, and a message nobody opened in the inbox, count as unanswered and go another way.
UNANSWERED_DAYS = {"call": 7, "portal": int(os.environ.get("RAPPORT_UNANSWERED_DAYS", "3"))}
FAILPOINTS = os.environ.get("FAILPOINTS", "")

LOGGING_CONFIG = "rapport.kit.logs.from_settings"
LOGGING = {"process": PROCESS}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
# A worker that was off at the hour of a daily job catches it up when it comes (the default looks back ten minutes).
PROCRASTINATE_PERIODIC_DEFAULTS = {"max_delay": 24 * 60 * 60}
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = SMTP_HOST
EMAIL_PORT = SMTP_PORT
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = SMTP_USER, SMTP_PASSWORD
EMAIL_USE_SSL = SMTP_TLS == "tls"
EMAIL_USE_TLS = SMTP_TLS == "starttls" or (not EMAIL_USE_SSL and SMTP_HOST not in {"127.0.0.1", "::1", "localhost"})
DEFAULT_FROM_EMAIL = MAIL_FROM
# Who answers segments in full: the columnar engine in this process, or a Spark cluster at an address (spark://, yarn, k8s://, sc://).
# A cluster reads exported versions from a folder that both see; where it sees it under another address, that is said. Parquet files
# are not encrypted by us, so nothing is exported before the site has said that the store of the folder encrypts at rest.
ANALYTICS = os.environ.get("RAPPORT_ANALYTICS", "duckdb")
ANALYTICS_FOLDER = os.environ.get("RAPPORT_ANALYTICS_FOLDER", "")
ANALYTICS_SEEN_AS = os.environ.get("RAPPORT_ANALYTICS_SEEN_AS", "").rstrip("/")
ANALYTICS_STORE_ENCRYPTED = os.environ.get("RAPPORT_ANALYTICS_STORE_ENCRYPTED", "") == "yes"
