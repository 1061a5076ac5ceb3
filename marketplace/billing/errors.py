"""What can be wrong with a document."""

from marketplace.kernel.errors import DomainError, NotNow


class AlreadyCredited(NotNow):
    """The document has been credited in full."""

    code = "already_credited"


class MoreThanOutstanding(DomainError):
    """More was to be paid on a document than is still owed."""

    code = "more_than_outstanding"
    status = 409


class MoreThanReceived(DomainError):
    """More of a receipt was to be used than it holds."""

    code = "more_than_received"
    status = 409


class NoCards(NotNow):
    """Cards are not taken here, or not for this."""

    code = "no_cards"


class NothingToRefund(NotNow):
    """Nothing of the payment is free to be given back."""

    code = "nothing_to_refund"


class PayoutBlocked(NotNow):
    """Money of the payment can’t be passed on now."""

    code = "payout_blocked"


class StatementKnown(NotNow):
    """The bank statement was uploaded before."""

    code = "statement_known"


class NothingToSettle(NotNow):
    """The broker owes the organisation nothing that could go on a statement."""

    code = "nothing_to_settle"


class Disputed(NotNow):
    """Nothing is paid while a statement, or what stands on it, is disputed."""

    code = "disputed"


class Overtaken(NotNow):
    """Something on the statement was credited since it was made."""

    code = "overtaken"


class NothingToExport(NotNow):
    """No journal of the area waits for this period."""

    code = "nothing_to_export"


class NotGivenBack(NotNow):
    """What a run would give back of an earlier one is not there any more: it pays something else."""

    code = "not_given_back"
