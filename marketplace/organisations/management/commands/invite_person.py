"""Invite somebody, first of all the first convenor: `manage.py invite_person EMAIL --role convenor --area CODE`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.errors import DomainError
from marketplace.organisations import actions
from marketplace.organisations.models import Organisation, OrganisationKind


class Command(BaseCommand):
    help = "Send an invitation to hold a role at an organisation, or at the local authority of an area."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", required=True, choices=[role.value for role in Role])
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--area", metavar="CODE", help="the local authority (three digits)")
        where.add_argument("--organisation", metavar="ORG-…", help="the organisation’s reference")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["area"]:
            places = Organisation.objects.filter(
                kind=OrganisationKind.LOCAL_AUTHORITY, area__code=options["area"]
            )
        else:
            places = Organisation.objects.filter(reference=options["organisation"])
        organisation = places.first()
        if organisation is None:
            raise CommandError("There is no such area or organisation.")
        try:
            invitation = actions.invite(
                actor=SYSTEM, organisation=organisation, email=options["email"], role=options["role"]
            )
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Invited {invitation}; the letter is queued.")
