"""Import ward boundaries: `manage.py import_wards FILE --area CODE` (GeoJSON in WGS 84)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.kernel.access import SYSTEM
from marketplace.kernel.errors import DomainError
from marketplace.organisations import actions
from marketplace.organisations.models import Area


class Command(BaseCommand):
    help = "Import the ward boundaries of an area from GeoJSON, and place its schools by them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a GeoJSON feature collection of wards")
        parser.add_argument(
            "--area", metavar="CODE", required=True, help="the local authority (three digits)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        area = Area.objects.filter(code=options["area"]).first()
        if area is None:
            raise CommandError(f"There is no area {options['area']} yet: import its schools first.")
        path = Path(options["file"])
        try:
            wards = actions.import_wards(actor=SYSTEM, area=area, content=path.read_bytes())
        except DomainError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror or 'can’t be read'}") from None
        self.stdout.write(f"{area} has {len(wards)} wards.")
