"""What must agree, and how it is checked: the registry behind `python manage.py verify`.

Balances are caches of transfers, a status is the last line of a history, a document's total is the sum of its lines. Each
capability says so in its `verification.py`:

    @must_agree("Every document adds up to its lines")
    def documents_add_up() -> list[str]:
        return [f"Document {d.full_number}: …" for d in …]

A check returns one sentence for each thing that does not agree. It reads only, and streams over large tables.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models
from django.db.models import CharField, F, OuterRef, Subquery
from django.db.models.functions import Cast
from django.utils.module_loading import autodiscover_modules

from marketplace.kernel import transfers
from marketplace.kernel.models import HistoryEntry

Check = Callable[[], list[str]]

_checks: dict[str, Check] = {}


@dataclass(frozen=True)
class Verdict:
    """What one check found: nothing, when all agrees."""

    rule: str
    disagreements: list[str]


def must_agree(rule: str) -> Callable[[Check], Check]:
    """Register a check under the rule it proves, a sentence unique among all checks."""

    def register(check: Check) -> Check:
        if _checks.setdefault(rule, check).__qualname__ != check.__qualname__:
            raise ValueError(f"Two checks prove the same rule: {rule}")
        return check

    return register


def verify() -> list[Verdict]:
    """Run every check of every capability, in the order they were registered."""
    autodiscover_modules("verification")
    return [Verdict(rule, check()) for rule, check in _checks.items()]


def status_disagreements(model: type[models.Model]) -> list[str]:
    """Rows of `model` whose status is not where their history last led (I6), one sentence each; rows without history agree."""
    label = model._meta.label_lower
    last = (
        HistoryEntry.objects.filter(subject_type=label, subject_id=OuterRef("pk"))
        .exclude(after="")
        .order_by("-pk")
        .values("after")[:1]
    )
    rows = (
        model._base_manager.annotate(led_to=Subquery(last), stands=Cast("status", CharField()))
        .exclude(led_to=None)
        .exclude(led_to=F("stands"))
        .order_by("pk")
    )
    noun = str(model._meta.verbose_name).capitalize()
    return [
        f"{noun} {pk}: status is {stands}, its history says {led_to}."
        for pk, stands, led_to in rows.values_list("pk", "stands", "led_to").iterator()
    ]


@must_agree("Every account's balance is what its transfers make")
def _balances_replay() -> list[str]:
    return transfers.disagreements()


@must_agree("Every transfer is in the unit of both its accounts (I4)")
def transfers_keep_to_one_unit() -> list[str]:
    """Asked of the rows themselves, in case they came by a way that has no trigger."""
    return transfers.mixed_units()
