"""What one may read of the catalogue.

Published offers are for everybody signed in, except those kept to the schools of one trust. A provider's own people see its
offers in every state; convenors see those of their area that have been handed in.
"""

from marketplace.catalogue.queries.designations import (
    DAYS_BEFORE,
    designations_convened_by,
    designations_managed_by,
    designations_of_provider,
    ending_by,
    ending_soon,
    in_force,
    provider_designations_convened_by,
    provider_designations_managed_by,
)
from marketplace.catalogue.queries.offers import (
    SOLD_BY_THE_PLACE,
    convenes,
    history_of,
    in_reach_of,
    my_offers,
    offer_for,
    offers_managed_by,
    published,
    published_offers,
    to_review,
    version_in_work,
)
from marketplace.catalogue.queries.people import (
    assured_among,
    assured_on,
    own_page,
    people_of,
    practitioner_for,
    practitioners_managed_by,
    practitioners_on_show,
    to_assure,
    with_assurance,
)
from marketplace.catalogue.queries.schools import (
    acting_school,
    facts_of_schools,
    school_facts,
    support_types,
    themes,
)
from marketplace.catalogue.queries.work import (
    awaiting,
)

__all__ = [
    "DAYS_BEFORE",
    "SOLD_BY_THE_PLACE",
    "acting_school",
    "assured_among",
    "assured_on",
    "awaiting",
    "convenes",
    "designations_convened_by",
    "designations_managed_by",
    "designations_of_provider",
    "ending_by",
    "ending_soon",
    "facts_of_schools",
    "history_of",
    "in_force",
    "in_reach_of",
    "my_offers",
    "offer_for",
    "offers_managed_by",
    "own_page",
    "people_of",
    "practitioner_for",
    "practitioners_managed_by",
    "practitioners_on_show",
    "provider_designations_convened_by",
    "provider_designations_managed_by",
    "published",
    "published_offers",
    "school_facts",
    "support_types",
    "themes",
    "to_assure",
    "to_review",
    "version_in_work",
    "with_assurance",
]
