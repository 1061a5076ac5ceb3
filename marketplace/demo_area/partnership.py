"""What the convenor does about gaps: two calls for offers, one with answers that became drafts, and support commissioned for two schools.

All of it by the actions people use, with the clock turned back.
"""

from datetime import timedelta

from marketplace.buyback.models import FundingKind, FundingStream
from marketplace.catalogue import actions as catalogue
from marketplace.catalogue import queries as offers
from marketplace.catalogue.models import Offer, SupportType, Theme
from marketplace.demo_area.bodies import Place, Providers
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Today, clock_at
from marketplace.demo_area.words.partnership import (
    ACADEMY,
    ANSWERS,
    FOCUS,
    MAINTAINED,
    OBJECTIVE,
    READING_CALL,
    SENDCO_CALL,
    Case,
)
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import financial_year, local
from marketplace.kernel.errors import DomainError
from marketplace.organisations.models import LegalStatus, Organisation, School
from marketplace.organisations.queries import actor_for
from marketplace.partnership import actions
from marketplace.partnership.models import Commission, OfferCall
from marketplace.partnership.rules import CallTerms, CommissionTerms, ResponseTerms

HALF_DAYS = 12


def call_and_commission(place: Place, providers: Providers, people: People, today: Today) -> None:
    """The calls and the commissions of the area."""
    convenor = actor_for(people.convenors[0])
    _answer(_call(place, convenor, READING_CALL, today, published=16, closes_in=12), providers, people, today)
    _call(place, convenor, SENDCO_CALL, today, published=9, closes_in=2)
    for case in (MAINTAINED, ACADEMY):
        if school := _school(place, people, is_academy=case.is_academy):
            _commission(place, providers, convenor, school, case, today)


# Calls -----------------------------------------------------------------------------------------------------------------


def _call(
    place: Place, convenor: Actor, said: dict[str, str], today: Today, *, published: int, closes_in: int
) -> OfferCall:
    theme = Theme.objects.get(code=said["theme"])
    with clock_at(today.ago(published)):
        return actions.publish_call(
            actor=convenor,
            area=place.area,
            themes=[theme],
            terms=CallTerms(
                title=said["title"],
                words=said["words"],
                phases=("primary",),
                half_days=60,
                ceiling_pence=55_000,
                closes_on=today + closes_in,
                origin=said["origin"],
            ),
        )


def _answer(call: OfferCall, providers: Providers, people: People, today: Today) -> None:
    """The hub's answer is a draft still; that of the authority's own service is with the convenor."""
    kind = SupportType.objects.order_by("position", "pk")[0]
    for days_ago, (name, said) in zip((11, 6), ANSWERS.items(), strict=True):
        lead = people.leads.get(providers[name].pk) if name in providers else None
        if lead is None:
            continue
        actor = actor_for(lead)
        with clock_at(today.ago(days_ago)):
            answer = actions.respond_to_call(
                actor=actor,
                call=call,
                provider=providers[name],
                support_type=kind,
                people=list(offers.people_of(providers[name]).order_by("pk")[:2]),
                terms=ResponseTerms(
                    half_days=int(said["half_days"]),
                    pence_a_day=int(said["pence_a_day"]),
                    mode="in_person",
                    reach_km=30,
                    approach=said["approach"],
                ),
            )
            if name == "service":
                catalogue.submit_offer(actor=actor, offer=answer.offer)


# Commissions -----------------------------------------------------------------------------------------------------------


def _school(place: Place, people: People, *, is_academy: bool) -> School | None:
    """A primary school of the kind that none of the people to sign in as belong to."""
    own = {
        each.pk for each in (people.receiving_school, people.releasing_school, people.chair_school) if each
    }
    legal = LegalStatus.ACADEMY if is_academy else LegalStatus.LA_MAINTAINED
    return next(
        (
            school
            for school in place.of_phase("primary")
            if school.pk not in own
            and school.organisation.legal_status == legal
            and (school.trust_id is not None or not is_academy)
            and school.pk in people.heads
        ),
        None,
    )


def _commission(
    place: Place, providers: Providers, convenor: Actor, school: School, case: Case, today: Today
) -> Commission:
    """Opened, decided or told, started and reviewed; the maintained school's has the draft of its deployment."""
    provider = providers[case.provider]
    theme = Theme.objects.get(code=case.theme)
    began = today.ago(case.opened)
    stream = FundingStream.objects.filter(
        area=place.area, kind=FundingKind.COMMISSIONED, financial_year=financial_year(local(began).date())
    ).first()
    with clock_at(began):
        row = actions.open_commission(
            actor=convenor,
            school=school,
            theme=theme,
            phase="primary",
            terms=CommissionTerms(half_days=HALF_DAYS, pence_a_day=48_000, reason=case.reason),
            provider=provider,
            stream=stream,
        )
        for days_before, level, why in case.categories:
            since = local(began).date() - timedelta(days=days_before)
            actions.set_category(actor=convenor, commission=row, level=level, since=since, reason=why)
        if not case.is_academy:
            row = actions.decide_commission(actor=convenor, commission=row)
    told_on = today.ago(case.opened - 2)
    with clock_at(told_on):
        actions.record_notice(
            actor=convenor,
            commission=row,
            body="trust" if case.is_academy else "governing_body",
            body_name="",
            person=case.told,
            informed_on=local(told_on).date(),
            note=case.said,
        )
    if stream is None:
        return row
    with clock_at(today.ago(case.opened - 5)):
        row = actions.start_commission(
            actor=convenor, commission=row, next_review_on=today.ago(case.reviewed).date()
        )
    reviewed = today.ago(case.reviewed)
    with clock_at(reviewed):
        actions.review_commission(
            actor=convenor,
            commission=row,
            reviewed_on=local(reviewed).date(),
            rag=case.rag,
            findings=case.findings,
            next_steps=case.next_steps,
            next_review_on=today + case.next_review_in,
        )
    if not case.is_academy and (offer := _offer(provider, school, theme)):
        _draft_deployment(convenor, row, offer, today)
    return row


def _offer(provider: Organisation, school: School, theme: Theme) -> Offer | None:
    """An offer of the provider on the theme, for primary schools, with people who do not work at the school."""
    rows = offers.published_offers(SYSTEM).filter(
        provider=provider, current__themes=theme, current__phases__contains=["primary"]
    )
    return next(
        (
            row
            for row in rows.order_by("pk")
            if any(each.releasing_organisation_id != school.pk for each in row.shown.practitioners.all())
        ),
        None,
    )


def _draft_deployment(convenor: Actor, row: Commission, offer: Offer, today: Today) -> None:
    person = next(
        each for each in offer.shown.practitioners.all() if each.releasing_organisation_id != row.school_id
    )
    with clock_at(today.ago(3)):
        try:
            actions.draft_deployment_for(
                actor=convenor,
                commission=row,
                offer=offer,
                practitioner=person,
                focus=FOCUS,
                objectives=[dict(OBJECTIVE)],
                half_days=HALF_DAYS,
                starts_on=today + 14,
                ends_on=today + 120,
            )
        except DomainError:  # an offer whose price depends on what is not known of the school
            return
