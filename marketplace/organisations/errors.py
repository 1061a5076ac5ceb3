"""What may be wrong with a change to areas, organisations and people."""

from marketplace.kernel.errors import DomainError, NotAllowed, NotNow


class InvalidDetails(DomainError):
    """Something given can't be used; `field` names it."""

    code = "invalid"
    status = 400


class ImportInTheWay(NotNow):
    """Another import of the same area is at work, or came after and must be undone first."""

    code = "import_in_the_way"


class PreviewOutOfDate(NotNow):
    """Schools changed after the file was read, so that the preview no longer tells what applying would do."""

    code = "preview_out_of_date"


class BoundariesUnusable(DomainError):
    """A file of boundaries can't be used."""

    code = "boundaries_unusable"


class InvitationUnusable(DomainError):
    """The invitation was used, revoked, has run out, or is for somebody else."""

    code = "invitation_unusable"
    status = 409


class LastOfTheirRole(NotNow):
    """An organisation may not lose its last headteacher, lead or convenor."""

    code = "last_of_their_role"


class InterestInTheWay(NotAllowed):
    """The person has declared an interest in a party to the decision, so that somebody else takes it."""

    code = "interest_in_the_way"
