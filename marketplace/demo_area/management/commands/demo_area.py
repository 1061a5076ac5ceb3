"""Make the fictional area: `manage.py demo_area [--schools N] [--areas M] [--seed S]`.

Without options it is Calderbeck: 130 schools, a year of bookings, people to sign in as. Ends with 1 and one line on standard error
where it is here already, or for numbers that can't be met.
"""

from argparse import ArgumentParser
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.demo_area.build import SCHOOLS, SCHOOLS_TO_AN_AREA, make_demo_area
from marketplace.demo_area.register_file import SEED
from marketplace.demo_area.tally import tally
from marketplace.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Make the fictional borough of Calderbeck, or a region or country around it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--schools",
            type=int,
            metavar="N",
            help=f"schools in all (default {SCHOOLS}; {SCHOOLS_TO_AN_AREA} to an area)",
        )
        parser.add_argument("--areas", type=int, default=1, metavar="M", help="local authorities (default 1)")
        parser.add_argument("--seed", type=int, default=SEED, metavar="S", help=f"default {SEED}")

    def handle(self, *args: Any, **options: Any) -> None:
        started = perf_counter()
        areas = options["areas"]
        schools = options["schools"] or (SCHOOLS if areas == 1 else SCHOOLS_TO_AN_AREA * areas)
        try:
            make_demo_area(schools=schools, areas=areas, seed=options["seed"], tell=self.stdout.write)
        except DomainError as error:
            raise CommandError(str(error)) from None
        for line in tally():
            self.stdout.write(f"  {line}")
        self.stdout.write(f"Made in {perf_counter() - started:.0f} seconds.")
