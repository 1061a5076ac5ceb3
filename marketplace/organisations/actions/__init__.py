"""What may be done with areas, organisations, schools and people: the only place that writes them."""

from marketplace.organisations.actions.areas import (
    change_cluster,
    create_area,
    create_cluster,
    delete_cluster,
    import_wards,
)
from marketplace.organisations.actions.bodies import change_organisation, create_organisation
from marketplace.organisations.actions.groups import ExtrasOutcome, import_groups, import_links
from marketplace.organisations.actions.people import (
    accept_invitation,
    end_membership,
    enrol,
    invite,
    resend_invitation,
    revoke_invitation,
)
from marketplace.organisations.actions.register import (
    apply_register,
    carry_out_apply,
    carry_out_undo,
    discard_register,
    fail_batch,
    give_back,
    import_register_now,
    new_batch,
    read_batch,
    undo_register,
    undo_register_now,
    upload_register,
)

__all__ = [
    "ExtrasOutcome",
    "accept_invitation",
    "apply_register",
    "carry_out_apply",
    "carry_out_undo",
    "change_cluster",
    "change_organisation",
    "create_area",
    "create_cluster",
    "create_organisation",
    "delete_cluster",
    "discard_register",
    "end_membership",
    "enrol",
    "fail_batch",
    "give_back",
    "import_groups",
    "import_links",
    "import_register_now",
    "import_wards",
    "invite",
    "new_batch",
    "read_batch",
    "resend_invitation",
    "revoke_invitation",
    "undo_register",
    "undo_register_now",
    "upload_register",
]
