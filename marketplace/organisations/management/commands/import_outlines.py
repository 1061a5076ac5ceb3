"""Import the outlines of areas: `manage.py import_outlines FILE [--regions REGISTER]` (GeoJSON in WGS 84)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.kernel.access import SYSTEM
from marketplace.kernel.errors import DomainError
from marketplace.organisations import actions
from marketplace.organisations.register import RegisterRow, read_register


class Command(BaseCommand):
    help = "Import the outlines of areas from GeoJSON for the map of the country, and their regions from a register."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a GeoJSON feature collection of local authorities")
        parser.add_argument("--regions", metavar="REGISTER", help="a schools register that names regions")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            regions = _regions(options["regions"]) if options["regions"] else {}
            changed = actions.import_outlines(actor=SYSTEM, content=path.read_bytes(), regions=regions)
        except DomainError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror or 'can’t be read'}") from None
        self.stdout.write(f"{len(changed)} areas have an outline.")


def _regions(register: str) -> dict[str, str]:
    """The region of each authority, as the first of its schools that names one has it."""
    found: dict[str, str] = {}
    for row in read_register(register):
        if isinstance(row, RegisterRow) and row.gor:
            found.setdefault(row.la_code, row.gor)
    return found
