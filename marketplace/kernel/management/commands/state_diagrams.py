"""Draw every state machine of the exchange into `docs/states.md`, from the tables the program itself uses."""

from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import module_has_submodule

from marketplace.kernel.transitions import Transitions, words

HEAD = """# States

Drawn by `python manage.py state_diagrams` from the tables in each capability's `states.py`; a test compares. A move that is
not drawn here is refused. In brackets: who makes it.
"""


def tables() -> dict[str, Transitions]:
    """Every state machine of every capability, by the name of what moves."""
    found: dict[str, Transitions] = {}
    for config in apps.get_app_configs():
        if not config.name.startswith("marketplace.") or not module_has_submodule(config.module, "states"):
            continue
        for value in vars(import_module(f"{config.name}.states")).values():
            if isinstance(value, Transitions):
                found[value.noun] = value
    return dict(sorted(found.items()))


def document() -> str:
    """The text of `docs/states.md`."""
    return "\n".join([HEAD, *(_section(noun, table) for noun, table in tables().items())])


def _section(noun: str, table: Transitions) -> str:
    return f"## {words(noun).capitalize()}\n\n```mermaid\n{table.diagram()}\n```\n"


class Command(BaseCommand):
    help = (
        "Write docs/states.md from the state machines; with --check only compare and fail where it differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "states.md"
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != document():
                raise CommandError(f"{path.name} is not up to date: run `python manage.py state_diagrams`.")
            return
        path.parent.mkdir(exist_ok=True)
        path.write_text(document(), encoding="utf-8")
        self.stdout.write(f"{path.name}: {len(tables())} state machines")
