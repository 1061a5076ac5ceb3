"""Take a register import back: `manage.py undo_register IMP-…`. Only the newest of its areas."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.kernel.access import SYSTEM
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.organisations import actions


class Command(BaseCommand):
    help = "Put every school back as it was before a register import."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reference", metavar="IMP-…", help="the reference of the import")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            batch = actions.undo_register_now(actor=SYSTEM, batch=options["reference"])
        except NotFound:
            raise CommandError(f"There is no import {options['reference']}.") from None
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{batch.reference} is undone.")
        for change in batch.changes.exclude(note=""):
            self.stdout.write(f"{change.name} ({change.urn}): {change.note}")
