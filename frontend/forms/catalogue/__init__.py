"""Forms of the catalogue: search, offers section by section, prices, people. They read what was typed; the rules are in
`marketplace.catalogue`."""

from frontend.forms.catalogue.finding import FindForm, QuantityForm
from frontend.forms.catalogue.offers import (
    AboutForm,
    DeliveryForm,
    NewOfferForm,
    OfferFilterForm,
    ReturnForm,
    TermsForm,
)
from frontend.forms.catalogue.people import (
    AssuranceForm,
    DesignationForm,
    EndDesignationForm,
    NewPersonForm,
    PeopleFilterForm,
    PersonForm,
    ReasonForm,
)
from frontend.forms.catalogue.price import KindForm, PriceForm
from frontend.forms.catalogue.tariff import TariffForm

__all__ = [
    "AboutForm",
    "AssuranceForm",
    "DeliveryForm",
    "DesignationForm",
    "EndDesignationForm",
    "FindForm",
    "KindForm",
    "NewOfferForm",
    "NewPersonForm",
    "OfferFilterForm",
    "PeopleFilterForm",
    "PersonForm",
    "PriceForm",
    "QuantityForm",
    "ReasonForm",
    "ReturnForm",
    "TariffForm",
    "TermsForm",
]
