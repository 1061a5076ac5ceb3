"""Real schools with generated needs and offers: `manage.py generate_national_areas REGISTER [--boundaries FILE] [--areas CODE …]`.

For measuring and for looking at the map of a country, in an installation of its own. Every need, offer and reply says that it is
generated. Workers then work the areas out, one job each; `--now` does it here.
"""

from argparse import ArgumentParser
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.coverage import country
from marketplace.demo_area.national import write_country
from marketplace.demo_area.national.drawing import SEED
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Import a register and put needs and offers on top that are drawn by chance and say so."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("register", metavar="REGISTER", help="a schools register (edubasealldata…)")
        parser.add_argument("--boundaries", metavar="FILE", help="outlines of local authorities as GeoJSON")
        parser.add_argument("--areas", nargs="+", metavar="CODE", help="only these (three digits each)")
        parser.add_argument("--seed", type=int, default=SEED, metavar="S", help=f"default {SEED}")
        parser.add_argument("--now", action="store_true", help="work the areas out here, without workers")

    def handle(self, *args: Any, **options: Any) -> None:
        started = perf_counter()
        try:
            made = write_country(
                Path(options["register"]),
                outlines=Path(options["boundaries"]) if options["boundaries"] else None,
                areas=set(options["areas"]) if options["areas"] else None,
                seed=options["seed"],
                tell=self.stdout.write,
            )
        except DomainError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror or 'can’t be read'}") from None
        rows = list(made.areas.select_related("area"))
        for number, row in enumerate(rows if options["now"] else (), 1):
            country.work_out(actor=SYSTEM, row=row)
            self.stdout.write(f"  {number} of {len(rows)}: {row.area}")
        self.stdout.write(f"Made in {perf_counter() - started:.0f} seconds.")
