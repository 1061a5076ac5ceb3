"""Ending early, becoming an academy, the same again, and being told of next year's price."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from marketplace.buyback import actions, queries
from marketplace.buyback.events import EditionPublished
from marketplace.buyback.models import (
    AgreementEnding,
    AgreementYear,
    Entitlement,
    FundingKind,
    PriceNotice,
    ServiceAgreement,
)
from marketplace.buyback.queries.funding import budget_of
from marketplace.buyback.rules import ConversionInvalid, EndingInvalid
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.kernel.dates import FINANCIAL, contract_year
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.organisations.models import LegalStatus, LinkKind, SchoolLink
from tests.builders import a_convenor, a_person, a_provider, a_school, actor_of, an_area
from tests.builders.buyback import a_window, an_agreement, an_edition
from tests.buyback.test_agreements import head_of, nothing_disagrees, on_the, today, waiting

pytestmark = pytest.mark.django_db

START = contract_year(FINANCIAL, today()).start


def running(**fields: object) -> ServiceAgreement:
    """An agreement of this financial year, £1,200, with its days granted."""
    agreement = an_agreement(calendar=FINANCIAL, **fields)  # type: ignore[arg-type]
    for year in agreement.contract_years.all():
        actions.grant_entitlements(actor=SYSTEM, year=year)
    return agreement


def lead_of(agreement: ServiceAgreement) -> Actor:
    return actor_of(a_person(Role.PROVIDER_LEAD, at=agreement.seller))


def month(number: int) -> date:
    """The first of the `number`-th month of this contract year, counted from 0."""
    first = START.month - 1 + number
    return date(START.year + first // 12, first % 12 + 1, 1)


# Ending early ---------------------------------------------------------------------------------------------------------


def test_what_both_sides_agree_to_end_is_credited_for_the_months_not_run() -> None:
    agreement = running()
    last_day = month(6) - timedelta(days=1)

    with on_the(month(6)):
        actions.terminate_agreement(
            actor=lead_of(agreement), agreement=agreement, ground="agreed", last_day=last_day, reason="Merged"
        )

    agreement.refresh_from_db()
    ending = AgreementEnding.objects.get()
    assert (agreement.status, agreement.ended_on) == ("terminated", last_day)
    assert (ending.not_run_pence, ending.year_number) == (60_000, 1)
    assert Entitlement.objects.get().closed_at is not None
    assert nothing_disagrees()


def test_notice_is_told_ahead_and_carried_out_on_the_day_after_the_last() -> None:
    agreement = running()
    last_day = month(8)
    with on_the(month(3)):
        actions.terminate_agreement(
            actor=head_of(agreement.buyer.school),
            agreement=agreement,
            ground="buyer_notice",
            last_day=last_day,
            reason="We closed the unit",
        )
        actions.run_agreements()
    agreement.refresh_from_db()
    assert agreement.status == "active"

    with on_the(last_day):
        actions.run_agreements()
    agreement.refresh_from_db()
    assert agreement.status == "active"
    with on_the(last_day + timedelta(days=1)):
        actions.run_agreements()
        actions.run_agreements()

    agreement.refresh_from_db()
    assert (agreement.status, agreement.ended_on) == ("terminated", last_day)
    assert AgreementEnding.objects.get().not_run_pence == 0
    assert nothing_disagrees()


def test_too_short_a_notice_is_refused_and_nothing_is_kept() -> None:
    agreement = running()

    with on_the(month(3)), pytest.raises(EndingInvalid, match="at the earliest"):
        actions.terminate_agreement(
            actor=head_of(agreement.buyer.school),
            agreement=agreement,
            ground="buyer_notice",
            last_day=month(4),
            reason="No longer needed",
        )

    assert not AgreementEnding.objects.exists()


def test_a_school_gives_notice_but_names_no_breach() -> None:
    agreement = running()

    with pytest.raises(NotAllowed):
        actions.terminate_agreement(
            actor=head_of(agreement.buyer.school),
            agreement=agreement,
            ground="seller_breach",
            last_day=month(6),
            reason="They never came",
        )


def test_a_school_can_not_say_that_it_gave_notice_long_ago() -> None:
    agreement = running()

    with on_the(month(8)), pytest.raises(EndingInvalid, match="day on which it is given here"):
        actions.terminate_agreement(
            actor=head_of(agreement.buyer.school),
            agreement=agreement,
            ground="buyer_notice",
            told_on=month(4),
            last_day=month(9),
            reason="We told you in August",
        )

    with on_the(month(8)):
        actions.terminate_agreement(
            actor=lead_of(agreement),
            agreement=agreement,
            ground="buyer_notice",
            told_on=month(4),
            last_day=month(9),
            reason="They wrote in August",
        )
    assert AgreementEnding.objects.get().told_on == month(4)


def test_nobody_was_told_before_there_was_an_agreement() -> None:
    agreement = running()

    with on_the(month(2)), pytest.raises(EndingInvalid, match="nobody was told before"):
        actions.terminate_agreement(
            actor=lead_of(agreement),
            agreement=agreement,
            ground="seller_notice",
            told_on=START - timedelta(days=1),
            last_day=month(3),
            reason="It was in the air",
        )
    assert not AgreementEnding.objects.exists()


def test_the_convenor_between_the_two_can_record_a_breach() -> None:
    agreement = running()
    convenor = actor_of(a_convenor(agreement.buyer.area))

    with on_the(month(5)):
        actions.terminate_agreement(
            actor=convenor,
            agreement=agreement,
            ground="seller_breach",
            told_on=month(3),
            last_day=month(4),
            reason="Nobody came, twice",
        )

    assert AgreementEnding.objects.get().not_run_pence == 70_000


def test_notice_can_be_taken_back_until_it_is_carried_out() -> None:
    agreement = running()
    head = head_of(agreement.buyer.school)
    with on_the(month(2)):
        actions.terminate_agreement(
            actor=head, agreement=agreement, ground="buyer_notice", last_day=month(6), reason="Perhaps"
        )
        with pytest.raises(NotNow, match="already"):
            actions.terminate_agreement(
                actor=head, agreement=agreement, ground="buyer_notice", last_day=month(7), reason="Again"
            )
        actions.take_back_ending(actor=head, agreement=agreement)
        actions.terminate_agreement(
            actor=head, agreement=agreement, ground="buyer_notice", last_day=month(7), reason="Later"
        )

    assert AgreementEnding.objects.filter(taken_back_at__isnull=True).get().last_day == month(7)
    verbs = [entry.verb for entry in history.of(agreement)]
    assert verbs[-3:] == ["notice_given", "notice_taken_back", "notice_given"]


def test_an_agreement_that_has_not_started_is_called_off_free_of_charge() -> None:
    agreement = an_agreement(status="submitted", calendar=FINANCIAL)
    with on_the(agreement.starts_on - timedelta(days=60)):
        actions.terminate_agreement(
            actor=head_of(agreement.buyer.school),
            agreement=agreement,
            ground="buyer_notice",
            reason="Too dear",
        )

    agreement.refresh_from_db()
    assert agreement.status == "terminated"
    assert not AgreementYear.objects.exists()


def test_an_agreement_does_not_end_in_a_contract_year_that_is_over() -> None:
    agreement = running(years=2)
    second = agreement.starts_on.replace(year=agreement.starts_on.year + 1)
    with on_the(second):
        actions.run_agreements()

        with pytest.raises(EndingInvalid, match="Year 2"):
            actions.terminate_agreement(
                actor=lead_of(agreement), agreement=agreement, ground="agreed", last_day=month(11), reason="?"
            )


def test_what_an_early_ending_leaves_uncommitted_goes_back_to_the_funding_stream() -> None:
    area = an_area()
    stream = actions.create_stream(
        actor=actor_of(a_convenor(area)),
        area=area,
        kind=FundingKind.COMMISSIONED,
        name="Improvement",
        financial_year="2027-28",
        budget_pence=200_000,
    )
    school = a_school(area)
    agreement = waiting(school=school, starts_on=START, funding_stream=stream, calendar=FINANCIAL)
    actions.approve_agreement(actor=head_of(school), agreement=agreement)

    with on_the(month(9)):
        actions.terminate_agreement(
            actor=lead_of(agreement),
            agreement=agreement,
            ground="agreed",
            last_day=month(9) - timedelta(days=1),
            reason="Agreed",
        )

    assert (budget_of(stream).available, budget_of(stream).committed) == (110_000, 90_000)


# Becoming an academy --------------------------------------------------------------------------------------------------


def becomes_an_academy(agreement: ServiceAgreement) -> None:
    agreement.buyer.legal_status = LegalStatus.ACADEMY
    agreement.buyer.save()


def test_the_academys_agreement_goes_on_where_the_maintained_one_ended() -> None:
    agreement = running()
    becomes_an_academy(agreement)
    with on_the(month(5)):
        academy = actions.convert_agreement(
            actor=lead_of(agreement), agreement=agreement, on=month(5), reason="Funding agreement signed"
        )

    agreement.refresh_from_db()
    assert (agreement.status, agreement.ended_on) == ("superseded", month(5) - timedelta(days=1))
    assert (academy.status, academy.starts_on, academy.ends_on) == ("active", month(5), agreement.ends_on)
    assert (agreement.route, academy.route) == ("journal", "invoice")
    assert (academy.supersedes, academy.succession) == (agreement, "conversion")
    assert academy.parties["buyer"]["legal_status"] == "academy"
    line, year = academy.lines.get(), academy.contract_years.get()
    assert (line.year_pence, line.vat_pence) == (70_000, 14_000)
    assert sum(year.pence.values()) == AgreementEnding.objects.get().not_run_pence == 70_000
    assert nothing_disagrees()


def test_the_days_left_pass_to_the_academy_and_none_is_granted_twice() -> None:
    agreement = running()
    becomes_an_academy(agreement)
    with on_the(month(5)):
        academy = actions.convert_agreement(actor=lead_of(agreement), agreement=agreement, on=month(5))

    old, new = Entitlement.objects.order_by("pk")
    assert old.closed_at is not None
    assert (new.agreement, new.granted, new.carried_from) == (academy, 8, old)


def test_another_organisation_the_register_names_as_successor_takes_over() -> None:
    agreement = running()
    successor = a_school(agreement.buyer.area, academy=True)
    stranger = a_school(agreement.buyer.area, academy=True)
    SchoolLink.objects.create(
        urn=agreement.buyer.school.urn,
        linked_urn=successor.urn,
        kind=LinkKind.SUCCESSOR,
        link_type="Successor",
    )
    lead = lead_of(agreement)

    with on_the(month(5)):
        with pytest.raises(ConversionInvalid, match="does not name"):
            actions.convert_agreement(
                actor=lead, agreement=agreement, on=month(5), successor=stranger.organisation
            )
        academy = actions.convert_agreement(
            actor=lead, agreement=agreement, on=month(5), successor=successor.organisation
        )

    assert academy.buyer == successor.organisation
    assert Entitlement.objects.get(agreement=academy).holder == successor.organisation


def test_told_ahead_a_conversion_waits_for_its_day_and_for_the_register() -> None:
    agreement = running()
    on = month(6) + timedelta(days=9)
    with on_the(month(4)):
        actions.convert_agreement(actor=lead_of(agreement), agreement=agreement, on=on)
        actions.run_agreements()
    with on_the(on + timedelta(days=5)):
        actions.run_agreements()
        agreement.refresh_from_db()
        assert agreement.status == "active"

        becomes_an_academy(agreement)
        actions.run_agreements()
        actions.run_agreements()

    agreement.refresh_from_db()
    academy = agreement.superseded_by
    assert agreement.status == "superseded"
    assert academy.starts_on == on
    assert academy.contract_years.get().starts_on == month(7)
    assert sum(academy.contract_years.get().pence.values()) == 50_000
    assert nothing_disagrees()


def test_the_academy_pays_the_later_years_of_a_longer_agreement_by_the_same_rule() -> None:
    agreement = running(years=3)
    becomes_an_academy(agreement)
    with on_the(month(5)):
        academy = actions.convert_agreement(actor=lead_of(agreement), agreement=agreement, on=month(5))
    next_year = agreement.starts_on.replace(year=agreement.starts_on.year + 1)

    with on_the(next_year):
        actions.run_agreements()

    assert academy.years == 3
    assert [sum(year.pence.values()) for year in academy.contract_years.all()] == [70_000, 120_000]
    second = academy.contract_years.get(number=2)
    (explained,) = second.explained.values()
    assert explained["inputs"]["quantity"]["year_of_agreement"] == 2
    assert second.period.start == next_year
    assert Entitlement.objects.filter(agreement=academy, year_number=2).get().granted == 8
    assert nothing_disagrees()


def test_a_conversion_on_the_first_day_of_a_later_year_leaves_that_year_to_the_academy() -> None:
    agreement = running(years=2)
    becomes_an_academy(agreement)
    second = agreement.starts_on.replace(year=agreement.starts_on.year + 1)
    with on_the(second - timedelta(days=30)):
        actions.convert_agreement(actor=lead_of(agreement), agreement=agreement, on=second)

    with on_the(second):
        actions.run_agreements()

    agreement.refresh_from_db()
    academy = agreement.superseded_by
    assert agreement.contract_years.count() == 1
    assert sum(academy.contract_years.get().pence.values()) == 120_000
    assert nothing_disagrees()


def test_de_delegated_money_does_not_follow_a_school_out_of_the_authority() -> None:
    area = an_area()
    keeper = actor_of(a_convenor(area))
    school = a_school(area)
    streams = [
        actions.create_stream(
            actor=keeper, area=area, kind=kind, name=kind, financial_year="2027-28", budget_pence=200_000
        )
        for kind in (FundingKind.DE_DELEGATED, FundingKind.COMMISSIONED)
    ]
    agreements = [
        waiting(school=school, starts_on=START, funding_stream=stream, calendar=FINANCIAL)
        for stream in streams
    ]
    for agreement in agreements:
        actions.approve_agreement(actor=head_of(school), agreement=agreement)
    school.organisation.legal_status = LegalStatus.ACADEMY
    school.organisation.save()

    with on_the(month(6)):
        academies = [
            actions.convert_agreement(actor=lead_of(agreement), agreement=agreement, on=month(6))
            for agreement in agreements
        ]

    assert [academy.funding_stream for academy in academies] == [None, streams[1]]
    assert [budget_of(stream).committed for stream in streams] == [60_000, 120_000]


def test_an_academys_agreement_does_not_convert() -> None:
    agreement = an_agreement(school=a_school(academy=True))

    with pytest.raises(ConversionInvalid, match="already"):
        actions.convert_agreement(
            actor=lead_of(agreement), agreement=agreement, on=agreement.starts_on + timedelta(days=40)
        )


# The same again -------------------------------------------------------------------------------------------------------


def on_sale_again(agreement: ServiceAgreement, **fields: object) -> None:
    """The agreement's packages, on sale in next year's window, which takes orders."""
    window = a_window(
        agreement.buyer.area, calendar=agreement.calendar, first_day=agreement.ends_on + timedelta(days=1)
    )
    for line in agreement.lines.all():
        an_edition(line.edition.package, window=window, **fields)  # type: ignore[arg-type]


def test_the_same_again_fills_the_basket_of_next_years_window() -> None:
    agreement = running()
    on_sale_again(agreement)
    staff = actor_of(a_person(Role.STAFF, at=agreement.buyer))

    renewed = actions.renew_agreement(actor=staff, agreement=agreement)

    assert renewed.left_out == ()
    assert [line.edition.package for line in renewed.basket.lines.all()] == [
        line.edition.package for line in agreement.lines.all()
    ]
    assert renewed.basket.window.first_day == agreement.ends_on + timedelta(days=1)


def test_without_prices_for_next_year_nothing_can_be_renewed_yet() -> None:
    agreement = running()

    with pytest.raises(NotNow, match="None of these"):
        actions.renew_agreement(actor=head_of(agreement.buyer.school), agreement=agreement)


def test_a_renewal_follows_the_agreement_it_renews_and_one_that_comes_to_nothing_does_not() -> None:
    agreement = running()
    on_sale_again(agreement)
    head = head_of(agreement.buyer.school)
    basket = actions.renew_agreement(actor=head, agreement=agreement).basket
    staff = actor_of(a_person(Role.STAFF, at=agreement.buyer))

    (renewal,) = actions.submit_basket(actor=staff, basket=basket)

    renewal.refresh_from_db()
    assert (renewal.supersedes, renewal.succession) == (agreement, "renewal")
    actions.refuse_agreement(actor=head, agreement=renewal, reason="Not this year")
    renewal.refresh_from_db()
    assert renewal.supersedes is None
    assert nothing_disagrees()


def test_a_renewal_that_is_called_off_leaves_room_for_another() -> None:
    agreement = running()
    on_sale_again(agreement)
    head = head_of(agreement.buyer.school)
    staff = actor_of(a_person(Role.STAFF, at=agreement.buyer))

    def order() -> ServiceAgreement:
        basket = actions.renew_agreement(actor=head, agreement=agreement).basket
        (renewal,) = actions.submit_basket(actor=staff, basket=basket)
        actions.accept_terms(actor=head, agreement=renewal, name="A Head", capacity="Headteacher")
        return actions.approve_agreement(actor=head, agreement=renewal)

    called_off = order()
    actions.terminate_agreement(actor=head, agreement=called_off, ground="buyer_notice", reason="A mistake")
    called_off.refresh_from_db()
    assert (called_off.status, called_off.supersedes) == ("terminated", None)

    assert order().supersedes == agreement
    assert nothing_disagrees()


# Next year's price ----------------------------------------------------------------------------------------------------


def test_buyers_are_told_once_of_another_price_with_both_and_the_day_to_say_no_by(
    run_jobs: Callable[[], list[str]],
) -> None:
    agreement = running()
    on_sale_again(agreement, price_rule={"kind": "fixed", "amount_pence": 126_000})
    edition = agreement.lines.get().edition.package.editions.latest("pk")

    first = actions.notice_price_changes(actor=SYSTEM, edition=edition)
    again = actions.notice_price_changes(actor=SYSTEM, edition=edition)

    notice = PriceNotice.objects.get()
    first_day = edition.window.first_day
    assert ([*first], again) == ([notice], [])
    assert (notice.last_pence, notice.next_pence) == (120_000, 126_000)
    assert notice.notice_by == date(first_day.year, first_day.month - 1, 1)
    assert "£1,260.00 next year instead of £1,200.00" in history.of(agreement).last().note  # type: ignore[union-attr]


def test_the_same_price_and_the_middle_of_a_longer_agreement_need_no_notice() -> None:
    same, longer = running(), running(years=2)
    on_sale_again(same)
    for agreement in (same, longer):
        package = agreement.lines.get().edition.package
        next_year = contract_year(FINANCIAL, START).end + timedelta(days=1)
        window = a_window(agreement.buyer.area, calendar=FINANCIAL, first_day=next_year)
        edition = package.editions.filter(window=window).first() or an_edition(
            package, window=window, price_rule={"kind": "fixed", "amount_pence": 999_900}
        )
        assert actions.notice_price_changes(actor=SYSTEM, edition=edition) == []


def test_a_renewal_shows_both_prices_line_by_line() -> None:
    agreement = running()
    on_sale_again(agreement, price_rule={"kind": "fixed", "amount_pence": 118_000})

    renewal = queries.renewal_of(agreement, on=today())

    (line,) = renewal.lines
    assert (renewal.last_pence, renewal.next_pence, renewal.is_possible) == (120_000, 118_000, True)
    assert "£20.00 less" in line.change.sentence


def test_an_agreement_about_to_end_is_found_unless_something_follows_it() -> None:
    soon, followed = running(), running()
    on_sale_again(followed)
    basket = actions.renew_agreement(actor=head_of(followed.buyer.school), agreement=followed).basket
    actions.submit_basket(actor=actor_of(a_person(Role.STAFF, at=followed.buyer)), basket=basket)

    with on_the(soon.ends_on - timedelta(days=60)):
        assert list(queries.ending_soon(today(), 60)) == [soon]
    with on_the(soon.ends_on - timedelta(days=61)):
        assert list(queries.ending_soon(today(), 60)) == []


def test_a_seller_sees_what_ending_would_cost_before_it_says_so() -> None:
    agreement = running(seller=a_provider(an_area()))

    cost = queries.ending_cost(agreement, actions.endings.Ground.AGREED, month(3) - timedelta(days=1))

    assert (cost.credit_pence, cost.still_due_pence) == (90_000, 30_000)


def test_nobody_is_told_of_a_price_before_the_window_shows_it(run_jobs: Callable[[], list[str]]) -> None:
    agreement = running()
    window = a_window(
        agreement.buyer.area,
        calendar=agreement.calendar,
        first_day=agreement.ends_on + timedelta(days=1),
        prices_visible_from=today() + timedelta(days=3),
        orders_from=today() + timedelta(days=10),
        closes_on=today() + timedelta(days=40),
    )
    edition = an_edition(
        agreement.lines.get().edition.package,
        window=window,
        price_rule={"kind": "fixed", "amount_pence": 150_000},
    )
    events.publish(EditionPublished(edition.pk))
    run_jobs()
    assert not PriceNotice.objects.exists()
    with on_the(today() + timedelta(days=2)):
        assert actions.notice_prices_shown() == 0

    with on_the(today() + timedelta(days=3)):
        assert actions.notice_prices_shown() == 1
        assert actions.notice_prices_shown() == 0

    assert PriceNotice.objects.get().next_pence == 150_000
