"""Who agreed with whom, as it was on the day: the parties of an agreement as a snapshot."""

from typing import Any

from marketplace.organisations.models import Organisation


def parties_of(*, buyer: Organisation, seller: Organisation, ordered_by: Organisation) -> dict[str, Any]:
    """Name, address, numbers and legal status of buyer and seller, and the name of the organisation that ordered."""
    return {
        "buyer": party(buyer),
        "seller": party(seller),
        "ordered_by": {"name": ordered_by.name, "reference": ordered_by.reference},
    }


def party(organisation: Organisation) -> dict[str, str]:
    """One party: `name`, `reference`, `address` (one line), `urn`, `trust`, `area`, `legal_status`, `legal_status_label`, `vat_number`."""
    school = getattr(organisation, "school", None)
    registered = (
        ", ".join(filter(None, (school.street, school.locality, school.town, school.postcode)))
        if school
        else ""
    )
    return {
        "name": organisation.name,
        "reference": organisation.reference,
        "address": ", ".join(organisation.address.splitlines()) or registered,
        "urn": str(school.urn) if school else "",
        "trust": school.trust.name if school and school.trust else "",
        "area": organisation.area.name if organisation.area else "",
        "legal_status": organisation.legal_status,
        "legal_status_label": organisation.get_legal_status_display(),
        "vat_number": organisation.vat_number,
    }
