"""`python manage.py sign_in_links`: one-time sign-in links in debug, for the demo area’s people or one person of each role."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from frontend.accounts import one_time_link
from marketplace.demo_area.people import demo_people
from marketplace.kernel.access import Role
from marketplace.organisations.models import Membership, User


class Command(BaseCommand):
    help = "Print one-time sign-in links (debug only): for the first person of each role, or for the e-mail addresses given."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="*", help="whom to make a link for")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("One-time sign-in links exist in debug only. Invite people instead.")
        people = [self._person(email) for email in options["email"]] or demo_people() or _one_of_each_role()
        if not people:
            self.stdout.write("Nobody can sign in yet: make the demo area with manage.py demo_area.")
            return
        self.stdout.write("\nSign in as one of these people. Each link works once, within a day.\n")
        for role, user in people:
            self.stdout.write(f"  {role:<22} {user.email:<42} {one_time_link(user)}")

    def _person(self, email: str) -> tuple[str, User]:
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody has the e-mail address {email}.")
        role = (
            user.memberships.filter(ended_at__isnull=True).values_list("role", flat=True).first() or "no role"
        )
        return role.replace("_", " "), user


def _one_of_each_role() -> list[tuple[str, User]]:
    """The first person of each role who is not already listed with another, in the order the roles are named."""
    found: list[tuple[str, User]] = []
    for role in Role:
        held = Membership.objects.filter(role=role, ended_at__isnull=True, user__is_active=True)
        first = (
            held.exclude(user__in=[user for _, user in found]).select_related("user").order_by("pk").first()
        )
        if first:
            found.append((role.replace("_", " "), first.user))
    return found
