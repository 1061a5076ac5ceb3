"""Forms of the buy-back: windows, terms, packages, and baskets."""

from frontend.forms.selling.ordering import (
    LineForm,
    OfferingsForm,
    PutForm,
    SubmitForm,
)
from frontend.forms.selling.packages import (
    AboutForm,
    CopyForm,
    IncludesForm,
    NewPackageForm,
    SellingTermsForm,
)
from frontend.forms.selling.terms import TermsForm
from frontend.forms.selling.windows import NewWindowForm, WindowForm

__all__ = [
    "AboutForm",
    "CopyForm",
    "IncludesForm",
    "LineForm",
    "NewPackageForm",
    "NewWindowForm",
    "OfferingsForm",
    "PutForm",
    "SellingTermsForm",
    "SubmitForm",
    "TermsForm",
    "WindowForm",
]
