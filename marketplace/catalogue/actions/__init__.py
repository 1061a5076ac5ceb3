"""The verbs of the catalogue: the only place that writes its tables."""

from marketplace.catalogue.actions.designations import (
    add_designation,
    check_designation,
    designate_provider,
    end_designation,
    end_provider_designation,
)
from marketplace.catalogue.actions.offers import (
    confirm_offer,
    discard_revision,
    draft_offer,
    edit_offer,
    pause_offer,
    rate_offer,
    resume_offer,
    submit_offer,
    take_back_offer,
    withdraw_offer,
)
from marketplace.catalogue.actions.people import (
    add_practitioner,
    edit_practitioner,
    record_assurance,
    reinstate_practitioner,
    stand_down_practitioner,
    withdraw_assurance,
)
from marketplace.catalogue.actions.review import approve_offer, check_may_judge, return_offer
from marketplace.catalogue.actions.searches import note_empty_search

__all__ = [
    "add_designation",
    "add_practitioner",
    "approve_offer",
    "check_designation",
    "check_may_judge",
    "confirm_offer",
    "designate_provider",
    "discard_revision",
    "draft_offer",
    "edit_offer",
    "edit_practitioner",
    "end_designation",
    "end_provider_designation",
    "note_empty_search",
    "pause_offer",
    "rate_offer",
    "record_assurance",
    "reinstate_practitioner",
    "resume_offer",
    "return_offer",
    "stand_down_practitioner",
    "submit_offer",
    "take_back_offer",
    "withdraw_assurance",
    "withdraw_offer",
]
