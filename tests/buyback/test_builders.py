"""The builders make what the database accepts, in every state."""

import pytest

from marketplace.buyback.models import AgreementStatus
from marketplace.catalogue.pricing import price_again
from marketplace.kernel import history
from tests.builders import a_basket, a_school, an_agreement, an_edition

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", AgreementStatus.values)
def test_an_agreement_can_be_made_in_every_state_with_its_history(status: str) -> None:
    agreement = an_agreement(status=status)

    line = agreement.lines.get()
    assert agreement.status == status
    assert line.year_pence == 120_000
    assert price_again(line.price).total_pence == line.year_pence
    assert [entry.after for entry in history.of(agreement)][-1:] in ([status], [])
    if status not in {"draft", "awaiting_approval", "withdrawn", "submitted"}:
        assert agreement.contract_years.get().pence == {str(line.pk): 120_000}


def test_an_academy_runs_by_the_academic_year_and_pays_by_invoice() -> None:
    agreement = an_agreement(school=a_school(academy=True), years=2)

    assert agreement.starts_on.month == 9
    assert agreement.route == "invoice"
    assert agreement.ends_on.year == agreement.starts_on.year + 2


def test_a_basket_of_a_school_holds_each_package() -> None:
    edition = an_edition()

    basket = a_basket(a_school(edition.window.area), editions=[edition])

    assert [line.edition for line in basket.lines.all()] == [edition]
