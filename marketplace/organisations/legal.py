"""An organisation as the money rules see it."""

from marketplace.kernel.supply import LegalFacts, LegalStatus
from marketplace.organisations.models import Organisation


def legal_facts(organisation: Organisation) -> LegalFacts:
    """Name, legal status, local authority and trust of an organisation, for `kernel.supply`.

    A trust is known by its own key, its academies by the trust's, so that supplies inside one trust are recognised. A body without a VAT
    number that is not part of a local authority is taken as registered: the invoice shows what finance then puts right.
    """
    school = getattr(organisation, "school", None)
    trust = school.trust_id if school else (organisation.pk if organisation.kind == "trust" else None)
    return LegalFacts(
        name=organisation.name,
        status=LegalStatus(organisation.legal_status),
        la_code=organisation.area.code if organisation.area else "",
        trust=str(trust or ""),
    )
