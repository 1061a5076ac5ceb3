"""What can be wrong with what is sold and ordered in the buy-back."""

from marketplace.kernel.errors import DomainError, NotNow


class EditionInvalid(DomainError):
    """Something written into an edition cannot stay; `field` names it."""

    code = "edition_invalid"


class EditionIncomplete(DomainError):
    """An edition cannot go on sale yet. `problems` is everything that is missing, by section."""

    code = "edition_incomplete"

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()), remedy="Put these right, then put it on sale.")
        self.problems = problems


class TermsInvalid(DomainError):
    """The terms cannot be kept like this; `field` names what is at fault."""

    code = "terms_invalid"


class NotYetOpen(NotNow):
    """Orders are not taken yet, or no longer."""

    code = "window_not_open"


class NotOnSale(NotNow):
    """The package can't be bought in this window, or not in this way."""

    code = "not_on_sale"


class AlreadyAgreed(NotNow):
    """The school has an agreement for this package and year already."""

    code = "already_agreed"


class BasketInvalid(DomainError):
    """The basket cannot be ordered as it is; `field` names what is at fault."""

    code = "basket_invalid"
