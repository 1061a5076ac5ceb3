"""Things included in a package that no booking draws, as a school holds them."""

from marketplace.buyback.actions import grant_entitlements
from marketplace.buyback.models import Entitlement
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import FINANCIAL
from marketplace.organisations.models import Organisation, School
from tests.builders.buyback import a_window, an_agreement, an_edition
from tests.builders.organisations import a_school

__all__ = ["an_entitlement_to"]


def an_entitlement_to(
    kind: str = "places",
    quantity: int = 10,
    *,
    school: School | None = None,
    seller: Organisation | None = None,
) -> Entitlement:
    """Places on courses (or `peer_review`) of this financial year, none of them used."""
    school = school or a_school()
    agreement = an_agreement(school=school, calendar=FINANCIAL, **({"seller": seller} if seller else {}))
    edition = an_edition(
        window=a_window(school.area, state="hidden"), status="draft", includes=[(kind, quantity)]
    )
    agreement.lines.update(edition=edition)
    [entitlement] = grant_entitlements(actor=SYSTEM, year=agreement.contract_years.get())
    return entitlement
