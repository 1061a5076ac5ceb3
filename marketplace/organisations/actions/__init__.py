"""What may be done with areas, organisations, schools and people: the only place that writes them."""

from marketplace.organisations.actions.areas import (
    change_cluster,
    create_area,
    create_cluster,
    delete_cluster,
    import_outlines,
    import_wards,
)
from marketplace.organisations.actions.bodies import (
    change_organisation,
    create_organisation,
)
from marketplace.organisations.actions.groups import (
    ExtrasOutcome,
    import_groups,
    import_links,
)
from marketplace.organisations.actions.interests import (
    LONGEST_DETAILS,
    confirm_interests,
    declare_interest,
    declare_nothing,
    end_interest,
    strike_out_interest,
)
from marketplace.organisations.actions.networks import (
    add_school,
    answer_proposal,
    change_network,
    create_network,
    import_networks,
    leave_network,
    remove_school,
)
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
from marketplace.organisations.actions.suspension import (
    lift_suspension,
    suspend_organisation,
)

__all__ = [
    "LONGEST_DETAILS",
    "ExtrasOutcome",
    "accept_invitation",
    "add_school",
    "answer_proposal",
    "apply_register",
    "carry_out_apply",
    "carry_out_undo",
    "change_cluster",
    "change_network",
    "change_organisation",
    "confirm_interests",
    "create_area",
    "create_cluster",
    "create_network",
    "create_organisation",
    "declare_interest",
    "declare_nothing",
    "delete_cluster",
    "discard_register",
    "end_interest",
    "end_membership",
    "enrol",
    "fail_batch",
    "give_back",
    "import_groups",
    "import_links",
    "import_networks",
    "import_outlines",
    "import_register_now",
    "import_wards",
    "invite",
    "leave_network",
    "lift_suspension",
    "new_batch",
    "read_batch",
    "remove_school",
    "resend_invitation",
    "revoke_invitation",
    "strike_out_interest",
    "suspend_organisation",
    "undo_register",
    "undo_register_now",
    "upload_register",
]
