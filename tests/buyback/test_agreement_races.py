"""Two workers, or two people, at one agreement at the same moment: everything happens once.

Each race has a twin with the guard taken away, which must show the fault: so we know that the test can fail.
"""

import threading
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from marketplace.buyback import actions
from marketplace.buyback.actions import running
from marketplace.buyback.models import (
    AgreementEnding,
    AgreementYear,
    Entitlement,
    FundingKind,
    PriceNotice,
    ServiceAgreement,
)
from marketplace.buyback.queries.funding import budget_of
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Role
from marketplace.organisations.models import LegalStatus
from tests.bookings.test_races import at_once, kinds
from tests.builders import a_convenor, a_person, a_school, actor_of, an_area
from tests.builders.buyback import an_agreement
from tests.buyback.test_agreement_endings import lead_of, month, on_sale_again
from tests.buyback.test_agreement_endings import running as in_force
from tests.buyback.test_agreements import head_of, nothing_disagrees, on_the, waiting

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

WORKERS = 8


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **kwargs: rows)


def events_of(kind: str) -> int:
    """How many jobs wait that tell of such an event."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT args->'values') FROM procrastinate_jobs WHERE args->>'event_type' LIKE %s",
            [f"%{kind}"],
        )
        return int(cursor.fetchone()[0])


def test_eight_workers_at_the_daily_job_put_an_agreement_in_force_once() -> None:
    agreement = an_agreement(status="submitted")

    with on_the(agreement.starts_on):
        at_once([actions.run_agreements] * WORKERS)

    assert AgreementYear.objects.count() == Entitlement.objects.count() == 1
    assert history.of(agreement).filter(verb="activate").count() == 1
    assert events_of("AgreementYearBegan") == 1
    assert nothing_disagrees()


def test_eight_workers_begin_a_contract_year_once() -> None:
    agreement = in_force(years=2)
    second = agreement.starts_on.replace(year=agreement.starts_on.year + 1)

    with on_the(second):
        at_once([actions.run_agreements] * WORKERS)

    assert [year.number for year in agreement.contract_years.all()] == [1, 2]
    assert Entitlement.objects.filter(year_number=2, carried_from=None).count() == 1
    assert nothing_disagrees()


def test_without_lock_and_unique_number_a_contract_year_would_begin_more_than_once(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement = in_force(years=2)
    second = agreement.starts_on.replace(year=agreement.starts_on.year + 1)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE buyback_agreementyear DROP CONSTRAINT agreement_years_are_numbered")
    meeting = threading.Barrier(2, timeout=30)
    original = running.begin_year

    def meet(*args: Any, **kwargs: Any) -> Any:
        meeting.wait()
        return original(*args, **kwargs)

    monkeypatch.setattr(running, "begin_year", meet)
    monkeypatch.setattr(running, "grant_entitlements", lambda **kwargs: [])
    try:
        with on_the(second):
            at_once([lambda: actions.begin_years(actor=SYSTEM, agreement=agreement)] * 2)
        assert agreement.contract_years.filter(number=2).count() == 2
    finally:
        AgreementYear.objects.filter(number=2).delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE buyback_agreementyear ADD CONSTRAINT agreement_years_are_numbered UNIQUE (agreement_id, number)"
            )


def test_of_people_who_approve_refuse_and_withdraw_at_once_one_succeeds_and_the_money_is_committed_once_at_most() -> (
    None
):
    area = an_area()
    stream = actions.create_stream(
        actor=actor_of(a_convenor(area)),
        area=area,
        kind=FundingKind.COMMISSIONED,
        name="Improvement",
        financial_year="2027-28",
        budget_pence=500_000,
    )
    school = a_school(area)
    agreement = waiting(school=school, funding_stream=stream)
    heads = [head_of(school) for _ in range(6)]
    staff = actor_of(a_person(Role.STAFF, at=school))
    jobs: list[Any] = [
        *(lambda head=head: actions.approve_agreement(actor=head, agreement=agreement) for head in heads),
        lambda: actions.refuse_agreement(actor=heads[0], agreement=agreement, reason="No"),
        lambda: actions.withdraw_agreement(actor=staff, agreement=agreement),
    ]

    results = at_once(jobs)

    agreement.refresh_from_db()
    assert kinds(results) == {"ServiceAgreement": 1, "NotNow": 7}
    assert budget_of(stream).committed == (120_000 if agreement.status == "submitted" else 0)
    assert nothing_disagrees()


def test_an_ending_told_by_two_at_once_stands_once() -> None:
    agreement = in_force()
    head, lead = head_of(agreement.buyer.school), lead_of(agreement)

    with on_the(month(2)):
        results = at_once(
            [
                lambda: actions.terminate_agreement(
                    actor=head, agreement=agreement, ground="buyer_notice", last_day=month(6), reason="A"
                ),
                lambda: actions.terminate_agreement(
                    actor=lead, agreement=agreement, ground="seller_notice", last_day=month(7), reason="B"
                ),
            ]
        )

    assert kinds(results) == {"ServiceAgreement": 1, "NotNow": 1}
    assert AgreementEnding.objects.count() == 1


def test_eight_workers_carry_a_conversion_out_once() -> None:
    agreement = in_force()
    agreement.buyer.legal_status = LegalStatus.ACADEMY
    agreement.buyer.save()
    with on_the(month(3)):
        actions.convert_agreement(actor=lead_of(agreement), agreement=agreement, on=month(5))

    with on_the(month(5)):
        at_once([actions.run_agreements] * WORKERS)

    assert ServiceAgreement._rows.filter(supersedes=agreement).count() == 1
    assert Entitlement.objects.filter(closed_at=None).count() == 1
    assert events_of("AgreementYearBegan") == 1
    assert nothing_disagrees()


def test_a_price_change_is_told_once_however_many_jobs_run() -> None:
    agreement = in_force()
    on_sale_again(agreement, price_rule={"kind": "fixed", "amount_pence": 126_000})
    edition = agreement.lines.get().edition.package.editions.latest("pk")

    at_once([lambda: actions.notice_price_changes(actor=SYSTEM, edition=edition)] * WORKERS)

    assert PriceNotice.objects.count() == 1
    assert events_of("PriceChangeTold") == 1
