"""Areas, organisations, schools and people.

An `Area` is one local authority with its `Ward`s and the `Cluster`s its convenors make. Every body that takes part is an
`Organisation`; a school is an organisation with a `School` row beside it, keyed on its URN, holding what the register says.
A `User` holds roles through `Membership`, always at an organisation: the convenor's organisation is the local authority
itself. People come in by `Invitation` only.

A `RegisterImport` is one batch of changes to schools from a register file; its `RegisterChange` rows hold what was there before,
so that the batch can be previewed, applied and undone. An `InterestDeclaration` is what a person told of their own tie to an
organisation: who has one takes no decision about it; a `NilReturn` says that there is none. The uploaded file itself names head teachers: it is deleted as soon as
organisation: who has one takes no decision about it. A `Network` is what schools form beside trusts, federations, dioceses and
clusters; a `NetworkMembership` is one school's belonging to it. The uploaded file itself names head teachers: it is deleted as soon as
it has been read.
"""

from marketplace.organisations.models.areas import Area, AreaOutline, Ward
from marketplace.organisations.models.imports import (
    ChangeKind,
    ImportStatus,
    RegisterChange,
    RegisterImport,
    RegisterRefusal,
)
from marketplace.organisations.models.interests import (
    InterestDeclaration,
    InterestKind,
    InterestStatus,
    NilReturn,
)
from marketplace.organisations.models.networks import (
    BelongingStatus,
    Network,
    NetworkKind,
    NetworkMembership,
    NetworkRole,
)
from marketplace.organisations.models.people import ROLES, Invitation, Membership, User, UserManager
from marketplace.organisations.models.schools import (
    Cluster,
    LegalStatus,
    LinkKind,
    LocationSource,
    Organisation,
    OrganisationKind,
    Phase,
    School,
    SchoolLink,
)

__all__ = [
    "ROLES",
    "Area",
    "AreaOutline",
    "BelongingStatus",
    "ChangeKind",
    "Cluster",
    "ImportStatus",
    "InterestDeclaration",
    "InterestKind",
    "InterestStatus",
    "Invitation",
    "LegalStatus",
    "LinkKind",
    "LocationSource",
    "Membership",
    "Network",
    "NetworkKind",
    "NetworkMembership",
    "NetworkRole",
    "NilReturn",
    "Organisation",
    "OrganisationKind",
    "Phase",
    "RegisterChange",
    "RegisterImport",
    "RegisterRefusal",
    "School",
    "SchoolLink",
    "User",
    "UserManager",
    "Ward",
]
