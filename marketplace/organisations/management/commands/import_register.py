"""Import a register file: `manage.py import_register FILE [--preview] [--json] [--area CODE]`.

Prints the counts read, added, changed, closed, unchanged and refused, and the refused rows with line and reason. `--preview`
changes nothing at all. Ends with 1 and one line on standard error when the file can't be used.
"""

import json
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from marketplace.kernel.access import SYSTEM
from marketplace.kernel.errors import DomainError
from marketplace.organisations import actions
from marketplace.organisations.models import Area, RegisterImport

COUNTS = ("read", "added", "changed", "closed", "unchanged", "refused")


class Command(BaseCommand):
    help = "Import schools from a register file (GIAS extract or search export; CSV, gzip or zip)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the register file")
        parser.add_argument(
            "--preview", action="store_true", help="tell what would change and change nothing"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--area", metavar="CODE", default="", help="only this local authority (three digits)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            with transaction.atomic() if options["preview"] else nullcontext():
                told = self._import(path, options["area"], preview=options["preview"])
                if options["preview"]:
                    transaction.set_rollback(True)
        except DomainError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror or 'can’t be read'}") from None
        self.stdout.write(
            json.dumps(told) if options["json"] else _in_words(told, preview=options["preview"])
        )

    def _import(self, path: Path, code: str, *, preview: bool) -> dict[str, Any]:
        if code and not (len(code) == 3 and code.isdigit()):
            raise CommandError(f"“{code}” is not a local authority code of three digits.")
        with path.open("rb") as upload:
            batch = actions.import_register_now(
                actor=SYSTEM,
                upload=upload,
                file_name=path.name,
                area=Area.objects.filter(code=code).first() if code else None,
                only_la_code=code,
                apply=not preview,
            )
        return _told(batch, preview=preview)


def _told(batch: RegisterImport, *, preview: bool) -> dict[str, Any]:
    counts = {name: getattr(batch, name) for name in COUNTS}
    refusals = [
        {"line": row.line, "urn": int(row.urn) if row.urn else None, "reason": row.reason}
        for row in batch.refusals.all()
    ]
    # A preview leaves no batch behind.
    return {
        **counts,
        "missing": batch.missing,
        "refusals": refusals,
        "batch": None if preview else batch.reference,
    }


def _in_words(told: dict[str, Any], *, preview: bool) -> str:
    lines = [f"{name:<10}{told[name]:>7}" for name in COUNTS]
    lines += [
        f"line {row['line']}: {'URN ' + str(row['urn']) + ' ' if row['urn'] else ''}{row['reason']}"
        for row in told["refusals"]
    ]
    if told["missing"]:
        lines.append(
            f"{told['missing']} of our open schools in these areas are not in this file; they were left as they are."
        )
    lines.append("Nothing was changed: this is a preview." if preview else f"Applied as {told['batch']}.")
    return "\n".join(lines)
