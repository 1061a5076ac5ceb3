"""Which organisations other records rely on, whatever capability those records belong to."""

from collections.abc import Collection
from typing import Any

from django.db.models import ManyToOneRel, Model, QuerySet

from marketplace.kernel.models import Account
from marketplace.organisations.models import Organisation, School


def relied_on(organisations: Collection[int]) -> set[int]:
    """Those of `organisations` (primary keys) that any other row points to, or that own an account of a ledger.

    Found through Django's own list of relations, so that a capability above, or one added later, is heard without being
    imported. A school's own row does not count.
    """
    found: set[Any] = set(
        Account.objects.filter(owner_id__in=organisations).values_list("owner_id", flat=True)
    )
    for target in (Organisation, School):
        for rows, column in pointing_at(target):
            if rows.model is School and column == "organisation":
                continue
            relying = rows.filter(**{f"{column}__in": organisations})
            found |= set(relying.values_list(column, flat=True).distinct())
    return found


def pointing_at(target: type[Model]) -> list[tuple[QuerySet[Any], str]]:
    """Rows of every table that refers to `target`, and the column by which, those without a name for the way back included."""
    return [
        (relation.related_model._base_manager.all(), relation.field.name)
        for relation in target._meta.get_fields(include_hidden=True)
        if isinstance(relation, ManyToOneRel) and not relation.concrete
    ]
