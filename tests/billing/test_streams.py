"""What a funding stream pays for: spent when it is billed or delivered, and back in the stream, once, when that is credited."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from marketplace.billing import actions as billing
from marketplace.billing.models import Document
from marketplace.bookings import actions as bookings
from marketplace.bookings.actions import courses
from marketplace.buyback import actions
from marketplace.buyback.models import FundingKind, FundingStream, ServiceAgreement
from marketplace.buyback.queries.funding import budget_of
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import FINANCIAL, financial_year, local
from marketplace.kernel.verification import verify
from marketplace.organisations.models import LegalStatus, OrganisationKind
from tests.billing.test_course_shares import is_finished
from tests.bookings.test_commissioning import commissioned
from tests.builders import (
    a_booking_day,
    a_convenor,
    a_course,
    a_course_scene,
    a_scene,
    a_school,
    a_stream,
    actor_of,
    an_area,
    an_organisation,
    places_for,
)
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


def test_what_is_credited_of_a_visit_by_hand_goes_back(run_jobs: RunJobs) -> None:
    scene = a_scene()
    an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=scene.area)
    booking, stream = commissioned(scene, "confirmed", day=a_booking_day(days_ahead=-3))
    bookings.mark_delivered(actor=scene.person, booking=booking)
    run_jobs()
    document = Document.objects.get(booking=booking)

    line = document.lines.get()
    billing.credit(actor=SYSTEM, document=document, reason="Half.", amounts={line.pk: 17_500})

    assert budget_of(stream).spent == 17_500


def test_a_cancellation_charge_credited_by_hand_and_then_waived_goes_back_once(run_jobs: RunJobs) -> None:
    scene = a_scene()
    an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=scene.area)
    tariff = {"day": a_booking_day(days_ahead=20), "cancellation_tariff": STANDARD_TARIFF.to_data()}
    booking, stream = commissioned(scene, "confirmed", **tariff)
    actions.commit_funding(actor=SYSTEM, stream=stream, pence=50_000, effect="other:commit")
    actions.spend_funding(actor=SYSTEM, stream=stream, pence=50_000, effect="other:spend")
    bookings.cancel_booking(actor=scene.budget_holder, booking=booking, by="buyer", reason="Illness")
    run_jobs()
    document = Document.objects.get(booking=booking)
    assert budget_of(stream).spent == 50_000 + 17_500

    line = document.lines.get()
    billing.credit(actor=SYSTEM, document=document, reason="A gesture.", amounts={line.pk: 10_000})
    assert budget_of(stream).spent == 50_000 + 7_500
    bookings.waive_charge(actor=scene.provider_lead, booking=booking, reason="Illness")
    run_jobs()

    assert budget_of(stream).spent == 50_000
    all_agrees()


@pytest.mark.parametrize("by_hand", [0, 40_00, 75_00])
def test_a_places_charge_credited_by_hand_and_then_waived_goes_back_once(
    run_jobs: RunJobs, by_hand: int
) -> None:
    scene = a_course_scene(cancellation_tariff=STANDARD_TARIFF.to_data())
    an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=scene.area)
    event = a_course(scene, day=a_booking_day(days_ahead=12))
    order = places_for(event, scene.school, scene.head, 2)
    stream = a_stream(scene.area, financial_year=financial_year(local(event.starts_at).date()))
    courses.commission_places(actor=actor_of(a_convenor(scene.area)), order=order.reference, stream=stream)
    courses.cancel_place(actor=scene.head, order=order.reference, number=2)
    is_finished(scene, event, order, came=1)
    run_jobs()
    document = Document.objects.get(place_order=order)
    charge = document.lines.get(description__startswith="Place 2")
    assert budget_of(stream).spent == 100_00 + charge.net_pence

    if by_hand:
        billing.credit(actor=SYSTEM, document=document, reason="Late.", amounts={charge.pk: by_hand})
    assert budget_of(stream).spent == 100_00 + charge.net_pence - by_hand
    courses.waive_place_charge(actor=scene.provider_lead, order=order.reference, number=2, reason="Snow")
    run_jobs()

    assert budget_of(stream).spent == 100_00
    all_agrees()
