"""An agreement a funding stream pays for: spent when it is billed, and back in the stream when that is credited."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from marketplace.billing import actions as billing
from marketplace.billing.models import Document
from marketplace.buyback import actions
from marketplace.buyback.models import FundingKind, FundingStream, ServiceAgreement
from marketplace.buyback.queries.funding import budget_of
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import FINANCIAL
from marketplace.kernel.verification import verify
from marketplace.organisations.models import LegalStatus, OrganisationKind
from tests.builders import a_convenor, a_school, actor_of, an_area, an_organisation
from tests.buyback.test_agreement_endings import START, lead_of, month
from tests.buyback.test_agreements import head_of, on_the, waiting

pytestmark = pytest.mark.django_db

RunJobs = Callable[[], list[str]]


def billed(run_jobs: RunJobs, kind: str = FundingKind.COMMISSIONED) -> tuple[ServiceAgreement, FundingStream]:
    """An agreement of a financial year, £1,200, billed whole on its first day to the stream's authority; the stream had £2,000."""
    area = an_area()
    an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=area)
    stream = actions.create_stream(
        actor=actor_of(a_convenor(area)),
        area=area,
        kind=kind,
        name="Improvement",
        financial_year=f"{START.year}-{(START.year + 1) % 100:02d}",
        budget_pence=200_000,
    )
    school = a_school(area)
    agreement = waiting(school=school, starts_on=START, funding_stream=stream, calendar=FINANCIAL)
    with on_the(month(0)):
        actions.approve_agreement(actor=head_of(school), agreement=agreement)
        run_jobs()
    assert (budget_of(stream).available, budget_of(stream).spent) == (80_000, 120_000)
    return agreement, stream


def all_agrees() -> None:
    assert [line for verdict in verify() for line in verdict.disagreements] == []


def test_what_an_early_ending_credits_goes_back_to_the_stream_once(run_jobs: RunJobs) -> None:
    agreement, stream = billed(run_jobs)

    with on_the(month(9)):
        actions.terminate_agreement(
            actor=lead_of(agreement),
            agreement=agreement,
            ground="agreed",
            last_day=month(9) - timedelta(days=1),
            reason="Agreed",
        )
        run_jobs()

    assert Document.objects.get(credits__agreement=agreement).net_pence == -30_000
    assert (budget_of(stream).available, budget_of(stream).spent) == (110_000, 90_000)
    all_agrees()


@pytest.mark.parametrize(
    ("kind", "available", "spent"),
    [(FundingKind.COMMISSIONED, 80_000, 120_000), (FundingKind.DE_DELEGATED, 140_000, 60_000)],
)
def test_what_was_spent_on_months_the_academy_pays_follows_it_unless_it_is_de_delegated(
    run_jobs: RunJobs, kind: str, available: int, spent: int
) -> None:
    agreement, stream = billed(run_jobs, kind)
    agreement.buyer.legal_status = LegalStatus.ACADEMY
    agreement.buyer.save()

    with on_the(month(6)):
        actions.convert_agreement(actor=lead_of(agreement), agreement=agreement, on=month(6))
        run_jobs()

    assert (budget_of(stream).available, budget_of(stream).spent) == (available, spent)
    assert budget_of(stream).committed == 0
    all_agrees()


def test_what_is_credited_by_hand_goes_back_and_nothing_for_a_paper_issued_again(run_jobs: RunJobs) -> None:
    agreement, stream = billed(run_jobs)
    document = Document.objects.get(agreement=agreement)

    _, again = billing.override_vat(actor=SYSTEM, document=document, treatment="zero", reason="Told by HMRC.")
    assert budget_of(stream).spent == 120_000
    line = again.lines.get()
    billing.credit(actor=SYSTEM, document=again, reason="A gesture.", amounts={line.pk: 20_000})

    assert (budget_of(stream).available, budget_of(stream).spent) == (100_000, 100_000)
    billing.credit(actor=SYSTEM, document=again, reason="The rest.")
    assert (budget_of(stream).available, budget_of(stream).spent) == (200_000, 0)
    all_agrees()
