"""Work out the coverage of a region or of all areas: `manage.py work_out_coverage [--region NAME] [--areas CODE …] [--now]`.

A job for each area goes into the queue, and the page of the round shows how far it has come; `--now` does the work here instead.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.coverage import country
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Work out the coverage of many areas, a job for each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--region", default="", metavar="NAME", help="only areas of this region")
        parser.add_argument("--areas", nargs="+", metavar="CODE", help="only these (three digits each)")
        parser.add_argument("--now", action="store_true", help="do it here, without workers")

    def handle(self, *args: Any, **options: Any) -> None:
        found = country.country_of(SYSTEM, options["region"])
        if options["region"] and not found.region:
            known = ", ".join(found.regions) or "none is known"
            raise CommandError(f"There is no region “{options['region']}”: {known}.")
        wanted = set(options["areas"] or ())
        areas = [area for area in found.areas if not wanted or area.code in wanted]
        if missing := wanted - {area.code for area in areas}:
            raise CommandError(f"There is no area {min(missing)} with schools here.")
        try:
            made = country.ask_for_round(actor=SYSTEM, areas=areas, because="An operator asked for it")
        except DomainError as error:
            raise CommandError(str(error)) from None
        if not options["now"]:
            self.stdout.write(f"{len(areas)} areas wait in the queue: /coverage/country/rounds/{made.pk}/")
            return
        for number, row in enumerate(made.areas.select_related("area"), 1):
            row = country.work_out(actor=SYSTEM, row=row)
            self.stdout.write(
                f"{number} of {len(areas)}: {row.area}{' – ' + row.problem if row.problem else ''}"
            )
