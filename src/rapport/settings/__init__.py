"""All settings. `base` is wiring, `security` is accounts, sessions and headers. Environment variables are listed in README."""

from rapport.settings.base import *  # noqa: F403
from rapport.settings.security import *  # noqa: F403
