"""`python manage.py verify`: replay what must agree; exit 1 with a list of what does not."""

from typing import Any

from django.core.management.base import BaseCommand

from marketplace.kernel.verification import verify


class Command(BaseCommand):
    help = "Check that balances, states and documents agree with the records they come from. Exit 1 if any does not."

    def handle(self, *args: Any, **options: Any) -> None:
        verdicts = verify()
        for verdict in verdicts:
            self.stdout.write(f"{'no ' if verdict.disagreements else 'yes'}  {verdict.rule}")
            for sentence in verdict.disagreements:
                self.stdout.write(f"     {sentence}")
        found = sum(len(verdict.disagreements) for verdict in verdicts)
        if found:
            self.stderr.write(f"{found} disagreement{'s' if found > 1 else ''}.")
            raise SystemExit(1)
        self.stdout.write(f"All {len(verdicts)} agree.")
