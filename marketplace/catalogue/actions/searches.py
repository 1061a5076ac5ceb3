"""A search that found nothing is worth knowing: it is unmet demand."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date

from marketplace.catalogue.events import SearchFoundNothing
from marketplace.catalogue.models import EmptySearch
from marketplace.kernel import events
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action
from marketplace.organisations.models import School


@action
def note_empty_search(
    *, actor: Actor, school: School, query: Mapping[str, Sequence[str]], today: date
) -> bool:
    """Tell that a person of a school searched and found nothing: once per person, search and day. Whether it was told now."""
    if actor.user_id is None or not query:
        return False
    said = {name: sorted(values) for name, values in sorted(query.items())}
    fingerprint = hashlib.sha256(json.dumps([school.pk, said]).encode()).hexdigest()
    _, first_time = EmptySearch.objects.get_or_create(
        user_id=actor.user_id, day=today, fingerprint=fingerprint
    )
    if not first_time:
        return False
    events.publish(SearchFoundNothing(school.area_id, school.pk, said))
    return True
