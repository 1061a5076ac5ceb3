"""From a draft to an agreement in force, and how it changes: every text is a version, and a signature belongs to one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils import timezone

from marketplace.bookings.actions import must_be_a_phase_of, must_be_sold_by_time, must_have_no_tie
from marketplace.bookings.errors import NotBookable
from marketplace.brokerage import queries, rules
from marketplace.brokerage.actions.deployments.steps import (
    copy_terms,
    lock_deployment,
    move,
    must,
    must_be_deployable,
    must_be_the_text,
    must_run,
    named_with_day,
    needed,
    write_version,
)
from marketplace.brokerage.errors import NeedInvalid, TermsInvalid
from marketplace.brokerage.events import DeploymentChangeDropped, DeploymentDraftedForSchool
from marketplace.brokerage.models import (
    Deployment,
    DeploymentSignature,
    DeploymentStatus,
    DeploymentVersion,
    Need,
    RequestResponse,
    SupportRequest,
)
from marketplace.brokerage.rules.deployments import ObjectiveTerms, Payer, Terms
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue import quotes
from marketplace.catalogue.models import Offer, OfferStatus, OfferVersion, Practitioner, Theme
from marketplace.kernel import events, history
from marketplace.kernel.access import SCHOOL_BUYERS, Actor
from marketplace.kernel.dates import local
from marketplace.kernel.days import format_days
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.kernel.money import pounds, pro_rata
from marketplace.kernel.supply import route_for
from marketplace.organisations.legal import legal_facts
from marketplace.organisations.models import Organisation, OrganisationKind, School

Objectives = Sequence[Mapping[str, Any]]
"""Each with `number` (none for a new one), `aim`, `success_measure`, `baseline` and `area`."""


@action
def draft_deployment(
    *,
    actor: Actor,
    school: School,
    offer: Offer,
    practitioner: Practitioner,
    theme: Theme,
    phase: str,
    need: Need | None = None,
    brokered_by: str = "provider",
    request: SupportRequest | None = None,
    **text: Any,
) -> Deployment:
    """Write an agreement down for the first time. `text` is what `change_terms` takes; `brokered_by` is provider or authority.

    The school's own people do; so may a convenor of its area, for support that the authority brokers and pays. A deployment that
    comes from a `request` for support is with the provider chosen there, at the price it answered, for the request's need.
    Raises `NotBookable` where offer, person, request or school do not allow it, `TermsInvalid` where the text lacks something.
    """
    if not (
        actor.convenes(school.area_id) and brokered_by == "authority" and text.get("payer") == Payer.AUTHORITY
    ):
        actor.must_hold(*SCHOOL_BUYERS, at=school.pk, to="agree a deployment for this school")
    version = _version_of(offer, practitioner)
    organisation = school.organisation
    if practitioner.releasing_organisation_id == school.pk:
        raise NotBookable(
            f"{practitioner} works at {school.organisation} itself.",
            remedy="Choose somebody of another school.",
        )
    must_have_no_tie(practitioner, school)
    selected = _selected(request, school, offer)
    if request is not None:
        need, theme, phase = request.need, request.theme, request.phase
    if need is not None:
        if need.school_id != school.pk:
            raise NotAllowed("That need is another school’s.", remedy="Choose a need of this school.")
        theme, phase = need.theme, need.phase
    must_be_a_phase_of(school, phase)
    terms = _terms(organisation, version, offer.provider, text, selected)
    rules.check_not_over(terms.ends_on, _today())
    row = Deployment(
        receiving_school=organisation,
        provider=offer.provider,
        practitioner=practitioner,
        releasing_organisation=practitioner.releasing_organisation,
        broker=_broker(brokered_by, offer.provider, school),
        need=need,
        source_reference=request.reference if request else "",
        offer_version=version,
        theme=theme,
        phase=phase,
        focus=terms.focus,
        half_days=terms.half_days,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        mid_point_on=terms.mid_point_on,
        net_pence=terms.net_pence,
        created_by_id=actor.user_id,
    )
    row.save(force_insert=True)
    write_version(actor, row, terms)
    history.write(row, verb="write", after=DeploymentStatus.DRAFT, by=actor)
    if not queries.is_school_side(actor, row):
        events.publish(DeploymentDraftedForSchool(row.pk))
    return row


@action
def change_terms(*, actor: Actor, deployment: Deployment, version: int, **text: Any) -> Deployment:
    """Put another text on the table. `version` is the one the person changed: `TextChanged` where another lies there by now.

    Before the agreement is in force its signatures fall; in force, the change waits for four signatures and the old text holds until
    then. The price is worked out afresh, from the response that was chosen or else from the offer’s rule as it was agreed on.
    """
    row = lock_deployment(actor, deployment)
    must(actor, row, "change")
    _must_be_changeable(row)
    must_be_the_text(row, version)
    before = queries.agreement_terms_of(row)
    terms = _terms(
        row.receiving_school,
        row.offer_version,
        row.provider,
        text,
        queries.response_behind(row),
        numbered_from=_numbers(row),
    )
    if row.version_in_force is None:
        rules.check_not_over(terms.ends_on, _today())
    found = rules.changes(before, terms)
    if not found:
        raise NeedInvalid("Nothing is different.", remedy="Change something, or leave the text as it is.")
    fallen = queries.signatures_of(row)
    taken = queries.half_days_taken(row)
    if terms.half_days < taken:
        raise TermsInvalid(
            f"Already booked: {format_days(taken)}.", remedy="Cancel visits first.", field="half_days"
        )
    if outside := queries.visits_outside(row, terms.starts_on, terms.ends_on):
        raise TermsInvalid(
            f"Visits are booked outside these days: {named_with_day(outside)}.",
            remedy="Move or cancel them first, or keep the days they are on.",
            field="ends_on" if outside[-1].day > terms.ends_on else "starts_on",
        )
    write_version(actor, row, terms)
    if row.version_in_force is None:
        copy_terms(row, terms)
    history.write(
        row,
        verb="change",
        before=row.status,
        after=row.status,
        by=actor,
        note="\n".join([f"Version {row.version}: {'; '.join(found)}.", *_fallen(fallen)]),
    )
    return row


@action
def send_deployment(*, actor: Actor, deployment: Deployment) -> Deployment:
    """Show the text to the other parties and ask all four to sign. The practitioner needs an account to sign with."""
    row = lock_deployment(actor, deployment)
    must(actor, row, "send")
    if row.practitioner.user_id is None:
        raise NotNow(
            f"{row.practitioner} has no account here, so they can’t sign.",
            remedy=f"Ask {row.provider} to invite them, then send the agreement.",
        )
    must_be_deployable(row)
    rules.check_not_over(row.ends_on, _today())
    move(row, "send", actor=actor, sent_at=timezone.now())
    return row


@action
def drop_change(*, actor: Actor, deployment: Deployment, reason: str) -> Deployment:
    """Say no to a change of a running agreement, or take it back: the text in force goes on as before."""
    row = lock_deployment(actor, deployment)
    must(actor, row, "drop_change")
    must_run(row)
    if not row.has_change_to_sign:
        raise NotNow("No change waits for signatures.", remedy="Open the deployment to see where it stands.")
    why, dropped = needed(reason, "reason", "Say why the change is not agreed."), row.version
    row.version = row.version_in_force or row.version
    row.save(update_fields=["version"])
    history.write(
        row,
        verb="drop_change",
        before=row.status,
        after=row.status,
        by=actor,
        note=f"Version {dropped} came to nothing; version {row.version} goes on. {why}",
    )
    events.publish(DeploymentChangeDropped(row.pk, dropped))
    return row


def _today() -> date:
    return local(timezone.now()).date()


def _must_be_changeable(row: Deployment) -> None:
    before = (DeploymentStatus.DRAFT, DeploymentStatus.TO_SIGN)
    if row.status not in before:
        must_run(row)


# Making the text -------------------------------------------------------------------------------------------------------


def _version_of(offer: Offer, person: Practitioner) -> OfferVersion:
    version = offer.current
    if offer.status != OfferStatus.PUBLISHED or version is None:
        raise NotBookable("This offer is not open.", remedy="Look for another offer.")
    must_be_sold_by_time(version)
    if not version.practitioners.filter(pk=person.pk).exists():
        raise NotBookable(f"{person} is not named in this offer.", remedy="Choose one of its people.")
    return version


def _selected(request: SupportRequest | None, school: School, offer: Offer) -> RequestResponse | None:
    """The response chosen in the request, for its own school and a person of the provider chosen."""
    if request is None:
        return None
    if request.school_id != school.pk:
        raise NotAllowed("That request is another school’s.", remedy="Choose a request of this school.")
    selected = queries.selected_response(request)
    chosen = selected.invitation.provider
    if offer.provider_id != chosen.pk:
        raise NotBookable(
            f"{chosen} was chosen in {request.reference}, and this offer is by {offer.provider}.",
            remedy=f"Choose one of the people of {chosen}, or agree a deployment without the request.",
        )
    return selected


def _broker(brokered_by: str, provider: Organisation, school: School) -> Organisation:
    if brokered_by == "provider":
        return provider
    authority = Organisation.objects.filter(
        kind=OrganisationKind.LOCAL_AUTHORITY, area=school.area_id
    ).first()
    if brokered_by != "authority" or authority is None:
        raise TermsInvalid(
            "The local authority can’t broker here.", remedy="Let the provider do it.", field="brokered_by"
        )
    return authority


def _terms(
    school: Organisation,
    version: OfferVersion,
    provider: Organisation,
    text: Mapping[str, Any],
    selected: RequestResponse | None,
    *,
    numbered_from: int = 0,
) -> Terms:
    """The text with what follows from it: objectives numbered, the price for this school, and the route it is paid by."""
    starts_on, ends_on, half_days = text["starts_on"], text["ends_on"], text["half_days"]
    draft = Terms(
        focus=text["focus"].strip(),
        background=text.get("background", "").strip(),
        objectives=_objectives(text["objectives"], numbered_from),
        half_days=half_days,
        starts_on=starts_on,
        ends_on=ends_on,
        mid_point_on=text.get("mid_point_on") or _middle(starts_on, ends_on),
        confidentiality=text.get("confidentiality", rules.CONFIDENTIALITY).strip(),
        payer=text.get("payer", "school"),
        school_percent=text.get("school_percent") or 0,
        payer_note=text.get("payer_note", "").strip(),
        price={},
        net_pence=0,
        route="",
        route_reason="",
    )
    rules.check_agreement_terms(draft)
    price = _answered(selected, version, draft) if selected else _by_rule(school, version, draft)
    route = route_for(legal_facts(school), legal_facts(provider))
    return replace(
        draft,
        price=price,
        net_pence=price["total_pence"],
        route=str(route.kind),
        route_reason=route.reason,
    )


def _by_rule(school: Organisation, version: OfferVersion, terms: Terms) -> dict[str, Any]:
    price = quotes.quote(
        version.price_rule,
        version.brokerage_fee,
        catalogue.school_facts(school.school),
        on_date=_today(),
        half_days=terms.half_days,
        minimum_half_days=1,
        starts_on=terms.starts_on,
    )
    return price.to_data()


def _answered(selected: RequestResponse, version: OfferVersion, terms: Terms) -> dict[str, Any]:
    """The price answered; of other days than those answered, their part."""
    invitation = selected.invitation
    return quotes.answered_price(
        pro_rata(selected.price_pence, terms.half_days, selected.half_days),
        version.brokerage_fee,
        half_days=terms.half_days,
        sentence=f"{format_days(terms.half_days).capitalize()} at the price {invitation.provider} answered to"
        f" {invitation.request.reference}: {pounds(selected.price_pence)} for {format_days(selected.half_days)}",
    )


def _middle(starts_on: date, ends_on: date) -> date:
    return rules.middle_of(starts_on, max(starts_on, ends_on))


def _objectives(given: Objectives, numbered_from: int) -> tuple[ObjectiveTerms, ...]:
    """Known objectives keep their number; new ones take numbers nobody had."""
    made, following = [], numbered_from
    for each in given:
        number = each.get("number")
        if not number or number > numbered_from:
            following += 1
            number = following
        made.append(
            ObjectiveTerms(
                number=number,
                aim=each["aim"].strip(),
                success_measure=each["success_measure"].strip(),
                baseline=each["baseline"].strip(),
                area=each["area"],
            )
        )
    return tuple(made)


def _numbers(row: Deployment) -> int:
    """The highest number an objective of any version has had."""
    texts = DeploymentVersion.objects.filter(deployment=row).values_list("terms", flat=True)
    return max((each["number"] for text in texts for each in text["objectives"]), default=0)


def _fallen(signatures: Sequence[DeploymentSignature]) -> list[str]:
    if not signatures:
        return []
    names = ", ".join(each.signed_name for each in signatures)
    return [f"No longer signed, because the text changed: {names}. All four sign again."]
