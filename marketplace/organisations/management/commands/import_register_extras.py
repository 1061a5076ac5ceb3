"""Import the register's other files: `manage.py import_register_extras [--groups FILE] [--links FILE] [--json]`.

`--groups` takes "all group records" or a file of schools with their groups, `--links` the links between schools.
"""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.kernel.access import SYSTEM
from marketplace.kernel.errors import DomainError
from marketplace.organisations import actions

FILES: dict[str, Callable[..., actions.ExtrasOutcome]] = {
    "groups": actions.import_groups,
    "links": actions.import_links,
}


class Command(BaseCommand):
    help = "Import groups of schools and links between schools from the register."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--groups", metavar="FILE", help="groups, with or without their schools")
        parser.add_argument("--links", metavar="FILE", help="predecessors and successors")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = {name: options[name] for name in FILES if options[name]}
        if not chosen:
            raise CommandError("Say which file to import: --groups FILE or --links FILE.")
        told = {name: _imported(FILES[name], path) for name, path in chosen.items()}
        self.stdout.write(json.dumps(told) if options["json"] else _in_words(told))


def _imported(take: Callable[..., actions.ExtrasOutcome], path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as upload:
            outcome = take(actor=SYSTEM, upload=upload)
    except DomainError as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or 'can’t be read'}") from None
    return {
        "read": outcome.read,
        "changed": outcome.changed,
        "unchanged": outcome.unchanged,
        "refused": len(outcome.refusals),
        "refusals": [{"line": r.line, "urn": r.urn, "reason": r.reason} for r in outcome.refusals],
    }


def _in_words(told: dict[str, dict[str, Any]]) -> str:
    return "\n".join(
        f"{name}: {each['read']} read, {each['changed']} changed, {each['unchanged']} unchanged, {each['refused']} refused"
        for name, each in told.items()
    )
