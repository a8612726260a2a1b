"""The first administrator of a new installation: `rapport manage invite dee@clinic.example "Dee Novak" administrator`."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from rapport.kit import clock
from rapport.trust import accounts
from rapport.trust.actors import System
from rapport.trust.models import Role

BY = System("rapport manage invite")


class Command(BaseCommand):
    help = "Make an account with a role; asks for a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")
        parser.add_argument("role", choices=Role.values)
        parser.add_argument(
            "--no-password", action="store_true", help="the first sign-in goes through 'forgot password'"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = None if options["no_password"] else getpass.getpass("Password: ")
        now = clock.now()
        try:
            if password is not None:
                validate_password(password)
            with transaction.atomic():
                user = accounts.create(by=BY, email=options["email"], name=options["name"], password=password, now=now)
                accounts.grant(by=BY, user=user, role=options["role"], now=now)
        except (ValidationError, accounts.EmailTaken) as refused:
            raise CommandError(" ".join(getattr(refused, "messages", [str(refused)]))) from None
        self.stdout.write(f"{user.email} may sign in.")
