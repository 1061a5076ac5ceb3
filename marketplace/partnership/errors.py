"""What can't be done with calls and commissions, in words for the person."""

from marketplace.kernel.errors import DomainError


class CallInvalid(DomainError):
    """Something in a call, or in an answer to one, can't be kept. `field` names the part at fault."""

    code = "call_invalid"


class CommissionInvalid(DomainError):
    """Something in a commission can't be kept. `field` names the part at fault."""

    code = "commission_invalid"


class NotReadyToStart(DomainError):
    """Something has to happen before the commission may begin."""

    code = "not_ready_to_start"
    status = 409


class MayNotKnow(DomainError):
    """The person is one of those who never read a school's category."""

    code = "may_not_know"
    status = 409
